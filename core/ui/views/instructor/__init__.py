"""Parts of the instructor's page."""

from pathlib import Path

STYLE = Path(__file__).with_name("instructor.css")
