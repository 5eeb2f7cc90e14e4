"""The invariance laboratory: what trained networks make of a picture that is moved."""

from pathlib import Path

STYLE = Path(__file__).with_name("invariance.css")
