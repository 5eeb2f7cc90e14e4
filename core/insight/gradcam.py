"""Grad-CAM: the regions of a picture that support a network's prediction, seen from one of its layers. torch.

Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization" (2017). captum and
grad-cam would bring Matplotlib and more along for these few lines.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.insight.loaded_network import Loaded

ZERO_THRESHOLD = 1e-9  # of a logit: a map that is less everywhere is 0, and not noise to be stretched over all colors


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """A network's prediction for one picture, and a Grad-CAM map for each of its layers that puts out planes."""

    logits: NDArray[np.float32]  # (classes,); of capsules their lengths
    answer: int  # the class that the maps are of
    layers: tuple[int, ...]  # places in the network
    maps: tuple[NDArray[np.float32], ...]  # one a layer: (h, w), from 0 on; in the units of the answer's logit


def gradcam(loaded: Loaded, picture: NDArray[np.uint8], answer: int | None = None) -> Maps:
    """Compute the Grad-CAM maps of a picture for all layers at once, in one pass forward and one back.

    Each plane of a layer is weighted by the mean of the logit's gradient over it; the planes are summed, and negative
    values are set to 0. The logit is what comes before a last softmax, or the length of the class's capsule.

    Args:
        loaded: The network.
        picture: uint8 (C, H, W).
        answer: The class to explain; None for the predicted one.

    Raises:
        ValueError: The network does not have that class, or no planes.
    """
    network = loaded.logits.eval()
    planes: dict[int, Tensor] = {}
    values = loaded.prepared(picture[None].copy()).float().requires_grad_()
    with torch.enable_grad():
        for place, module in enumerate(network):
            values = module(values)
            if values.ndim == 4:  # (1, C, h, w)
                planes[place] = values
        logits = values[0]
        target = int(logits.argmax()) if answer is None else answer
        if not 0 <= target < len(logits):
            raise ValueError(f"The network has {len(logits)} classes; there is no class {target}.")
        if not planes:
            raise ValueError("Grad-CAM needs a layer that puts out planes; this network flattens the picture first.")
        gradients = torch.autograd.grad(logits[target], list(planes.values()), allow_unused=True)
    maps = []
    for plane, gradient in zip(planes.values(), gradients, strict=True):
        weights = torch.zeros_like(plane) if gradient is None else gradient.mean(dim=(2, 3), keepdim=True)
        map_ = (weights * plane).sum(dim=1)[0].relu().detach()  # (h, w)
        maps.append((map_ if map_.max() > ZERO_THRESHOLD else torch.zeros_like(map_)).cpu().numpy())
    return Maps(logits.detach().cpu().numpy(), target, tuple(planes), tuple(maps))
