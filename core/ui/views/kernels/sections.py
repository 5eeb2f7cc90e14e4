"""The page's tabs: tools for the picture and the kernel, updated once the controls are at rest."""

import streamlit as st

from core.ui.components import delayed_rerun
from core.ui.state.settings import Settings
from core.ui.views.kernels import (
    before_after,
    color_planes,
    export,
    filter_chain,
    gradient,
    kernel_facts,
    line_profile,
    playground,
)
from core.ui.widgets import tabs


@st.fragment
def show(settings: Settings) -> None:
    """Draw the tabs; only the open one is computed."""
    delayed_rerun.follow(playground.STATE_KEY)
    state = playground.latest()
    tabs.show(
        "k_tab",
        {
            "Whole picture": lambda: before_after.show(state.filtered, state.kernel),
            "Kernel": lambda: kernel_facts.show(settings, state.kernel),
            "Color planes": lambda: color_planes.show(state.chosen),
            "Edge strength and direction": lambda: gradient.show(settings, state.chosen),
            "Line profile": lambda: line_profile.show(state.chosen, state.kernel),
            "Filter chain": lambda: filter_chain.show(settings, state.filtered, state.kernel),
            "Export": lambda: export.show(state.filtered, state.kernel),
        },
        names=("whole", "kernel", "color", "gradient", "profile", "chain", "export"),
    )
