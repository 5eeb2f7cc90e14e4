"""What goes on inside a network: every layer's output for a picture, its weights, and what excites a filter most."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.insight.loaded_network import Loaded
from core.nets import ResidualBlock, build

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
BATCH = 250  # pictures at once: all layers of a small network then fit the processor's cache


def outputs(loaded: Loaded, picture: NDArray[np.uint8]) -> list[Floats]:
    """The picture (C, H, W) as the network gets it, then what each layer puts out, (K, H, W) or (N,): L + 1 arrays.

    In float32 whatever the network was trained in, so that the numbers of a layer can be followed to the next.
    """
    x = _prepared(loaded, picture[None])
    return [_array(one[0]) for one in (x, *_passed(loaded.network, x))]


def in_block(loaded: Loaded, picture: NDArray[np.uint8], layer: int) -> tuple[list[Floats], list[Floats]]:
    """What the layers within the residual block at that place put out: those of its body, then of its shortcut.

    (K, H, W) or (N,) each, as in `outputs`. Raises ValueError where there is no block.
    """
    block = loaded.network[layer]
    if not isinstance(block, ResidualBlock):
        raise ValueError(f"Layer {layer + 1} is no block.")
    before: nn.Sequential = loaded.network[:layer]
    with torch.inference_mode():
        x = before(_prepared(loaded, picture[None]))
    body, shortcut = ([_array(one[0]) for one in _passed(way, x)] for way in (block.body, block.shortcut))
    return body, shortcut


@lru_cache(maxsize=8)
def with_random_weights(loaded: Loaded, seed: int) -> Loaded:
    """The same network as it is before training: its weights drawn as PyTorch draws them, from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = build(loaded.experiment.layers, loaded.shape)
    return replace(loaded, network=fresh.to(loaded.device.name).eval())


def parameters(loaded: Loaded, layer: int, inner: str = "") -> tuple[Floats, Floats]:
    """Weights and biases of the layer at that place; a layer without either has none, (0,).

    `inner` is a layer's place in the residual block that stands there: "body.3". As torch shapes them, but a transposed
    convolution's as a convolution's, (K, D_in / groups, F_h, F_w). Of a batch norm they are what it multiplies each
    plane with and then adds, (C,) each, its running mean and variance put in. Raises AttributeError for a wrong place.
    """
    module = loaded.network.get_submodule(f"{layer}.{inner}" if inner else str(layer))
    weights, biases = (_array(getattr(module, name, None)) for name in ("weight", "bias"))
    if isinstance(module, nn.ConvTranspose2d):  # (D_in, K / groups, F, F) -> (K, D_in / groups, F, F)
        grouped = weights.reshape(module.groups, -1, *weights.shape[1:]).swapaxes(1, 2)
        weights = grouped.reshape(-1, *grouped.shape[2:])
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        mean, variance = (_array(getattr(module, name)) for name in ("running_mean", "running_var"))
        weights = weights / np.sqrt(variance + np.float32(module.eps))
        biases = biases - mean * weights
    return weights, biases


def strongest(loaded: Loaded, layer: int, pictures: NDArray[np.uint8], most: int) -> tuple[Floats, Integers, Integers]:
    """The `most` of (N, C, H, W) pictures that excite each of a layer's K planes most: three arrays (K, most).

    They are the largest value in the plane, the picture's place in `pictures`, and the winning unit's place in the
    flattened plane (0 for a unit of a flat list, which is a plane of its own). Strongest first; of equals any.
    """
    network: nn.Sequential = loaded.network[: layer + 1]
    values, units = [], []
    with torch.inference_mode():
        for batch in torch.as_tensor(np.array(pictures)).split(BATCH):
            planes = network(_prepared(loaded, batch))
            value, unit = planes.reshape(*planes.shape[:2], -1).max(dim=2)  # (n, K, H * W) -> (n, K)
            values.append(value.cpu())
            units.append(unit.cpu())
    value, unit = torch.cat(values), torch.cat(units)  # (N, K)
    top, places = value.topk(min(most, len(value)), dim=0)
    return top.T.numpy(), places.T.numpy(), unit.gather(0, places).T.numpy()


def _prepared(loaded: Loaded, pictures: NDArray[np.uint8] | Tensor) -> Tensor:
    return loaded.normalization(torch.as_tensor(pictures).to(loaded.device.name), torch.float32)


def _passed(way: nn.Sequential, x: Tensor) -> list[Tensor]:
    """What each layer of `way` puts out."""
    kept = []
    with torch.inference_mode():
        for module in way:
            x = module(x)
            kept.append(x)
    return kept


def _array(tensor: Tensor | None) -> Floats:
    return np.zeros(0, np.float32) if tensor is None else tensor.detach().float().cpu().numpy()
