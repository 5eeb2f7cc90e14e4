"""Parts of the page that trains CIFAR-10: network, training settings, live charts, results."""

from pathlib import Path

STYLE = Path(__file__).with_name("cifar.css")
