"""What there is to learn from the picture and the kernel, once they are at rest: the page's tabs."""

import streamlit as st

from core.ui.components import on_rest
from core.ui.filtering import cube, facts, line, looking, row, strength, taking
from core.ui.state.settings import Settings
from core.ui.widgets import tabs


@st.fragment
def show(settings: Settings) -> None:
    """Draw the tabs; only the open one does any work."""
    on_rest.follow(looking.NAME)
    look = looking.latest()
    tabs.show(
        "k_tab",
        {
            "The kernel itself": lambda: facts.show(look.kernel),
            "Color as three planes": lambda: cube.show(look.chosen),
            "Edges: how strong, which way": lambda: strength.show(settings, look.chosen),
            "Along a line": lambda: line.show(look.chosen, look.kernel),
            "Filters in a row": lambda: row.show(settings, look.seen, look.kernel),
            "Take it with you": lambda: taking.show(look.seen, look.kernel, look.answer),
        },
    )
