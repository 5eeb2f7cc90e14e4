"""A network brought from the layer calculator to a page that trains: in the URL, as the calculator writes it there."""

import streamlit as st

from core.layers import specs
from core.layers.validation import LayerError
from core.ui.state import network_link, query
from core.ui.state.mnist_link import FROM_CALCULATOR, INPUT_SHAPE, LINK, _trainable, slot
from core.ui.state.network_link import Stack, StackError


def arrive() -> specs.Network | None:
    """The network of the URL, or of this session; None where there is none. One that is new is chosen on its card.

    What cannot be trained here is said on the screen and left aside. Call it before the cards are drawn.
    """
    if (written := query.take(LINK)) is not None:
        try:
            layers = _trainable(written)
        except (StackError, LayerError) as error:
            query.write(LINK, None)
            query.report(f"The layer calculator's network cannot be trained here. {error}")
        else:
            st.session_state[LINK] = written
            if query.read(slot(layers)) is None:  # a link without the card's choice means this network
                query.write(slot(layers), FROM_CALCULATOR)
                st.session_state[slot(layers)] = FROM_CALCULATOR
    known = st.session_state.get(LINK)
    return None if known is None else network_link.decode(known).layers


def remember(net: specs.Network | None) -> None:
    """Hold the URL to whether `net` is chosen on its card, so that a link reopens what is on the screen."""
    chosen = net is not None and st.session_state[slot(net)] == FROM_CALCULATOR
    query.write(LINK, st.session_state[LINK] if chosen else None)


def check(layers: specs.Network) -> None:
    """Raise StackError or LayerError, with a sentence, where these layers cannot learn MNIST."""
    _trainable(network_link.encode(Stack(INPUT_SHAPE, layers)))


def bring(layers: specs.Network) -> None:
    """Choose a network on its card as a link would. For callbacks; `check` it before."""
    text = network_link.encode(Stack(INPUT_SHAPE, layers))
    st.session_state[LINK] = text
    query.write(LINK, text)
    st.session_state[slot(layers)] = FROM_CALCULATOR
