"""Links from a run to the pages that train or analyze its network, with its settings."""

from functools import lru_cache

import streamlit as st

from core.data import published
from core.layers.specs import Network
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.layout import navigation
from core.ui.run_panels import settings_file
from core.ui.state import link_to_cifar, link_to_mnist, network_link, page_url
from core.ui.state.network_link import Stack

PAGES = {
    link_to_mnist.INPUT_SHAPE: ("mnist", "m"),
    link_to_cifar.SHAPE: ("cifar", "ci"),
}  # with the letters of their keys
PUBLISHED = {"mnist": link_to_mnist.INPUT_SHAPE, "cifar10": link_to_cifar.SHAPE}


def show(experiment: Experiment, run: str) -> None:
    """Draw a link that opens the run's settings on the page that trains it, and one that opens its network."""
    shape, own = _pictures(experiment.data)
    if shape not in PAGES:
        st.caption("Its pictures are not on this machine.")
        return
    page, letters = PAGES[shape]
    data = {f"{letters}_data": own} if own else {}
    navigation.link(
        navigation.find(page),
        "Open",
        {settings_file.from_key(letters): run, **data},
        icon=":material/open_in_new:",
        help="Opens the page that trains it with all settings of this run, ready to be changed",
    )
    if text := _stack(experiment.layers, shape):
        navigation.link(
            navigation.find("layer_calculator"),
            "Network",
            page_url.link_to("layer_calculator", **{network_link.LINK: text}),
            help="Opens its network in the layer calculator, layer by layer",
        )


def _pictures(identity: str) -> tuple[tuple[int, int, int], str]:
    """Return the shape of a dataset's pictures, and its title if it is one that somebody brought."""
    if (shape := PUBLISHED.get(published(identity))) is not None:
        return shape, ""
    for info in client.own_datasets():
        if info.name == identity:
            return info.shape, info.title
    return (0, 0, 0), ""


@lru_cache(maxsize=256)
def _stack(layers: Network, shape: tuple[int, int, int]) -> str:
    """Return the link's text for a network; "" where it is too long."""
    text = network_link.encode(Stack(shape, layers))
    return text if len(text) <= network_link.MAX_LINK_LENGTH else ""
