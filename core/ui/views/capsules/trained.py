"""A trained capsule network: its lengths, its reconstructions and its routing."""

from typing import Any

from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
