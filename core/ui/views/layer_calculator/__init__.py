"""The views of the layer calculator: one convolution, then a whole network as a table."""

from pathlib import Path

STYLE = Path(__file__).with_name("layer_calculator.css")
