"""Describe a network as it is now, for the drawing that lives while it trains, at a small share of its time."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.training.clock import Clock
from core.training.evaluation import predict
from core.training.events import (
    LIVE_PICTURES,
    MAX_LIVE_FILTERS,
    MAX_LIVE_LAYERS,
    MAX_LIVE_VALUES,
    SAMPLED_UNITS,
    Live,
    encode_float16,
    encode_uint8,
)
from core.training.session import Session

SECONDS = 0.3  # of training between two, at the least: pages ask about as often
MAX_SHARE = 0.01  # of the training time
UNIT_SIDE = 14  # pixels a side of the small picture that shows a dense unit's weights


class LivePace:
    """When to describe the network: seldom enough to cost at most MAX_SHARE of the training."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing described."""
        self._clock, self._last, self._cost = clock, 0.0, 0.0

    def is_due(self) -> bool:
        """Return whether enough training was done since the last time."""
        return self._clock.training - self._last >= max(SECONDS, self._cost / MAX_SHARE)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what a description within this block costs."""
        began = time.perf_counter()
        yield
        self._last, self._cost = self._clock.training, time.perf_counter() - began


def live(session: Session) -> Live:
    """Return the network as it is now."""
    network, data = session.evaluated_network, session.data
    rows = first_of_each_class(data.test_labels.cpu().numpy())
    pictures = data.normalized(data.test_images[rows])
    shares, answers = predict(network, pictures, session.device, session.views).nan_to_num().max(dim=1)
    return Live(
        **session.place(),
        rows=rows,
        answers=answers.tolist(),
        shares=[round(share, 3) for share in shares.tolist()],
        filters=_filters(network, tuple(data.info.shape)),
        dense=_dense(network),
    )


def first_of_each_class(labels: NDArray[np.integer]) -> list[int]:
    """Return the row of the first picture of each class, of at most LIVE_PICTURES classes."""
    return [int(row) for row in np.unique(labels, return_index=True)[1][:LIVE_PICTURES]]


@torch.no_grad()
def _filters(network: nn.Sequential, shape: tuple[int, ...]) -> dict[str, object] | None:
    """Return the first layer's filters, or those of the dense units behind a flattened picture, as levels."""
    first = next((module for module in network if not isinstance(module, nn.Flatten)), None)
    match first:
        case nn.Conv2d():
            weights = first.weight
        case nn.Linear() if isinstance(network[0], nn.Flatten) and first.in_features == math.prod(shape):
            weights = first.weight[:MAX_LIVE_FILTERS].unflatten(1, shape)
            if min(shape[1:]) > UNIT_SIDE:
                weights = functional.adaptive_avg_pool2d(weights, UNIT_SIDE)
        case _:
            return None
    shown = min(MAX_LIVE_FILTERS, MAX_LIVE_VALUES // max(weights[0].numel(), 1), len(weights))
    if not shown:
        return None
    weights = weights[:shown].float()
    limits = weights.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-12)
    return encode_uint8((128 + 127 * weights / limits).round().byte().cpu().numpy())


@torch.no_grad()
def _dense(network: nn.Sequential) -> list[dict[str, object]]:
    """Return sampled sizes of the weights of the dense layers."""
    layers = [module for module in network if isinstance(module, nn.Linear)][:MAX_LIVE_LAYERS]
    return [encode_float16(_sampled(layer.weight).cpu().numpy()) for layer in layers]


def _sampled(weights: Tensor) -> Tensor:
    """Return the sizes of the weights between evenly spaced units, times the square root of the inputs."""
    inputs = weights.shape[1]
    for dimension, units in enumerate(weights.shape):
        kept = min(units, SAMPLED_UNITS)
        rows = torch.tensor([int((i + 0.5) * units / kept) for i in range(kept)], device=weights.device)
        weights = weights.index_select(dimension, rows)
    return weights.float().abs() * math.sqrt(inputs)
