"""The views of the filters page: filter picker, layer drawing and the tools in the tabs."""

from pathlib import Path

STYLE = Path(__file__).with_name("filters.css")
