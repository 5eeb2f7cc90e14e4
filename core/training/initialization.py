"""Initialize a network as the experiment says: freeze layers, compute filters from pictures, or scale a layer."""

import torch
from torch import Tensor, nn

from core.nets.capsule import CapsuleDecoder, RoutedCapsules
from core.training.experiment import Experiment, ExperimentError
from core.training.whitening import PATCH_IMAGES, whitening_filters


@torch.no_grad()
def prepare(network: nn.Sequential, experiment: Experiment, images: Tensor) -> None:
    """Apply the experiment's switches to a network with random weights.

    Nothing is drawn at random here. A network whose weights are loaded afterwards needs the same call for what is
    frozen.

    Args:
        network: Changed in place.
        experiment: Its settings.
        images: The normalized training pictures, (N, C, H, W).

    Raises:
        ExperimentError: A switch does not suit the network.
    """
    if experiment.dirac_init:
        for module in network.modules():
            if isinstance(module, nn.Conv2d) and module.groups == 1:
                # as many filters as there are planes copy one each; the rest stay random
                nn.init.dirac_(module.weight[: module.weight.shape[1]])
    if experiment.whitening:
        _whiten(network, images)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = experiment.norm_momentum
            if not experiment.norm_scale and module.affine:
                module.weight.requires_grad_(False)
    if experiment.head_scale != 1:
        for parameter in head(network):
            parameter.mul_(experiment.head_scale)


def head(network: nn.Module) -> list[nn.Parameter]:
    """Return the weight and bias of the last layer that has any, apart from a decoder."""
    drawing = {id(part) for one in network.modules() if isinstance(one, CapsuleDecoder) for part in one.modules()}
    last = [
        module
        for module in network.modules()
        if isinstance(module, nn.Linear | nn.Conv2d | RoutedCapsules) and id(module) not in drawing
    ][-1:]
    return [parameter for module in last for parameter in module.parameters()]


def first_filters(network: nn.Sequential) -> Tensor | None:
    """Return the first layer's weights, (K, C, F, F), if it is a convolution; else None."""
    first = next(iter(network))
    return first.weight if isinstance(first, nn.Conv2d) else None


def _whiten(network: nn.Sequential, images: Tensor) -> None:
    first = next(iter(network))
    if not isinstance(first, nn.Conv2d) or first.groups > 1:
        raise ExperimentError(
            "Whitening is for a network that begins with a convolution without groups: switch it off for this one."
        )
    height, width = first.kernel_size
    try:
        filters = whitening_filters(images[:PATCH_IMAGES], (height, width), first.out_channels)
    except ValueError:
        most = 2 * first.in_channels * height * width
        raise ExperimentError(
            f"Whitening has at most {most} filters of {height} × {width}, and the first layer has "
            f"{first.out_channels}: use fewer filters or a larger kernel there, or switch it off."
        ) from None
    first.weight.copy_(filters)
    first.weight.requires_grad_(False)  # a bias, where there is one, is learned
