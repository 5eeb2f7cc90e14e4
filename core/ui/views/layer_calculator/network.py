"""The whole network: its table, its totals, its cost by layer, and the tools below."""

import streamlit as st
from markupsafe import Markup

from core.ui import messages
from core.ui.components import layer_table
from core.ui.components.undo_redo import undo_redo
from core.ui.display import colors
from core.ui.display.formulas import spaced
from core.ui.display.layer_groups import merge_stages, stages
from core.ui.display.network_diagram import network_svg, scrolled
from core.ui.layout import page_frame
from core.ui.state import network_link
from core.ui.state.network_link import ParsedStack, Stack
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import (
    blocks,
    cost_breakdown,
    export,
    load_network,
    memory,
    train_link,
    what_to_notice,
)
from core.ui.widgets import tabs

DEFAULTS = {"c_row": 1, **memory.DEFAULTS, **blocks.DEFAULTS}
TABS = ("cost", "memory", "drawing", "formulas", "export", "reference")
MAX_STAGES_DRAWN = 30  # more would not be legible


@st.fragment  # an edit reruns only this part of the page
def show(settings: Settings) -> None:
    """Draw the table with its tools, what the last edit changed, and the tools below."""
    written = network_link.current()
    reading = network_link.read(written)
    rows, refusal = reading.rows, None
    with page_frame.stage():
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key="c_toolbar"):
            load_network.picker(written)
            undo_redo("c_stack", written, network_link.keep, what="the table")
            if rows and reading.error is None:
                blocks.show(settings, written)
                refusal = train_link.show(written)
        rows_shown = Markup("<style>[class*='st-key-c_table'] {{ --rows: {} }}</style>")  # its height is known at once
        st.html(rows_shown.format(len(written.layers) + 1))
        layer_table.show(written, reading)
    linked = network_link.link(written) is not None
    if reading.error is not None:
        message = str(reading.error)
        note = " The totals count only the layers before it." if rows else ""
        messages.warning(f"{message[0].upper()}{message[1:]}{note}")
    if not rows:
        return
    page_frame.notice(*what_to_notice.sentences(rows))
    load_network.was_read(written)
    if (comparison := load_network.comparison(written)) is not None:
        st.markdown(comparison)
    if reading.error is None:
        train_link.explain(written, refusal)
    tabs.show(
        "c_net_tab",
        {
            "Cost by layer": lambda: cost_breakdown.show(rows),
            "Memory": lambda: memory.show(settings, rows),
            "Drawing": lambda: _draw(reading),
            "Formulas": lambda: _formulas(settings, reading),
            "Export": lambda: _export(reading, written, linked),
            "Reference networks": load_network.reference_table,
        },
        names=TABS,
    )


def _export(reading: ParsedStack, written: Stack, linked: bool) -> None:
    if reading.error is None:
        export.show(written, reading.rows, linked)
    else:
        st.markdown("Fix the errors above to export the network.")


def _draw(reading: ParsedStack) -> None:
    layers = [row.layer for row in reading.rows]
    shape = reading.rows[0].input_shape
    all_stages = stages(layers, shape)
    drawn = merge_stages(all_stages)
    if len(drawn) > MAX_STAGES_DRAWN:
        st.markdown(f"A drawing of more than {MAX_STAGES_DRAWN} stages would not be legible: remove some layers.")
        return
    svg = network_svg(layers, shape, color=colors.kind(layers).color, title="The network, layer by layer")
    st.markdown(scrolled(svg), unsafe_allow_html=True)
    if len(drawn) < len(all_stages):
        st.caption(
            "Consecutive layers whose planes have the same height and width are drawn as one block: a deep network "
            "halves its planes only a few times and does most of its work in between."
        )


def _formulas(settings: Settings, reading: ParsedStack) -> None:
    last = len(reading.rows)
    with st.container(width=220):
        number = settings.number("c_row", "Layer", 1, last, help="Its number in the table")
    with st.container(key="c_formula_row"):
        st.latex(spaced(reading.rows[number - 1].formula))
