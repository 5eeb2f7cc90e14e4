"""Name what networks put out: probabilities, which sum to 1, or lengths of capsules, which stand for themselves."""

from collections.abc import Iterable

from core.layers.logits import ends_in_lengths
from core.layers.specs import Network
from core.ui.display import numbers

LENGTHS_NOTE = "Lengths of capsules stand for themselves: they need not sum to 1."


def of_each(layers: Network, what: str) -> str:
    """Return what the network's outputs are, for a table of all classes: "Probability of each digit"."""
    return f"Length of each {what}'s capsule" if ends_in_lengths(layers) else f"Probability of each {what}"


def figure(layers: Network, value: float, digits: int = 0) -> str:
    """Return one of the network's outputs as text: a probability in percent with so many digits, or a length.

    Examples:
        >>> from core.layers.builders import CAPSNET
        >>> figure(CAPSNET, 0.931)
        '0.93'
    """
    return f"{value:.2f}" if ends_in_lengths(layers) else numbers.percent(value, digits)


def confidence(layers: Network) -> str:
    """Return what the network's confidence in a prediction is: "the largest probability"."""
    return "the length of the longest capsule" if ends_in_lengths(layers) else "the largest probability"


def lengths_note(networks: Iterable[Network]) -> str:
    """Return a sentence if one of the networks puts out lengths; "" otherwise."""
    return LENGTHS_NOTE if any(map(ends_in_lengths, networks)) else ""


def loss_title(layers: Network) -> str:
    """Return the title of an axis for a network's loss: cross-entropy in nats, or the margin loss, without unit.

    Examples:
        >>> from core.layers.builders import CAPSNET, mlp
        >>> loss_title(mlp([8])), loss_title(CAPSNET)
        ('Cross-entropy (nats)', 'Margin loss')
    """
    return "Margin loss" if ends_in_lengths(layers) else "Cross-entropy (nats)"
