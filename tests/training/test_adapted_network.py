"""The changes with which a network can be trained on the pictures of this app."""

import pytest

from core.layers.limits import check_size
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import Activation, AdaptivePool, Conv, Flatten, Linear, Network
from core.training.adapted_network import adapt
from core.training.experiment_checks import check_trainable
from core.ui.state import network_link
from core.ui.state.network_link import Stack


@pytest.mark.parametrize("name", REFERENCE_NETWORKS)
def test_every_reference_network_can_be_trained(name: str) -> None:
    famous = REFERENCE_NETWORKS[name]
    found = adapt(famous.layers, famous.input_shape)
    assert found is not None
    assert check_size(found.layers, found.input_shape)[-1].output_shape == (10,)
    check_trainable(found.layers, found.input_shape)
    linked = network_link.decode(network_link.encode(Stack(found.input_shape, found.layers)))  # short enough for a link
    assert linked.layers == found.layers
    assert bool(found.changes) is (found.layers != famous.layers)


@pytest.mark.parametrize(
    ("layers", "shape", "sentence"),
    [
        (
            REFERENCE_NETWORKS["lenet-5"].layers,
            (1, 32, 32),
            "Set the picture to 28 × 28 and layer 1's padding to 2",
        ),
        ((Conv(10, 28),), (1, 28, 28), "Add a Flatten"),
        ((Conv(10, 3), AdaptivePool("average", 1), Activation("softmax")), (3, 32, 32), "Add a Flatten"),
        ((Flatten(), Linear(7), Activation("softmax")), (1, 28, 28), "Set layer 2's units to 10"),
        ((Conv(8, 3),), (1, 28, 28), "Add a Flatten and a fully connected layer of 10 units"),
        ((Flatten(), Linear(10)), (4, 30, 31), "Set the picture to 3 × 32 × 32"),
        ((Flatten(), Linear(10)), (3, 32, 32), ""),
    ],
)
def test_the_changes_in_words(layers: Network, shape: tuple[int, int, int], sentence: str) -> None:
    found = adapt(layers, shape)
    assert found is not None
    assert found.sentence == sentence


def test_what_no_change_helps() -> None:
    assert adapt((), (1, 28, 28)) is None
    assert adapt((Flatten(), Linear(10), Activation("tanh")), (1, 28, 28)) is None
