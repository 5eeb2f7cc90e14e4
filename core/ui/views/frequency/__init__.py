"""The views of the frequency page."""

from pathlib import Path

STYLE = Path(__file__).with_name("frequency.css")
