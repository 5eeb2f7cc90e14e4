"""Is the claim true: do length and direction follow what capsules promise."""

from typing import Any

from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
