"""Answer the capsules page's queries about a trained network, for `core.runs.inference_server`.

Networks come as their files of weights; arrays travel through `encode_array`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core import data
from core.images import handwriting_measures
from core.insight import capsules, multi_mnist
from core.insight.capsules import NoCapsules
from core.insight.loaded_network import load
from core.insight.transforms import sample_indices
from core.runs.inference_client import MAX_IMAGES, decode_array, encode_array
from core.runs.query_checks import QueryError, of_shape

MAX_DIGITS = 50  # whose capsules are moved in one query
MAX_PAIRS = 500


def capsule_look(network: str, picture: str) -> dict[str, Any]:
    """Return what a capsule network makes of a picture: the fields of `capsules.Look`, arrays encoded.

    Args:
        network: The file of weights.
        picture: uint8 (C, H, W), encoded.

    Raises:
        QueryError: The network has no capsules, or the picture does not fit it.
    """
    loaded = load(Path(network))
    pixels = of_shape(loaded.shape, decode_array(picture)[None])[0]
    try:
        found = capsules.look(loaded, pixels)
    except NoCapsules as error:
        raise QueryError(str(error)) from error
    arrays = {name: encode_array(getattr(found, name)) for name in ("vectors", "primary", "couplings", "routed")}
    return arrays | {"grid": list(found.grid)}


def capsule_effects(
    network: str, dataset: str, count: int, seed: int, digit: int, part: int, parts: int
) -> dict[str, str]:
    """Return how far the numbers of a digit's capsule move the measures of handwriting.

    Args:
        network: The file of weights.
        dataset: Whose test digits.
        count: How many of the class's digits are measured in all parts.
        seed: Of their draw.
        digit: The class.
        part: Every `parts`-th of the digits, from this one on, is measured.
        parts: How many there are.

    Returns:
        "effects": float32 (n, E, measures), as from `capsules.effects`.

    Raises:
        QueryError: The network has no decoder, there is no such digit, or there are too many for one part.
        DataError: The data is not available.
    """
    loaded = load(Path(network))
    whole = data.load(dataset)
    own = np.flatnonzero(whole.test_labels == digit)
    own = own[sample_indices(len(own), count, seed)][part::parts]
    if not 0 < len(own) <= MAX_DIGITS:
        raise QueryError(f"Send 1 to {MAX_DIGITS} test digits at once; there are {len(own)} of the digit {digit}.")
    pictures = of_shape(loaded.shape, whole.test_images[own])
    try:
        return {"effects": encode_array(capsules.effects(loaded, pictures, digit))}
    except NoCapsules as error:
        raise QueryError(str(error)) from error


def handwriting_spread(network: str, dataset: str, count: int, seed: int) -> dict[str, str]:
    """Return the standard deviation of each measure of handwriting over `count` test digits of all classes: "spread".

    Raises:
        QueryError: The digits are not of the network's size.
        DataError: The data is not available.
    """
    whole = data.load(dataset)
    places = sample_indices(len(whole.test_labels), min(count, MAX_IMAGES), seed)
    pictures = of_shape(load(Path(network)).shape, whole.test_images[places])
    return {"spread": encode_array(handwriting_measures.measure(pictures[:, 0] / np.float32(255)).std(axis=0))}


def capsule_pairs(network: str, dataset: str, count: int, seed: int) -> dict[str, str]:
    """Return what a network finds in overlapping test digits.

    Args:
        network: The file of weights.
        dataset: Whose test digits.
        count: How many pairs.
        seed: Of their draw.

    Returns:
        "labels" and "found": (N, 2); and of the first pair: "picture" uint8 (H, W), "alone" uint8 (2, H, W), "lengths"
        (J,) and "drawn" float32 (2, H, W); encoded.

    Raises:
        QueryError: The network has no decoder, or there are too many pairs.
        DataError: The data is not available.
    """
    if not 0 < count <= MAX_PAIRS:
        raise QueryError(f"Send 1 to {MAX_PAIRS} pairs at once.")
    loaded = load(Path(network))
    whole = data.load(dataset)
    side = max(loaded.shape[1], whole.test_images.shape[2])
    drawn = multi_mnist.pairs(whole.test_images, whole.test_labels, count, seed, side)
    try:
        found = capsules.separate(loaded, of_shape(loaded.shape, drawn.pictures))
    except NoCapsules as error:
        raise QueryError(str(error)) from error
    return {
        "labels": encode_array(drawn.labels),
        "found": encode_array(found.found),
        "picture": encode_array(drawn.pictures[0, 0]),
        "alone": encode_array(drawn.alone[0]),
        "lengths": encode_array(found.lengths[0]),
        "drawn": encode_array(found.drawn[0]),
    }


QUERIES: dict[str, Callable[..., Any]] = {
    "capsule_look": capsule_look,
    "capsule_effects": capsule_effects,
    "handwriting_spread": handwriting_spread,
    "capsule_pairs": capsule_pairs,
}
