"""The invariance laboratory: move a picture, or all of them, and see which trained networks keep their answer."""

import streamlit as st

from core.data import DataError
from core.runs.inference import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.invariance import STYLE, entrants, frame40, holding, robust, strengths, subject, trying
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.widgets import tabs

page_frame.page("invariance")
st.html(STYLE)

settings = Settings(
    {
        **subject.DEFAULTS,
        **entrants.DEFAULTS,
        **trying.DEFAULTS,
        **robust.DEFAULTS,
        **holding.DEFAULTS,
        **strengths.DEFAULTS,
        **frame40.DEFAULTS,
    }
)
try:
    client.inference().warm()
    first, second = st.columns(2, gap="medium", vertical_alignment="bottom")
    with first:
        moved = subject.pick(settings)
    with second:
        compared = entrants.pick(settings, moved)
    machine_status.data_line("mnist" if moved.kind == subject.DIGIT else "cifar10")
    trying.show(settings, compared, moved)

    tabs.show(
        "i_tab",
        {
            "All test pictures": lambda: robust.show(settings, compared, moved),
            "One pixel": lambda: robust.show_consistency(settings, compared, moved),
            "Moves along or holds still": lambda: holding.show(settings, compared, moved),
            "Train and see": lambda: strengths.show(settings),
            "affNIST": lambda: frame40.show(settings),
        },
    )
except (DataError, InferenceError) as error:
    messages.error(error)

page_frame.onward("invariance")
