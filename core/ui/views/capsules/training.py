"""Train a capsule network beside a CNN of as many parameters."""

from typing import Any

from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
