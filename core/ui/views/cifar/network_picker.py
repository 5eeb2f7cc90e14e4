"""Selection of the network: a named one, or one from the layer calculator; its shapes and its cost."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import streamlit as st

from core.layers import specs
from core.layers.calculator import LayerError, Row, totals
from core.layers.cifar_networks import NETWORKS
from core.layers.logits import ending
from core.layers.specs import BatchNorm, Network, Residual
from core.size_text import format_shape
from core.ui import messages
from core.ui.display import layer_groups, numbers
from core.ui.state import network_link, query
from core.ui.state.link_to_cifar import NET, NORM, OWN, OWN_TITLE, STACK, read, rows_of
from core.ui.state.network_link import StackError
from core.ui.state.settings import Settings, begin
from core.ui.state.url_values import Flag
from core.ui.views.cifar.page_texts import COURSE_NOTES, facts_html

TABLE_HEIGHT = 180  # px: four layers; the others scroll
SPEED = ("small", "mid", "large", "record")  # designed for the training settings of the speed records
ABOUT = {
    "exercise": f"Three blocks of convolution and pooling, then two dense layers: the exercise of {COURSE_NOTES}.",
    "small": "Three convolutions after a computed first layer, designed for 70 % in seconds.",
    "mid": "The same design, two to three times as wide.",
    "large": "Five convolutions, wide and at full resolution, designed for 90 %.",
    "record": "The network that holds the speed record for 94 % on a GPU (airbench, Jordan 2024).",
    "resnet-18": "ResNet-18 with a 3 × 3 stem: shortcuts around every two convolutions (He et al. 2015).",
}


@dataclass(frozen=True, slots=True)
class PickedNetwork:
    """A network that can be trained."""

    name: str  # of NETWORKS, or OWN
    title: str
    layers: Network
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """Number of parameters of all layers."""
        return totals(self.rows).parameters

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations for one picture."""
        return totals(self.rows).macs


def name_of(layers: Network) -> str:
    """Return the name in NETWORKS of exactly these layers, or OWN."""
    return next((name for name, (_, known) in NETWORKS.items() if known == layers), OWN)


def title_of(layers: Network) -> str:
    """Return the title of these layers, with or without batch norm."""
    for title, known in NETWORKS.values():
        if layers == known:
            return title
        if layers == without_norm(known):
            return f"{title} without batch norm"
    return "Own network"


@lru_cache(maxsize=64)
def without_norm(layers: Network) -> Network:
    """Return the network without batch norm, also inside its blocks."""
    kept: list[specs.Layer] = []
    for layer in layers:
        if isinstance(layer, Residual):
            kept.append(Residual(without_norm(layer.body), without_norm(layer.shortcut)))
        elif not isinstance(layer, BatchNorm):
            kept.append(layer)
    return tuple(kept)


def pick(settings: Settings, on_change: Callable[[], None] | None = None) -> PickedNetwork | None:
    """Draw the selection and the cost. Return None, with an error on the page, if the network is invalid."""
    name = settings.choice(
        NET,
        "Network",
        [*NETWORKS, OWN],
        format=lambda key: NETWORKS[key][0] if key in NETWORKS else OWN_TITLE,
        help="A named network, or your own from the layer calculator",
        on_change=on_change,
    )
    try:
        layers = NETWORKS[name][1] if name in NETWORKS else _own(settings)
        begin(NORM, Flag("Batch norm"), settings.defaults[NORM])  # its switch is drawn further down
        if settings.defaults[NORM] and not st.session_state[NORM]:
            layers = without_norm(layers)
        rows = read(layers)
    except (LayerError, StackError) as error:
        messages.error(f"This network cannot learn CIFAR-10. {error}")
        if isinstance(error, StackError):
            query.write(STACK, None)  # not a network: the text stays in the field, but not in the URL
        return None
    picked = PickedNetwork(name, title_of(layers), layers, rows)
    parameters, macs = numbers.count(picked.parameters), numbers.short(picked.macs)
    st.html(facts_html([(parameters, "parameters"), (macs, "MACs per picture")]))
    if name in ABOUT:
        st.caption(ABOUT[name])
    if note := ending(rows).note:
        st.caption(note)
    return picked


def _own(settings: Settings) -> Network:
    """Return the layers of the link or JSON in the text field; if it is empty, the calculator's start network."""
    st.button(
        "Use the calculator's network",
        icon=":material/input:",
        on_click=_use_calculator_network,
        help="Use the network from the layer calculator",
    )
    text = settings.text(
        STACK,
        "Link to the network",
        most=network_link.MAX_LINK_LENGTH,
        help="The address of the layer calculator with a network in it, or the part after c_net=",
    )
    return network_link.decode(linked(text)).layers if text else network_link.START.layers


def linked(text: str) -> str:
    """Return the network in a link to the layer calculator; other text is returned unchanged."""
    values = parse_qs(urlsplit(text.strip()).query).get(network_link.LINK)
    return values[0] if values else text.strip()


def _use_calculator_network() -> None:
    st.session_state[STACK] = network_link.encode(network_link.current())


def layers_table(layers: Network) -> None:
    """Draw a table of the network's layers; the network itself is drawn above the charts."""
    rows = rows_of(layers)
    table = pd.DataFrame(
        {
            "Layer": [layer_groups.NAMES.get(type(row.layer).__name__, type(row.layer).__name__) for row in rows],
            "Output": [format_shape(row.output_shape) for row in rows],
            "Parameters": [row.parameters for row in rows],
            "MACs": [row.macs for row in rows],
        }
    )
    st.dataframe(
        table,
        height=TABLE_HEIGHT,
        hide_index=True,
        alt="The network's layers with their outputs, parameters and MACs",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Parameters", "MACs")},
    )
    capsules = (
        "; of capsules, their number × numbers of each" if any(len(row.output_shape) == 2 for row in rows) else ""
    )
    st.caption(f"Output: channels × height × width{capsules}. MACs: multiply-accumulate operations for one picture.")
