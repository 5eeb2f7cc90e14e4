"""The page "What happens inside a whole network?": send a picture through a trained network, layer by layer."""

from pathlib import Path

STYLE = Path(__file__).with_name("anatomy.css")
