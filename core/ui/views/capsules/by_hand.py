"""Vectors by hand: parts that are turned, moved and covered, and the wholes that they vote for."""

from typing import Any

from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
