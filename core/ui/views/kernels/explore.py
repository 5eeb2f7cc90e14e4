"""What there is to learn from the picture and the kernel, once they are at rest: the page's tabs."""

import streamlit as st

from core.ui.components import on_rest
from core.ui.state.settings import Settings
from core.ui.views.kernels import color_planes, export, filter_chain, gradient, kernel_facts, line_profile, playground
from core.ui.widgets import tabs


@st.fragment
def show(settings: Settings) -> None:
    """Draw the tabs; only the open one does any work."""
    on_rest.follow(playground.NAME)
    look = playground.latest()
    tabs.show(
        "k_tab",
        {
            "The kernel itself": lambda: kernel_facts.show(look.kernel),
            "Color as three planes": lambda: color_planes.show(look.chosen),
            "Edges: how strong, which way": lambda: gradient.show(settings, look.chosen),
            "Along a line": lambda: line_profile.show(look.chosen, look.kernel),
            "Filters in a row": lambda: filter_chain.show(settings, look.seen, look.kernel),
            "Take it with you": lambda: export.show(look.seen, look.kernel, look.answer),
        },
        names=("kernel", "color", "gradient", "profile", "chain", "export"),
    )
