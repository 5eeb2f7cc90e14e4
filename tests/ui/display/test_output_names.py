"""What outputs and losses are called, by the network's end."""

from core.layers.builders import CAPSNET, mlp
from core.layers.specs import Flatten, Linear, PrimaryCapsules, RoutedCapsules
from core.ui.display import output_names

FLATTENED = (PrimaryCapsules(2), RoutedCapsules(10), Flatten(), Linear(10))  # capsules, but logits in the end


def test_only_a_network_that_ends_in_lengths_puts_out_lengths() -> None:
    named = [output_names.of_each(network, "digit") for network in (mlp([8]), FLATTENED, CAPSNET)]
    assert named == ["Probability of each digit", "Probability of each digit", "Length of each digit's capsule"]
    assert output_names.confidence(CAPSNET) != output_names.confidence(FLATTENED)
    assert output_names.lengths_note([mlp([8]), FLATTENED]) == ""
    assert output_names.lengths_note([mlp([8]), CAPSNET]) == output_names.LENGTHS_NOTE


def test_the_axis_of_a_loss_names_it() -> None:
    assert [output_names.loss_title(network) for network in (mlp([8]), CAPSNET, FLATTENED)] == [
        "Cross-entropy (nats)",
        "Margin loss",
        "Cross-entropy (nats)",
    ]
