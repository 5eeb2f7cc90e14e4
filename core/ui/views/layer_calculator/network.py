"""The whole network: its table, its totals, where its cost is, and the tools below."""

import streamlit as st

from core.ui import messages
from core.ui.components import layer_table
from core.ui.components.undo_redo import undo_redo
from core.ui.display.colors import CNN
from core.ui.display.network_diagram import network_svg
from core.ui.display.network_stages import merge_stages, stages
from core.ui.state import network_link
from core.ui.state.network_link import ParsedStack, Stack
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import cost_breakdown, export, load_network
from core.ui.widgets import tabs

DEFAULTS = {"c_row": 1}
DRAWN = 30  # stages, up to which the drawing is legible


@st.fragment  # an edit moves this part of the page alone
def show(settings: Settings) -> None:
    """The networks to load, the table, and what follows from it."""
    written = network_link.current()
    load_network.buttons()
    undo_redo("c_stack", written, network_link.keep, what="the table")
    linked = network_link.link(written) is not None
    reading = network_link.read(written)
    if (said := load_network.comparison(written)) is not None:
        st.markdown(said)
    layer_table.show(written, reading)
    rows = reading.rows
    if reading.error is not None:
        said = str(reading.error)
        more = " What follows counts the layers before it." if rows else ""
        messages.warning(f"{said[0].upper()}{said[1:]}{more}")
    if not rows:
        return
    cost_breakdown.figures(rows)
    st.subheader("Where are the parameters, and where is the work?", anchor=False)
    cost_breakdown.chart(rows)
    with st.container(key="c_notice"):
        st.markdown("".join(f"\n- {line}" for line in cost_breakdown.notices(rows)))
    tabs.show(
        "c_net_tab",
        {
            "Drawn to scale": lambda: _draw(reading),
            "Formulas": lambda: _formula(settings, reading),
            "Take it with you": lambda: _take(reading, written, linked),
            "All the famous ones": load_network.table,
        },
        names=("drawing", "formulas", "export", "reference"),
    )


def _take(reading: ParsedStack, written: Stack, linked: bool) -> None:
    if reading.error is None:
        export.show(written, reading.rows, linked)
    else:
        st.markdown("Once every layer fits, the network can be taken away as a program, a table or a link.")


def _draw(reading: ParsedStack) -> None:
    layers = [row.layer for row in reading.rows]
    shape = reading.rows[0].input_shape
    found = stages(layers, shape)
    told = merge_stages(found)
    if len(told) > DRAWN:
        st.markdown(f"A drawing of more than {DRAWN} stages would not be legible: take some layers out.")
        return
    svg = network_svg(layers, shape, color=CNN.color, title="The network, layer by layer")
    # On a phone the drawing keeps its size and is scrolled: with tabindex, by the keyboard too.
    st.markdown(
        f'<div class="wide" tabindex="0" role="group" aria-label="The drawing">{" ".join(svg.split())}</div>',
        unsafe_allow_html=True,
    )
    if len(told) < len(found):
        st.caption(
            "Layers in a row whose planes have the same height and width stand as one block: a deep network halves its "
            "planes only now and then, and does most of its work in between."
        )


def _formula(settings: Settings, reading: ParsedStack) -> None:
    last = len(reading.rows)
    with st.container(width=220):
        place = settings.number("c_row", "Layer", 1, last, help="Its place in the table")
    with st.container(key="c_formula_row"):
        st.latex(reading.rows[place - 1].formula)
