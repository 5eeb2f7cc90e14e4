"""Answer queries about transformed pictures, for `core.runs.inference_server`: of the invariance and capsules pages.

Networks come as their files of weights; arrays travel through `encode_array`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.data import mnist_40
from core.insight import affnist, equivariance, invariance
from core.insight.loaded_network import Loaded, load
from core.insight.transforms import AffineTransform
from core.runs.inference_client import MAX_IMAGES, decode_array, encode_array
from core.runs.query_checks import QueryError, of_shape

MAX_MOVES = 200  # in one query


def transformed(networks: list[str], picture: str, moves: list[list[float]]) -> dict[str, Any]:
    """Return several networks' probabilities for a picture under M transforms.

    Args:
        networks: The files of weights.
        picture: uint8 (C, H, W), encoded.
        moves: `AffineTransform.to_list` of each.

    Returns:
        {"picture": the picture after the first transform, uint8 (C, H, W), "probabilities": (M, classes) a network},
        encoded.
    """
    pixels, transforms = torch.from_numpy(decode_array(picture)), _moves(moves)
    answers = []
    for network in networks:
        loaded = load(Path(network))
        of_shape(loaded.shape, pixels.numpy()[None])
        answers.append(encode_array(invariance.probabilities(loaded, pixels, transforms)))
    first = invariance.transform(pixels[None], transforms[:1])[0].round().clamp(0, 255).byte()
    return {"picture": encode_array(first.numpy()), "probabilities": answers}


def shift_map(network: str, dataset: str, count: int, seed: int, part: int, parts: int) -> dict[str, str]:
    """Return the predicted classes at all shifts for every `parts`-th picture from `part` on: uint8 (17, 17, n)."""
    loaded, pictures, _ = _with_pictures(network, dataset, count, seed)
    return {"answers": encode_array(invariance.shift_map(loaded, pictures[part::parts]))}


def moved_answers(network: str, dataset: str, count: int, seed: int, moves: list[list[float]]) -> dict[str, str]:
    """Return the predicted classes of N test pictures under M transforms: uint8 (M, N)."""
    loaded, pictures, _ = _with_pictures(network, dataset, count, seed)
    return {"answers": encode_array(invariance.answers(loaded, pictures, _moves(moves)))}


def layers_moved(network: str, dataset: str, count: int, seed: int, dx: int) -> dict[str, str]:
    """Return how far each layer's output changes, and its equivariance error: "change" and "misfit", (L,) each."""
    loaded, pictures, _ = _with_pictures(network, dataset, count, seed)
    change, misfit = invariance.layers_moved(loaded, pictures, dx)
    return {"change": encode_array(change), "misfit": encode_array(misfit)}


def moved_planes(network: str, picture: str, moves: list[list[float]], layers: list[int]) -> list[str]:
    """Return the outputs of some layers for a picture (C, H, W) under M transforms: (M, K, H, W) a layer, encoded."""
    loaded = load(Path(network))
    pixels = of_shape(loaded.shape, decode_array(picture)[None])[0]
    found = invariance.planes(loaded, torch.from_numpy(pixels.copy()), _moves(moves), layers)
    return [encode_array(one) for one in found]


def affnist_answers(network: str, dataset: str, count: int, seed: int) -> dict[str, str]:
    """Return the predictions of a network for 40 x 40 pixels on digits placed at random, and on affNIST-like ones.

    Returns:
        "placed" and "affnist": uint8 (N,) each; "pictures": the first eight affNIST-like ones, uint8 (8, 40, 40);
        encoded.

    Raises:
        QueryError: The network takes other pictures.
    """
    loaded = load(Path(network))
    if loaded.shape != mnist_40.INFO.shape:
        raise QueryError("affNIST's pictures have 40 x 40 pixels, and this network takes another size.")
    pictures, _ = invariance.some_pictures(count, seed, dataset)
    transformed = affnist.affnist(pictures, seed)
    both = {"placed": affnist.placed_at_random(pictures, seed), "affnist": transformed}
    found = {
        name: invariance.answers(loaded, torch.from_numpy(images), [AffineTransform()])[0]
        for name, images in both.items()
    }
    return {name: encode_array(answers) for name, answers in found.items()} | {
        "pictures": encode_array(transformed[:8, 0])
    }


def followed(network: str, dataset: str, count: int, seed: int, moves: list[list[float]]) -> dict[str, str]:
    """Return how the estimate and the vector of N test pictures' true classes follow M transforms, encoded.

    The arrays are those of `core.insight.equivariance.Followed`, by their names.
    """
    loaded, pictures, labels = _with_pictures(network, dataset, count, seed)
    found = equivariance.follow(loaded, pictures, labels, _moves(moves))
    return {name: encode_array(values) for name, values in found._asdict().items()}


def moved_pictures(picture: str, moves: list[list[float]]) -> str:
    """Return a picture, uint8 (C, H, W), under M transforms: uint8 (M, C, H, W), encoded."""
    pixels, transforms = torch.from_numpy(decode_array(picture)), _moves(moves)
    images = invariance.transform(pixels.expand(len(transforms), *pixels.shape), transforms)
    return encode_array(images.round().clamp(0, 255).byte().numpy())


def _with_pictures(network: str, dataset: str, count: int, seed: int) -> tuple[Loaded, torch.Tensor, NDArray[np.int64]]:
    """Return a network, and the test pictures that it is queried about with their labels.

    Raises:
        QueryError: The pictures do not fit the network.
        DataError: The data is not available.
    """
    loaded = load(Path(network))
    pictures, labels = invariance.some_pictures(min(count, MAX_IMAGES), seed, dataset)
    of_shape(loaded.shape, pictures[:1].numpy())
    return loaded, pictures, labels


def _moves(moves: list[list[float]]) -> list[AffineTransform]:
    """Return the transforms of a query.

    Raises:
        QueryError: There are none, too many, or one of them is outside its limits.
    """
    if not 0 < len(moves) <= MAX_MOVES:
        raise QueryError(f"Send 1 to {MAX_MOVES} transforms at once.")
    try:
        return [AffineTransform.from_list(move) for move in moves]
    except ValueError as error:
        raise QueryError(str(error)) from error


QUERIES: dict[str, Callable[..., Any]] = {
    "transformed": transformed,
    "shift_map": shift_map,
    "moved_answers": moved_answers,
    "layers_moved": layers_moved,
    "moved_planes": moved_planes,
    "affnist_answers": affnist_answers,
    "followed": followed,
    "moved_pictures": moved_pictures,
}
