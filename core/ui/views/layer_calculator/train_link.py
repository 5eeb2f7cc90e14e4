"""Links from the calculator to the pages where its network can be trained."""

import streamlit as st

from core.layers.validation import LayerError
from core.ui import messages
from core.ui.layout import navigation
from core.ui.state import cifar_link, network_link, query
from core.ui.state.mnist_link import BROUGHT, INPUT_SHAPE, LINK, _sizes, _trainable, ending_note, slot
from core.ui.state.network_link import Stack, StackError


def send(written: Stack) -> None:
    """In the calculator: the link that opens the stack where its pictures are learned, or what stands in the way."""
    text = network_link.encode(written)
    try:
        layers = network_link.decode(text).layers
        if written.input_shape == cifar_link.SHAPE:
            cifar_link.read(layers)
            own = {
                cifar_link.AIM: cifar_link.PLAIN,
                cifar_link.NET: cifar_link.OWN,
                cifar_link.STACK: text,
            }
            navigation.link(navigation.find("cifar"), "Train this on CIFAR-10", own)
        elif written.input_shape == INPUT_SHAPE:
            _trainable(text)
            brought = {LINK: text, slot(layers): BROUGHT}
            navigation.link(navigation.find("mnist"), "Train this on MNIST", query.link_to("mnist", **brought))
        else:
            raise StackError(
                f"MNIST's pictures are {_sizes(INPUT_SHAPE)} and CIFAR-10's "
                f"{_sizes(cifar_link.SHAPE)}; the input above "
                f"is {_sizes(written.input_shape)}."
            )
        if note := ending_note(layers, written.input_shape):
            st.caption(note)
    except (StackError, LayerError) as error:
        messages.caption(f"It cannot be trained here as it is. {error}")
