"""Links from the calculator to the pages where its network can be trained."""

import streamlit as st

from core.layers.setting_checks import LayerError
from core.size_text import format_shape
from core.training.adapted_network import adapt
from core.ui import messages
from core.ui.layout import navigation
from core.ui.state import link_to_cifar, network_link, page_url
from core.ui.state.link_to_mnist import INPUT_SHAPE, LINK, ending_note, slot, trainable
from core.ui.state.network_link import Stack, StackError


def show(written: Stack) -> StackError | LayerError | None:
    """Draw a link that opens the network on the page that trains it, or return the reason against it."""
    text = network_link.encode(written)
    try:
        layers = network_link.decode(text).layers
        if written.input_shape == link_to_cifar.SHAPE:
            link_to_cifar.read(layers)
            parameters = {
                link_to_cifar.AIM: link_to_cifar.PLAIN,
                link_to_cifar.NET: link_to_cifar.OWN,
                link_to_cifar.STACK: text,
            }
            page, label = "cifar", "Train this on CIFAR-10"
        elif written.input_shape == INPUT_SHAPE:
            trainable(text)
            parameters = page_url.link_to("mnist", **{LINK: text})
            parameters.pop(slot(layers), None)  # it replaces the network chosen there
            page, label = "mnist", "Train this on MNIST"
        else:
            raise StackError(
                f"MNIST's pictures are {format_shape(INPUT_SHAPE)} and CIFAR-10's "
                f"{format_shape(link_to_cifar.SHAPE)}; the input above is {format_shape(written.input_shape)}."
            )
    except (StackError, LayerError) as error:
        st.button("Train this", key="c_train", disabled=True, help="Below the table is what hinders it")
        return error
    navigation.link(navigation.find(page), label, parameters)
    return None


def explain(written: Stack, refusal: StackError | LayerError | None) -> None:
    """Draw why the network cannot be trained and what would help, or what its training leaves out."""
    if refusal is not None:
        messages.caption(f"This network cannot be trained here as it is. {refusal}")
        _offer(written)
    elif note := ending_note(written.layers, written.input_shape):
        st.caption(note)


def _offer(written: Stack) -> None:
    """Draw a button with the changes after which the network can be trained, if there are some."""
    found = adapt(written.layers, written.input_shape)
    if found is not None and found.changes:
        st.button(
            found.sentence,
            key="c_adapt",
            icon=":material/build:",
            help="Change the table so that the network can be trained here; Undo, above, takes it back",
            on_click=network_link.keep,
            args=(Stack(found.input_shape, found.layers),),
        )
