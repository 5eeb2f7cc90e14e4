"""The page's two views: one layer, or a whole network. The settings of both stay in the link."""

from collections.abc import Callable

from core.ui.components.one_layer.state import FIELDS
from core.ui.state import network_link, query
from core.ui.views.layer_calculator import inverse, network
from core.ui.widgets import tabs

OF_LAYER = (*FIELDS, "c_tab", *inverse.DEFAULTS)
OF_NETWORK = (network_link.LINK, "c_net_tab", *network.DEFAULTS)


def show(*, one: Callable[[], None], whole: Callable[[], None]) -> None:
    """Draw both tabs. A link that sets a network opens the network, as links did when both were on one screen."""
    has_network = any(key in query.current().texts for key in OF_NETWORK)
    network_link.link(network_link.current())
    tabs.show(
        "c_view",
        {"One layer": one, "A whole network": whole},
        names=("layer", "network"),
        default="network" if has_network else "layer",
    )
    for key in (*OF_LAYER, *OF_NETWORK):
        query.read(key)  # those of closed tabs stay, too
