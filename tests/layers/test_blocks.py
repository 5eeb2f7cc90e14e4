"""Residual blocks made of layers, and opened into them."""

import pytest

from core.layers.blocks import unwrap, wrap
from core.layers.calculator import LayerError, analyze
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Linear, Network, Pool, Residual


def test_every_block_of_resnet_18_and_50_is_made_again_as_it_was() -> None:
    for name in ("resnet-18-whole", "resnet-50"):
        famous = REFERENCE_NETWORKS[name]
        for place, layer in enumerate(famous.layers):
            if isinstance(layer, Residual):
                opened = unwrap(famous.layers, place)
                assert len(opened) == len(famous.layers) - 1 + len(layer.body)
                assert wrap(opened, famous.input_shape, place, place + len(layer.body) - 1) == famous.layers


def test_a_pooling_in_a_block_is_matched_by_a_stride() -> None:
    layers: Network = (Conv(8, 3, padding=1), Activation(), Pool("max", 2), Flatten(), Linear(10))
    made = wrap(layers, (3, 12, 12), 0, 2)
    assert isinstance(made[0], Residual)
    assert made[0].shortcut == (Conv(8, 1, stride=2),)
    assert analyze(made, (3, 12, 12))[-1].output_shape == (10,)


@pytest.mark.parametrize(
    "layers", [(Conv(8, 3),), (Conv(8, 3, padding=1), BatchNorm(), Flatten()), (Conv(8, 3, padding=4),)]
)
def test_what_no_shortcut_matches_is_refused(layers: Network) -> None:
    with pytest.raises(LayerError, match=r"layer 1: .* 3 × 9 × 9"):
        wrap(layers, (3, 9, 9), 0, len(layers) - 1)
