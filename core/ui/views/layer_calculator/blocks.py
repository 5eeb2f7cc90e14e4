"""Make a residual block of rows of the table, and open a block into rows, where it is edited."""

import streamlit as st

from core.layers.blocks import unwrap, wrap
from core.layers.setting_checks import LayerError
from core.layers.specs import Layer, Residual
from core.ui import messages
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from core.ui.state.settings import Settings

DEFAULTS = {"c_first": 1, "c_last": 1}


def show(settings: Settings, written: Stack) -> None:
    """Draw both tools in a popover. The whole network is valid, and has layers."""
    with st.popover(
        "Blocks",
        icon=":material/alt_route:",
        help="Make a block of some layers, or open one to edit its layers",
    ):
        count = len(written.layers)
        st.markdown("Its input is added to the output of the layers in it (He, Zhang, Ren & Sun 2015).")
        first = settings.number("c_first", "First layer", 1, count, help="Its number in the table")
        last = settings.number("c_last", "Last layer", 1, count, help="Its number in the table")
        first, last = min(first, last), max(first, last)
        try:
            wrapped = wrap(written.layers, written.input_shape, first - 1, last - 1)
        except LayerError as error:
            messages.caption(f"{error}"[:1].upper() + f"{error}"[1:])
            wrapped = None
        st.button(
            f"Make a block of layers {first} to {last}" if first < last else f"Make a block of layer {first}",
            key="c_wrap",
            disabled=wrapped is None,
            help="Where input and output differ in shape, its shortcut is a 1 × 1 convolution",
            on_click=_keep,
            args=(written, wrapped),
        )
        if blocks := [place for place, layer in enumerate(written.layers, 1) if isinstance(layer, Residual)]:
            place = st.selectbox(
                "Block", blocks, key="c_open_block", format_func="Layer {}".format, help="Which to open"
            )
            st.button(
                f"Open block {place} into rows",
                key="c_unwrap",
                help="Its layers become rows that can be edited, without its shortcut; then make the block again",
                on_click=_keep,
                args=(written, unwrap(written.layers, place - 1)),
            )


def _keep(written: Stack, layers: tuple[Layer, ...] | None) -> None:
    if layers is not None:
        network_link.keep(Stack(written.input_shape, layers))
