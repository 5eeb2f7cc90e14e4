"""What the board looks like, from runs that come with the app, where nothing was trained yet."""

from datetime import date

import streamlit as st

from core.runs import example_runs
from core.runs.board import NUMBERS, TEXTS, Board, BoardRun
from core.runs.history_cache import Frames
from core.ui.display import colors
from core.ui.messages import Markdown
from core.ui.views.runs import cost_chart
from core.ui.views.runs.entries import Axis, BoardQuery, BoardView, Entry, view

NAME = "mnist"  # of the example
SENTENCE = Markdown(
    "**Every run that is trained here will be a point.** Train a network on one of the pages before this one, then "
    "compare it here with all others."
)


def draw(axis: Axis) -> tuple[BoardView, list[Entry], int]:
    """Draw the example, faded, with its date and device; return what is on it."""
    found = example_runs.load(NAME)
    runs = () if found is None else tuple(map(_board_run, found.frames))
    data = runs[0].experiment.data if runs else ""
    shown = view(Board(runs, len(runs), 0), BoardQuery(data))
    entries, best, theme = cost_chart.drawn(shown, axis, ()), shown.best(axis), colors.theme()
    begin = cost_chart.start(entries)
    st.vega_lite_chart(
        cost_chart.table(entries, best, axis, begin, (), theme),
        cost_chart.cost_chart(axis, begin, theme, clickable=False),
        alt="Example of the board: test accuracy against cost of the runs that come with the app.",
        key="example_chart",
    )
    if found is not None:
        made = date.fromisoformat(found.made)
        st.caption(
            f"What the board looks like: examples of {made:%B} {made.day}, {made.year}, on {found.device}. They make "
            "room for the first run here."
        )
    return shown, best, len(entries)


def _board_run(frames: Frames) -> BoardRun:
    run = frames.run
    figures = {name: run.summary[name] for name in (*NUMBERS, *TEXTS) if run.summary.get(name) is not None}
    return BoardRun(run.id, run.experiment, run.id, run.state, (), 0.0, 0.0, figures=figures)
