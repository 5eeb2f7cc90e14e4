"""The page's two views: one layer, or a whole network. The settings of both stay in the link."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.layers.layer_count import MAX_LAYERS
from core.layers.memory import MAX_BATCH, OPTIMIZER_NUMBERS
from core.ui.components.one_layer.state import FIELDS, OneLayerState
from core.ui.state import kept_page, network_link, query
from core.ui.state.url_values import Choice, Field, Number
from core.ui.views.layer_calculator import inverse, layer, network
from core.ui.widgets import tabs

OF_LAYER: dict[str, Field] = {
    **FIELDS,
    "c_tab": Choice("Tab", layer.TABS),
    "c_want": Number("Wanted width of the output (px)", 1, 256),
    "c_budget": Number("Budget (parameters)", 1, inverse.MAX_BUDGET),
}
OF_NETWORK: dict[str, Field] = {
    "c_net_tab": Choice("Tab", network.TABS),
    "c_row": Number("Layer", 1, MAX_LAYERS),
    "c_first": Number("First layer", 1, MAX_LAYERS),
    "c_last": Number("Last layer", 1, MAX_LAYERS),
    "c_batch": Number("Batch size", 1, MAX_BATCH),
    "c_optimizer": Choice("Optimizer", list(OPTIMIZER_NUMBERS)),
}
DEFAULTS: dict[str, Any] = {
    **asdict(OneLayerState()),
    **inverse.DEFAULTS,
    **network.DEFAULTS,
    "c_tab": layer.TABS[0],
    "c_net_tab": network.TABS[0],
}


def show(*, one: Callable[[], None], whole: Callable[[], None]) -> None:
    """Draw both tabs. A link that sets a network opens the network, as links did when both were on one screen."""
    has_network = any(key in kept_page.current().texts for key in (network_link.LINK, *OF_NETWORK))
    network_link.link(network_link.current())
    tabs.show(
        "c_view",
        {"One layer": one, "A whole network": whole},
        names=("layer", "network"),
        default="network" if has_network else "layer",
    )
    for key, setting in {**OF_LAYER, **OF_NETWORK}.items():
        query.value(key, setting, DEFAULTS[key])  # those of closed tabs stay in the link, too
