"""The page on which CIFAR-10 is trained: its network and recipe, its live charts, and what is asked afterwards."""

from pathlib import Path

STYLE = Path(__file__).with_name("cifar.css")
