"""What another page's link to the MNIST page holds: a network; and which networks it can train."""

from core.layers import specs
from core.layers.calculator import analyse
from core.layers.ending import ending
from core.layers.limits import check_size
from core.shapes import format_shape
from core.training.validation import check_trainable
from core.ui.state import network_link
from core.ui.state.network_link import StackError

LINK = "m_net"  # in the URL, bound to no widget


FROM_CALCULATOR = "calculator"  # the choice of it on a card


INPUT_SHAPE = (1, 28, 28)


CLASSES = 10


def slot(layers: specs.Network) -> str:
    """The card on which a network stands: a CNN's where it convolves."""
    return "m_cnn" if any(isinstance(layer, specs.Conv) for layer in layers) else "m_mlp"


def _trainable(text: str) -> specs.Network:
    """The layers of a link. Raises StackError or LayerError, with a sentence, where they cannot learn MNIST."""
    layers = network_link.decode(text).layers
    rows = check_size(layers, INPUT_SHAPE)
    if not rows or rows[-1].output_shape != (CLASSES,):
        given = format_shape(rows[-1].output_shape) if rows else "no layer"
        raise StackError(f"There are {CLASSES} digits, so it must end in {CLASSES} numbers; it ends in {given}.")
    check_trainable(layers, INPUT_SHAPE)
    return layers


def ending_note(layers: specs.Network, input_shape: tuple[int, int, int]) -> str:
    """Return what to say of a network that does not end in plain logits; empty for one that does."""
    return ending(analyse(layers, input_shape)).note
