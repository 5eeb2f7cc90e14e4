"""Networks from the layer calculator, which a link brings to this page."""

import streamlit as st

from core.layers import specs
from core.layers.setting_checks import LayerError
from core.ui.state import network_link, query
from core.ui.state.link_to_mnist import CAPSULES, CAPSULES_SWITCH, FROM_CALCULATOR, INPUT_SHAPE, LINK, slot, trainable
from core.ui.state.network_link import Stack, StackError


def load_from_url() -> specs.Network | None:
    """Return the network of the URL, or of this session, or None; a new one is selected on its card.

    A network that cannot be trained is reported in the page and ignored. Call this before the cards are drawn.
    """
    if (text := query.take(LINK)) is not None:
        try:
            layers = trainable(text)
        except (StackError, LayerError) as error:
            query.write(LINK, None)
            query.report(f"The layer calculator's network cannot be trained here. {error}")
        else:
            st.session_state[LINK] = text
            if query.read(slot(layers)) is None:  # a link without a selection on the card means this network
                query.write(slot(layers), FROM_CALCULATOR)
                _show(layers)
    known = st.session_state.get(LINK)
    return None if known is None else network_link.decode(known).layers


def remember(net: specs.Network | None) -> None:
    """Write `net` to the URL if it is selected on its card, so that a link reopens the page as it is."""
    chosen = net is not None and _is_shown(net) and st.session_state[slot(net)] == FROM_CALCULATOR
    query.write(LINK, st.session_state[LINK] if chosen else None)


def check(layers: specs.Network) -> None:
    """Raise StackError or LayerError if these layers cannot learn MNIST."""
    trainable(network_link.encode(Stack(INPUT_SHAPE, layers)))


def select(layers: specs.Network) -> None:
    """Select a network on its card, as a link does. For callbacks; `check` the network first."""
    text = network_link.encode(Stack(INPUT_SHAPE, layers))
    st.session_state[LINK] = text
    query.write(LINK, text)
    _show(layers)


def _is_shown(layers: specs.Network) -> bool:
    """Return whether a network's card is on the page."""
    return slot(layers) != CAPSULES or bool(st.session_state[CAPSULES_SWITCH])


def _show(layers: specs.Network) -> None:
    """Select the calculator's network on its card, which is there for capsules only when they are switched on."""
    st.session_state[slot(layers)] = FROM_CALCULATOR
    if slot(layers) == CAPSULES:
        st.session_state[CAPSULES_SWITCH] = True
