"""The invariance page: how trained networks respond to transformed pictures."""

from pathlib import Path

STYLE = Path(__file__).with_name("invariance.css")
