"""Look inside a capsule network: its capsules for a picture, its routing, and what each number of a capsule draws.

torch: for the inference server, not for pages.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.images import handwriting_measures
from core.insight.loaded_network import Loaded
from core.nets.capsule import CapsuleDecoder, PrimaryCapsules, RoutedCapsules, lengths

Floats = NDArray[np.float32]
STEP = 0.25  # by which a number of a capsule is moved either way, as in the paper
ITERATIONS = 5  # of routing that are shown
BATCH = 500  # pictures at once
Kind = TypeVar("Kind", bound=nn.Module)


class NoCapsules(ValueError):
    """Raised for a network without the layer that a question is about; the message is a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a capsule network makes of one picture."""

    vectors: Floats  # (J, E): each class's capsule
    primary: Floats  # (I,): lengths of the primary capsules
    couplings: Floats  # (R, I, J): the coefficients of each iteration of routing, the first one's all 1 / J
    routed: Floats  # (R, J): the lengths of the classes' capsules after as many iterations
    grid: tuple[int, int, int]  # types, rows, columns of the primary capsules: I in all


def look(loaded: Loaded, picture: NDArray[np.uint8]) -> Look:
    """Return what a network makes of a picture (C, H, W).

    Raises:
        NoCapsules: The network has none.
    """
    place, primary = _find(loaded, PrimaryCapsules)
    _, routing = _find(loaded, RoutedCapsules)
    with torch.inference_mode():
        poses = loaded.network[: place + 1](loaded.prepared(picture[None].copy(), torch.float32))
        vectors = routing(poses)
        steps = [routing.routed(poses, iterations) for iterations in range(1, ITERATIONS + 1)]
    types = primary.out_channels // primary.dimensions
    side = math.isqrt(poses.shape[1] // types)  # of a square picture
    return Look(
        vectors=_array(vectors[0]),
        primary=_array(lengths(poses[0])),
        couplings=np.stack([_array(coefficients[0]) for _, coefficients in steps]),
        routed=np.stack([_array(lengths(found[0])) for found, _ in steps]),
        grid=(types, side, side),
    )


def vectors(loaded: Loaded, pictures: NDArray[np.uint8]) -> Tensor:
    """Return the classes' capsules of pictures (N, C, H, W): (N, J, E) float32."""
    front: nn.Sequential = loaded.network[: _find(loaded, RoutedCapsules)[0] + 1]
    with torch.inference_mode():
        batches = (pictures[at : at + BATCH].copy() for at in range(0, len(pictures), BATCH))
        return torch.cat([front(loaded.prepared(batch, torch.float32)) for batch in batches])


def redraw(loaded: Loaded, capsules: Tensor, classes: Tensor) -> Floats:
    """Return what the decoder draws of (N, J, E) capsules, one class (N,) of each: (N, H, W), from 0 to 1.

    Raises:
        NoCapsules: The network has no decoder.
    """
    _, decoder = _find(loaded, CapsuleDecoder)
    with torch.inference_mode():
        parts = zip(capsules.split(BATCH), classes.split(BATCH), strict=True)
        drawn = torch.cat([decoder.pictures(*part) for part in parts])
    return _array(drawn).reshape(-1, *loaded.shape[1:])


def effects(loaded: Loaded, pictures: NDArray[np.uint8], digit: int) -> Floats:
    """Return how far each number of a digit's capsule moves each measure of handwriting.

    Each number in turn is set STEP lower and STEP higher than the network has it for a picture, and both
    reconstructions are measured.

    Args:
        loaded: The network, with a decoder.
        pictures: (N, C, H, W), all of that digit.
        digit: The class whose capsule is moved.

    Returns:
        (N, E, measures): the measure at +STEP less that at -STEP, in the measure's unit.

    Raises:
        NoCapsules: The network has no decoder.
    """
    capsules = vectors(loaded, pictures)
    count, _, size = capsules.shape
    moved = capsules[:, None, None].repeat(1, size, 2, 1, 1)  # (N, E, 2, J, E)
    for number in range(size):
        moved[:, number, 0, digit, number] -= STEP
        moved[:, number, 1, digit, number] += STEP
    drawn = redraw(loaded, moved.flatten(0, 2), torch.full((count * size * 2,), digit))
    low, high = np.moveaxis(handwriting_measures.measure(drawn).reshape(count, size, 2, -1), 2, 0)
    return (high - low).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Separated:
    """Two overlapping digits, told apart by a network: its two longest capsules, each drawn alone."""

    lengths: Floats  # (N, J)
    found: NDArray[np.int64]  # (N, 2): the classes of the two longest capsules, the longest first
    drawn: Floats  # (N, 2, H, W), from 0 to 1


def separate(loaded: Loaded, pictures: NDArray[np.uint8]) -> Separated:
    """Return what a network with a decoder sees in pictures (N, C, H, W) of two digits each.

    Raises:
        NoCapsules: The network has no decoder.
    """
    capsules = vectors(loaded, pictures)
    found = lengths(capsules).topk(2, dim=1).indices  # (N, 2)
    drawn = redraw(loaded, capsules.repeat_interleave(2, dim=0), found.flatten())
    return Separated(_array(lengths(capsules)), found.numpy(), drawn.reshape(len(pictures), 2, *drawn.shape[1:]))


def _find(loaded: Loaded, kind: type[Kind]) -> tuple[int, Kind]:
    """Return a network's layer of this kind, after its index."""
    for index, module in enumerate(loaded.network):
        if isinstance(module, kind):
            return index, module
    raise NoCapsules(f"This network has no layer {kind.__name__}: it needs capsules and a decoder.")


def _array(tensor: Tensor) -> Floats:
    return tensor.float().cpu().numpy()
