"""Grad-CAM against its older brother CAM, which it generalizes, and against differences taken by hand."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.insight.gradcam import gradcam
from core.insight.loaded_network import Loaded
from core.layers.specs import Activation, Conv, Flatten, GlobalPool, Linear, Network, Pool
from core.nets.network import build
from core.training.augmentation.normalization import Normalization
from core.training.devices import choose
from core.training.experiment import Experiment

SHAPE = (3, 16, 16)
PICTURE = np.random.default_rng(1).integers(0, 256, SHAPE, np.uint8)


def loaded(layers: Network) -> Loaded:
    torch.manual_seed(0)
    network: nn.Sequential = build(layers, SHAPE).eval()
    normalization = Normalization((0.5, 0.4, 0.3), (0.2, 0.25, 0.3))
    return Loaded(Experiment(layers=layers), network, SHAPE, normalization, choose("cpu", "float32"))


def test_before_a_mean_of_all_it_is_cam() -> None:
    """Zhou et al. 2016: the planes weighted by the class's own weights; the mean divides by the plane's area."""
    one = loaded((Conv(8, 3, padding=1), Activation(), GlobalPool(), Flatten(), Linear(10)))
    found = gradcam(one, PICTURE, 4)
    with torch.inference_mode():
        planes = one.network[:2](one.prepared(PICTURE[None]))[0]  # (8, 16, 16)
        cam = torch.einsum("c,chw->hw", one.network[4].weight[4], planes).relu() / (16 * 16)
    np.testing.assert_allclose(found.maps[found.layers.index(1)], cam.numpy(), rtol=1e-4, atol=1e-7)


def test_the_gradient_is_that_of_differences() -> None:
    """In float64: each plane's weight is how the logit changes when the whole plane is raised, divided by its area."""
    one = loaded((Conv(4, 3), Activation("tanh"), Pool("average", 2), Flatten(), Linear(10)))
    found = gradcam(one, PICTURE, 7)
    network = one.network.double()
    with torch.inference_mode():
        planes = network[:2](one.prepared(PICTURE[None]).double())

        def logit(raised: Tensor) -> float:
            return float(network[2:](raised)[0, 7])

        weights = []
        for channel in range(4):
            nudge = torch.zeros_like(planes)
            nudge[0, channel] = 1e-4
            weights.append((logit(planes + nudge) - logit(planes - nudge)) / 2e-4 / planes[0, 0].numel())
        expected = torch.einsum("c,chw->hw", torch.tensor(weights, dtype=torch.float64), planes[0]).relu()
    np.testing.assert_allclose(found.maps[found.layers.index(1)], expected.numpy(), rtol=1e-4, atol=1e-6)


def test_without_a_class_it_is_of_the_answer() -> None:
    one = loaded((Conv(8, 3), Activation(), Pool("max", 2), Flatten(), Linear(10)))
    found = gradcam(one, PICTURE)
    assert found.answer == int(found.logits.argmax())
    assert found.layers == (0, 1, 2)
    assert [one.shape for one in found.maps] == [(14, 14), (14, 14), (7, 7)]


def test_a_layer_of_one_pixel_has_a_map_of_one_number() -> None:
    one = loaded((Conv(8, 3), Activation(), GlobalPool("max"), Flatten(), Linear(10)))
    assert gradcam(one, PICTURE).maps[2].shape == (1, 1)


def test_maps_are_not_negative_and_the_network_is_left_as_it_was() -> None:
    one = loaded((Conv(8, 3), Activation(), GlobalPool(), Flatten(), Linear(10)))
    before = {name: tensor.clone() for name, tensor in one.network.state_dict().items()}
    found = gradcam(one, PICTURE)
    assert all(map_.min() >= 0 for map_ in found.maps)
    assert all(torch.equal(before[name], tensor) for name, tensor in one.network.state_dict().items())
    assert all(parameter.grad is None for parameter in one.network.parameters())


@pytest.mark.parametrize("answer", [-1, 10])
def test_a_class_that_is_none_is_refused(answer: int) -> None:
    one = loaded((Conv(8, 3), Activation(), GlobalPool(), Flatten(), Linear(10)))
    with pytest.raises(ValueError, match="classes"):
        gradcam(one, PICTURE, answer)
