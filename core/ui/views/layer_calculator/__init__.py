"""The layer calculator's page, part by part: one convolution by its letters, then a whole network as a table."""

from pathlib import Path

STYLE = Path(__file__).with_name("layer_calculator.css")
