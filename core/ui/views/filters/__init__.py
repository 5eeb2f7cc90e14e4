"""The page "How do filters become a layer?": its filters, what the layer puts out, and the tools below it."""

from pathlib import Path

STYLE = Path(__file__).with_name("filters.css")
