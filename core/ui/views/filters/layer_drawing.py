"""The drawing of the layer."""

from core.ui.components.filter_layer import filter_layer
from core.ui.state import page_state, query
from core.ui.state.url_values import Choice
from core.ui.views.filters import layer_controls, what_to_notice
from core.ui.views.filters.layer import MIXES, Layer, shown_titles


def show(layer: Layer) -> str:
    """Draw the picture, the filters and the block of planes; return the key of the selected filter."""
    keys = [item.key for item in layer.filters]
    selected = filter_layer(
        layer.picture,
        layer.filters,
        key=page_state.key(layer_controls.KEY),
        alt=f"{layer.alt}. {len(keys)} filters make a block of planes: {shown_titles(layer.filters)}.",
        selected=query.value(layer_controls.PLANE, Choice("Plane", keys), keys[0]),
        edits=layer.edits,
        relu=layer.relu,
        stride=layer.stride,
        border=layer.border,
        mixes=MIXES if layer.depth == 3 else None,
        editable=True,
        notice=lambda selected: what_to_notice.sentences(layer, selected),
    )
    layer_controls.remember(layer, selected)
    layer_controls.reset_button(layer)
    return selected
