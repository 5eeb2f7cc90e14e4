"""A network brought from the layer calculator to a page that trains: in the URL, as the calculator writes it there."""

import streamlit as st

from core.layers import specs
from core.layers.validation import LayerError
from core.ui import messages
from core.ui.state import network_link
from core.ui.state.mnist_link import BROUGHT, INPUT_SHAPE, LINK, _trainable, slot
from core.ui.state.network_link import Stack, StackError


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
