"""What the words on drawings of networks mean, in a phrase each: for their tooltips, and where a page explains more."""

import re
from collections.abc import Iterable

from markupsafe import Markup

from core.layers.specs import Network
from core.ui.display.layer_groups import ACTIVATIONS, describe_layer

MEANINGS = {
    "conv": "convolution: windows of weights, the filters, slide over the picture",
    "filters": "each of them computes one plane, a picture of where it matches",
    "stride": "the step from one window to the next, in pixels",
    "up-conv": "transposed convolution: each value adds a scaled kernel, and the planes become larger",
    "pad": "pixels are added around every plane",
    "max": "max pooling: of each window the largest value is kept",
    "mean": "average pooling: of each window the mean is kept",
    "blur": "blur pooling: a weighted mean of each window is kept",
    "pool": "pooling: each window becomes one number",
    "norm": "batch norm: brings every plane to the same scale",
    **dict.fromkeys(
        ("group norm", "instance norm", "layer norm"),
        "each value, less a mean over one picture, divided by a deviation",
    ),
    **dict.fromkeys(ACTIVATIONS.values(), "an activation: it changes every value by itself, as ReLU does"),
    "ReLU": "sets values below 0 to 0",
    "drop": "dropout: in training, random values are set to 0",
    "flatten": "all values in one list",
    "dense": "each unit sums all values before it, each times a weight of its own",
    "block": "a few layers, whose output is added to what went in",
    "shortcut": "what went in is added to what comes out",
    "capsules": "groups of numbers: the length says that a part is there, the direction how it lies",
    "types": "kinds of parts that capsules look for",
    "routing": "capsules that agree count more for the next ones",
    "iterations": "how often the shares are computed",
    "decoder": "in training, redraws the picture from the numbers of one capsule",
    "lengths": "the length of each class's capsule is its answer",
    "parameters": "the numbers that training sets: weights and biases",
    "MACs": "multiply-accumulates: multiplications with an addition, for one picture",
}
"""By a word or a whole label, in the order of the course; "16 filters" and "1 filter" are one word."""


def of_label(label: str) -> str:
    """Return what a label means, or else the first of its words that has a meaning here; "" if none has.

    Examples:
        >>> of_label("32 filters")
        'filters: each of them computes one plane, a picture of where it matches'
        >>> of_label("3 × 28 × 28")
        ''
    """
    word = next(iter(_words([label])), None)
    return f"{word}: {MEANINGS[word]}" if word else ""


def of_networks(networks: Iterable[Network]) -> list[str]:
    """Return a line of Markdown for each word on the drawings of networks."""
    layers = dict.fromkeys(layer for network in networks for layer in network)
    used = _words(line for layer in layers for line in describe_layer(layer))
    return [f"**{word}**: {meaning}" for word, meaning in MEANINGS.items() if word in {*used, "parameters", "MACs"}]


def titled(word: str) -> Markup:
    """Return a word of MEANINGS as HTML that tells its meaning to who points at it."""
    return Markup('<abbr title="{}">{}</abbr>').format(MEANINGS[word], word)


def _words(labels: Iterable[str]) -> dict[str, None]:
    """Return the words with a meaning, in the order of the labels."""
    parts = (part for label in labels for part in ([label] if label in MEANINGS else label.split()))
    found = (re.sub("^filter$", "filters", part.strip(":")) for part in parts)
    return dict.fromkeys(word for word in found if word in MEANINGS)
