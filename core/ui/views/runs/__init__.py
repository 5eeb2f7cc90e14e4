"""What the board of all runs alone draws."""

from pathlib import Path

STYLE = Path(__file__).with_name("runs.css")
