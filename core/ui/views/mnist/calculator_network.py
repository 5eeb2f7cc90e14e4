"""A network brought from the layer calculator to a page that trains: in the URL, as the calculator writes it there."""

import streamlit as st

from core.layers import specs
from core.layers.calculator import analyse
from core.layers.ending import ending
from core.layers.limits import check_size
from core.layers.validation import LayerError
from core.training.validation import check_trainable
from core.ui import messages
from core.ui.layout import page_frame
from core.ui.state import network_link
from core.ui.state.network_link import Stack, StackError
from core.ui.views.cifar import network_picker, training_settings

LINK = "m_net"  # in the URL, bound to no widget
BROUGHT = "calculator"  # the choice of it on a card
INPUT_SHAPE = (1, 28, 28)
CLASSES = 10


def arrive() -> specs.Network | None:
    """The network of the URL, or of this session; None where there is none. One that is new is chosen on its card.

    What cannot be trained here is said on the screen and left aside. Call it before the cards are drawn.
    """
    written = st.query_params.get(LINK)
    if written is not None and written != st.session_state.get(LINK):
        try:
            layers = _trainable(written)
        except (StackError, LayerError) as error:
            del st.query_params[LINK]
            messages.error(f"The layer calculator's network cannot be trained here. {error}")
        else:
            st.session_state[LINK] = written
            st.session_state[slot(layers)] = BROUGHT
    known = st.session_state.get(LINK)
    return None if known is None else network_link.decode(known).layers


def slot(layers: specs.Network) -> str:
    """The card on which a network stands: a CNN's where it convolves."""
    return "m_cnn" if any(isinstance(layer, specs.Conv) for layer in layers) else "m_mlp"


def remember(net: specs.Network | None) -> None:
    """Hold the URL to whether `net` is chosen on its card, so that a link reopens what is on the screen."""
    if net is not None and st.session_state[slot(net)] == BROUGHT:
        st.query_params[LINK] = st.session_state[LINK]
    elif LINK in st.query_params:
        del st.query_params[LINK]


def check(layers: specs.Network) -> None:
    """Raise StackError or LayerError, with a sentence, where these layers cannot learn MNIST."""
    _trainable(network_link.encode(Stack(INPUT_SHAPE, layers)))


def bring(layers: specs.Network) -> None:
    """Choose a network on its card as a link would. For callbacks; `check` it before."""
    text = network_link.encode(Stack(INPUT_SHAPE, layers))
    st.session_state[LINK] = st.query_params[LINK] = text
    st.session_state[slot(layers)] = BROUGHT


def send(written: Stack) -> None:
    """In the calculator: the link that opens the stack where its pictures are learned, or what stands in the way."""
    text = network_link.encode(written)
    try:
        layers = network_link.decode(text).layers
        if written.input_shape == network_picker.SHAPE:
            network_picker.read(layers)
            own = {training_settings.AIM: training_settings.aims()[training_settings.PLAIN], network_picker.NET: network_picker.OWN_TITLE, network_picker.STACK: text}
            page_frame.link(page_frame.find("cifar"), "Train this on CIFAR-10", own)
        elif written.input_shape == INPUT_SHAPE:
            _trainable(text)
            page_frame.link(page_frame.find("mnist"), "Train this on MNIST", {LINK: text})
        else:
            raise StackError(
                f"MNIST's pictures are {_sizes(INPUT_SHAPE)} and CIFAR-10's {_sizes(network_picker.SHAPE)}; the input above "
                f"is {_sizes(written.input_shape)}."
            )
        if note := ending_note(layers, written.input_shape):
            st.caption(note)
    except (StackError, LayerError) as error:
        messages.caption(f"It cannot be trained here as it is. {error}")


def _trainable(text: str) -> specs.Network:
    """The layers of a link. Raises StackError or LayerError, with a sentence, where they cannot learn MNIST."""
    layers = network_link.decode(text).layers
    rows = check_size(layers, INPUT_SHAPE)
    if not rows or rows[-1].output_shape != (CLASSES,):
        given = _sizes(rows[-1].output_shape) if rows else "no layer"
        raise StackError(f"There are {CLASSES} digits, so it must end in {CLASSES} numbers; it ends in {given}.")
    check_trainable(layers, INPUT_SHAPE)
    return layers


def ending_note(layers: specs.Network, input_shape: tuple[int, int, int]) -> str:
    """Return what to say of a network that does not end in plain logits; empty for one that does."""
    return ending(analyse(layers, input_shape)).note


def _sizes(shape: tuple[object, ...]) -> str:
    return " × ".join(str(size) for size in shape)
