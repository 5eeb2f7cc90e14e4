"""The page "What happens inside a whole network?": a picture goes through a trained network, layer by layer."""

from pathlib import Path

STYLE = Path(__file__).with_name("anatomy.css")
