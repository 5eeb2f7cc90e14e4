"""Links from the calculator to the pages where its network can be trained."""

import streamlit as st

from core.layers.validation import LayerError
from core.shapes import format_shape
from core.ui import messages
from core.ui.layout import navigation
from core.ui.state import cifar_link, network_link, query
from core.ui.state.mnist_link import INPUT_SHAPE, LINK, _trainable, ending_note, slot
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
            brought = query.link_to("mnist", **{LINK: text})
            brought.pop(slot(layers), None)  # what was chosen on its card gives way to it
            navigation.link(navigation.find("mnist"), "Train this on MNIST", brought)
        else:
            raise StackError(
                f"MNIST's pictures are {format_shape(INPUT_SHAPE)} and CIFAR-10's "
                f"{format_shape(cifar_link.SHAPE)}; the input above is {format_shape(written.input_shape)}."
            )
        if note := ending_note(layers, written.input_shape):
            st.caption(note)
    except (StackError, LayerError) as error:
        messages.caption(f"It cannot be trained here as it is. {error}")
