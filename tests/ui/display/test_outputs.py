"""What outputs and losses are called, by the network's end."""

from core.layers.builders import CAPSNET, mlp
from core.layers.specs import Flatten, Linear, PrimaryCapsules, RoutedCapsules
from core.ui.display import outputs

FLATTENED = (PrimaryCapsules(2), RoutedCapsules(10), Flatten(), Linear(10))  # capsules, but logits in the end


def test_only_a_network_that_ends_in_lengths_puts_out_lengths() -> None:
    named = [outputs.of_each(network, "digit") for network in (mlp([8]), FLATTENED, CAPSNET)]
    assert named == ["Probability of each digit", "Probability of each digit", "Length of each digit's capsule"]
    assert outputs.confidence(CAPSNET) != outputs.confidence(FLATTENED)
    assert outputs.lengths_note([mlp([8]), FLATTENED]) == ""
    assert outputs.lengths_note([mlp([8]), CAPSNET]) == outputs.LENGTHS_NOTE


def test_an_axis_names_every_loss_on_it() -> None:
    titles = [outputs.loss_title(networks) for networks in ([], [mlp([8])], [CAPSNET], [CAPSNET, FLATTENED])]
    assert titles == ["Loss (nats)", "Loss (nats)", "Margin loss", "Loss (nats, or margin)"]
