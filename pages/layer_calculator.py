"""The layer calculator: a single convolution, and a whole network as a table."""

from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import STYLE, inverse, layer, layer_or_network, network

page_frame.page("layer_calculator", STYLE)
settings = Settings({**inverse.DEFAULTS, **network.DEFAULTS})

layer_or_network.show(one=lambda: layer.show(settings), whole=lambda: network.show(settings))

page_frame.onward("layer_calculator")
