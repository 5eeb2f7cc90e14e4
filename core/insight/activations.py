"""Look inside a network: every layer's output for a picture, its weights, and the pictures that activate it most.

Outputs are planes (K, H, W), capsules (I, D), or a list (N,).
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.insight.loaded_network import Loaded
from core.nets.capsule import RoutedCapsules, lengths
from core.nets.network import ResidualBlock, build

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
BATCH = 250  # pictures at once: all layers of a small network then fit the processor's cache


def outputs(loaded: Loaded, picture: NDArray[np.uint8]) -> list[Floats]:
    """Return the picture (C, H, W) as the network gets it, then each layer's output: L + 1 arrays.

    They are float32 whatever the network was trained in, so that the numbers of a layer can be followed to the next.
    """
    x = loaded.prepared(picture[None], torch.float32)
    return [_array(one[0]) for one in (x, *_passed(loaded.network, x))]


def in_block(loaded: Loaded, picture: NDArray[np.uint8], layer: int) -> tuple[list[Floats], list[Floats]]:
    """Return the outputs of the layers within a residual block: those of its body, then of its shortcut.

    Returns:
        As from `outputs`.

    Raises:
        ValueError: There is no block at that place.
    """
    block = loaded.network[layer]
    if not isinstance(block, ResidualBlock):
        raise ValueError(f"Layer {layer + 1} is no block.")
    before: nn.Sequential = loaded.network[:layer]
    with torch.inference_mode():
        x = before(loaded.prepared(picture[None], torch.float32))
    body, shortcut = ([_array(one[0]) for one in _passed(way, x)] for way in (block.body, block.shortcut))
    return body, shortcut


def routing(loaded: Loaded, picture: NDArray[np.uint8], layer: int) -> tuple[Floats, Floats]:
    """Return how capsules are routed for a picture: the coupling coefficients (I, J), and the predictions (J, I, E).

    Raises:
        ValueError: The layer at that place does not route.
    """
    module = loaded.network[layer]
    if not isinstance(module, RoutedCapsules):
        raise ValueError(f"Layer {layer + 1} does not route capsules.")
    before: nn.Sequential = loaded.network[:layer]
    with torch.inference_mode():
        poses = before(loaded.prepared(picture[None], torch.float32)).float()
        _, coefficients = module.routed(poses)
        predictions = torch.einsum("id,jide->jie", poses[0], module.weight.float().expand(-1, poses.shape[1], -1, -1))
    return _array(coefficients[0]), _array(predictions)


@lru_cache(maxsize=8)
def with_random_weights(loaded: Loaded, seed: int) -> Loaded:
    """Return the same network as before training: its weights drawn as PyTorch draws them, from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = build(loaded.experiment.layers, loaded.shape)
    return replace(loaded, network=fresh.to(loaded.device.name).eval())


def parameters(loaded: Loaded, layer: int, inner: str = "") -> tuple[Floats, Floats]:
    """Return weights and biases of a layer; a layer without either has none, (0,).

    They are shaped as in torch, except that a transposed convolution's are shaped as a convolution's, (K, D_in /
    groups, F_h, F_w). For a batch norm they are the scale and shift that it applies to each plane, (C,) each, with its
    running mean and variance folded in.

    Args:
        loaded: The network.
        layer: The layer's index.
        inner: A layer's place in the residual block there, such as "body.3"; empty for the layer itself.

    Raises:
        AttributeError: There is no such layer.
    """
    module = loaded.network.get_submodule(f"{layer}.{inner}" if inner else str(layer))
    weights, biases = (_array(getattr(module, name, None)) for name in ("weight", "bias"))
    if isinstance(module, nn.ConvTranspose2d):  # (D_in, K / groups, F, F) -> (K, D_in / groups, F, F)
        grouped = weights.reshape(module.groups, -1, *weights.shape[1:]).swapaxes(1, 2)
        weights = grouped.reshape(-1, *grouped.shape[2:])
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        mean, variance = (_array(getattr(module, name)) for name in ("running_mean", "running_var"))
        if not module.affine:
            weights, biases = np.ones_like(mean), np.zeros_like(mean)
        weights = weights / np.sqrt(variance + np.float32(module.eps))
        biases = biases - mean * weights
    return weights, biases


def strongest(loaded: Loaded, layer: int, pictures: NDArray[np.uint8], most: int) -> tuple[Floats, Integers, Integers]:
    """Return the `most` of (N, C, H, W) pictures that activate each of a layer's K planes most, strongest first.

    A unit of a flat layer, and a capsule, is a plane of its own; a capsule's activation is its length.

    Returns:
        Three arrays (K, most): the largest value in the plane, the picture's index in `pictures`, and the winning
        unit's index in the flattened plane (0 for a unit of a flat layer, and for a capsule).
    """
    network: nn.Sequential = loaded.network[: layer + 1]
    values, units = [], []
    with torch.inference_mode():
        for batch in torch.as_tensor(np.array(pictures)).split(BATCH):
            planes = network(loaded.prepared(batch, torch.float32))
            if planes.ndim == 3:
                planes = lengths(planes)
            value, unit = planes.reshape(*planes.shape[:2], -1).max(dim=2)  # (n, K, H * W) -> (n, K)
            values.append(value.cpu())
            units.append(unit.cpu())
    value, unit = torch.cat(values), torch.cat(units)  # (N, K)
    top, places = value.topk(min(most, len(value)), dim=0)
    return top.T.numpy(), places.T.numpy(), unit.gather(0, places).T.numpy()


def _passed(way: nn.Sequential, x: Tensor) -> list[Tensor]:
    """Return the output of each layer of `way`."""
    kept = []
    with torch.inference_mode():
        for module in way:
            x = module(x)
            kept.append(x)
    return kept


def _array(tensor: Tensor | None) -> Floats:
    return np.zeros(0, np.float32) if tensor is None else tensor.detach().float().cpu().numpy()
