"""Parameters of a link to the MNIST page (a network), and a check of the networks it can train."""

from core.layers import specs
from core.layers.calculator import analyze
from core.layers.limits import check_size
from core.layers.logits import ending
from core.size_text import format_shape
from core.training.experiment_checks import check_trainable
from core.ui.state import network_link
from core.ui.state.network_link import StackError

LINK = "m_net"  # in the URL, bound to no widget
FROM_CALCULATOR = "calculator"  # the option on a card that stands for it
INPUT_SHAPE = (1, 28, 28)
CLASSES = 10
CAPSULES, CAPSULES_SWITCH = "m_cap", "m_capsules"  # the capsules' card, and the switch that adds it


def slot(layers: specs.Network) -> str:
    """Return the card of a network: the capsules', the CNN's if it has a convolution, or else the MLP's."""
    if any(isinstance(layer, specs.PrimaryCapsules) for layer in layers):
        return CAPSULES
    return "m_cnn" if any(isinstance(layer, specs.Conv) for layer in layers) else "m_mlp"


def trainable(text: str) -> specs.Network:
    """Return the layers of a link. Raises StackError or LayerError, with a sentence, if they cannot learn MNIST."""
    layers = network_link.decode(text).layers
    rows = check_size(layers, INPUT_SHAPE)
    if not rows or rows[-1].output_shape != (CLASSES,):
        given = format_shape(rows[-1].output_shape) if rows else "no layer"
        flat = " Add a Flatten at its end." if rows and rows[-1].output_shape == (CLASSES, 1, 1) else ""
        raise StackError(f"The network must end in {CLASSES} numbers, one per digit; it ends in {given}.{flat}")
    check_trainable(layers, INPUT_SHAPE)
    return layers


def ending_note(layers: specs.Network, input_shape: tuple[int, int, int]) -> str:
    """Return a note for a network that does not end in plain logits: a softmax, say, or lengths; empty for others."""
    return ending(analyze(layers, input_shape)).note
