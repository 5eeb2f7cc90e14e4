"""Follow a network's estimate of the true class, and the vector behind it, while pictures are transformed.

torch: for the inference server. `core.insight.robustness` summarizes what is found here.

The vector is what the network's last step reads: the true class's capsule, whose length is the estimate, or the hidden
units before a CNN's last fully connected layer. Capsules claim that the length stays and that the direction turns.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.insight.invariance import BATCH, transform
from core.insight.loaded_network import Loaded
from core.insight.transforms import AffineTransform
from core.training import objective
from core.training.evaluation import autocast


class Followed(NamedTuple):
    """N pictures under M transforms, in their order. Angles are in degrees, from 0 to 180."""

    estimates: NDArray[np.float32]  # (M, N), of the true class: a capsule's length, or a probability
    turned: NDArray[np.float32]  # (M, N), the angle between the vector and that of the unchanged picture
    steps: NDArray[np.float32]  # (M - 1, N), the angle between the vectors of neighboring transforms
    others: NDArray[np.float32]  # (N,), the angle to the next picture of the same class, both unchanged


def follow(loaded: Loaded, pictures: Tensor, labels: NDArray[np.int64], moves: Sequence[AffineTransform]) -> Followed:
    """Return how the estimate and the vector behind it follow transforms, in the network's own number format.

    Args:
        loaded: The network.
        pictures: uint8 (N, C, H, W).
        labels: (N,), the true classes.
        moves: M transforms, neighbors beside each other.
    """
    classes = torch.from_numpy(labels)
    _, still = _read(loaded, pictures.float(), classes)
    found = [_read(loaded, transform(pictures, [move] * len(pictures)), classes) for move in moves]
    estimates, vectors = (torch.stack(list(each)) for each in zip(*found, strict=True))
    values = (
        estimates,
        angles(vectors, still.expand_as(vectors)),
        angles(vectors[1:], vectors[:-1]),
        angles(still, still[_next_of_class(classes)]),
    )
    return Followed(*(value.float().numpy() for value in values))


def angles(first: Tensor, second: Tensor) -> Tensor:
    """Return the angles in degrees between vectors (..., D), exact also for nearly equal ones; 0 where one is 0."""
    first, second = (nn.functional.normalize(vectors.double(), dim=-1) for vectors in (first, second))
    return torch.rad2deg(2 * torch.atan2((first - second).norm(dim=-1), (first + second).norm(dim=-1)))


def _read(loaded: Loaded, images: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the estimates (N,) of the true classes, and the vectors (N, D), for pictures in [0, 255], on the CPU."""
    network = loaded.logits
    last = _last_step(network)
    estimates, vectors = [], []
    with torch.inference_mode(), autocast(loaded.device):
        for part, true in zip(loaded.prepared(images).split(BATCH), classes.split(BATCH), strict=True):
            behind = network[:last](part.contiguous(memory_format=torch.channels_last))
            rows, true = torch.arange(len(true)), true.to(behind.device)
            estimates.append(objective.probabilities(network, network[last:](behind).float())[rows, true].cpu())
            capsules = objective.ends_in_lengths(network)
            vectors.append((behind[rows, true] if capsules else behind.flatten(1)).float().cpu())
    return torch.cat(estimates), torch.cat(vectors)


def _last_step(network: nn.Sequential) -> int:
    """Return the index of what reads the vector: the lengths of capsules, or the last layer with weights."""
    if objective.ends_in_lengths(network):
        return len(network) - 1
    return max((place for place, module in enumerate(network) if any(True for _ in module.parameters())), default=0)


def _next_of_class(classes: Tensor) -> Tensor:
    """Return, for each picture, the index of the next one of its class, the last one's being the first (N,)."""
    following = torch.empty_like(classes)
    for label in classes.unique():
        places = (classes == label).nonzero().flatten()
        following[places] = places.roll(-1)
    return following
