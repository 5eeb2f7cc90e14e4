"""The picked runs as one row of buttons under the chart; each takes its run out of the comparison."""

import streamlit as st

from core.runs.board import Board
from core.ui import messages
from core.ui.views.runs import picked_runs


def show(board: Board) -> None:
    """Draw a button for each picked run."""
    known = {run.id: run for run in board.runs}
    chosen = picked_runs.picked(known)
    if not chosen:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="picked"):
        st.caption("Compared below", width="content")
        for pick, name in zip(chosen, picked_runs.names([known[pick.run] for pick in chosen]), strict=True):
            st.button(
                messages.Markdown("{}: {}").format(pick.letter, name),
                key=f"unpick_{pick.run}",
                icon=":material/close:",
                help="Takes this run out of the comparison",
                on_click=picked_runs.remove,
                args=(pick.run,),
            )
        if len(chosen) > 1:
            st.button(
                "Remove all", key="unpick_all", type="tertiary", help="Compare nothing", on_click=picked_runs.clear
            )
