"""What the board looks like, from runs that come with the app, where nothing was trained yet."""

from datetime import date

import streamlit as st

from core.runs import example_runs
from core.runs.board import NUMBERS, TEXTS, Board, BoardRun
from core.runs.history_cache import Frames
from core.ui.display import colors
from core.ui.views.runs import cost_chart
from core.ui.views.runs.grouped_runs import Axis, BoardQuery, view

NAMES = ("mnist", "capsules")  # of the examples on the same digits


def draw(axis: Axis) -> None:
    """Draw the example, faded, with its date and device."""
    found = example_runs.load(NAMES[0])
    kept = [example for name in NAMES if (example := example_runs.load(name))]
    runs = tuple(_board_run(frames) for example in kept for frames in example.frames)
    data = runs[0].experiment.data if runs else ""
    shown = view(Board(runs, len(runs), 0), BoardQuery(data))
    entries, best, theme = cost_chart.drawn(shown, axis, ()), shown.best(axis), colors.theme()
    st.vega_lite_chart(
        cost_chart.table(entries, best, axis, (), theme, names=True),
        cost_chart.cost_chart(axis, *cost_chart.ends(entries), theme, clickable=False),
        height=cost_chart.HEIGHT,
        alt="Example of the board: test accuracy against cost of the runs that come with the app.",
        key="example_chart",
    )
    if found is not None:
        made = date.fromisoformat(found.made)
        st.caption(
            f"What the board looks like: examples of {made:%B} {made.day}, {made.year}, on {found.device}. They make "
            "room for the first run here."
        )


def _board_run(frames: Frames) -> BoardRun:
    run = frames.run
    figures = {name: run.summary[name] for name in (*NUMBERS, *TEXTS) if run.summary.get(name) is not None}
    return BoardRun(run.id, run.experiment, run.id, run.state, (), 0.0, 0.0, figures=figures)
