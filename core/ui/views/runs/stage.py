"""The board's stage: the chart of all runs, which follows what trains; a click picks a run."""

from functools import partial
from typing import Any

import streamlit as st

from core.runs.board import Board
from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client
from core.ui.display import colors
from core.ui.layout import page_frame
from core.ui.state import page_state
from core.ui.views.runs import cost_chart, examples, picks, what_to_notice
from core.ui.views.runs.controls import Choices
from core.ui.views.runs.entries import BoardView, Entry, view

POLL_SECONDS = 2.0  # while something trains: all sessions share one read of the store
ALT = "Chart of test accuracy against cost, one point for each group of runs. The tab All runs has it as a table."


def poll_interval(board: Board) -> float | None:
    """Return the seconds between two redraws; None while nothing changes by itself."""
    return POLL_SECONDS if board.active else None


def show(choices: Choices, board: Board) -> None:
    """Draw the stage and what to notice; redraw them while something trains."""
    every = poll_interval(board)
    st.fragment(_panel, run_every=every)(choices, every)


def _panel(choices: Choices, every: float | None) -> None:
    picks.redraw()
    try:
        board = client.runs().board()
    except StoreUnavailable as error:
        messages.error(error)
        return
    with page_frame.stage():
        if board.runs:
            found = view(board, choices.query)
            best, shown = _chart(choices, found)
        else:
            found, best, shown = examples.draw(choices.axis)
    if board.runs:
        page_frame.notice(*what_to_notice.sentences(found, choices.axis, best, shown))
    else:
        page_frame.notice(examples.SENTENCE)
    if every != poll_interval(board) and every is not None:
        st.rerun()


def _chart(choices: Choices, found: BoardView) -> tuple[list[Entry], int]:
    """Draw the chart; return the frontier and the number of entries drawn."""
    chosen, theme = picks.picked(run.id for run in found.runs), colors.theme()
    best = found.best(choices.axis)
    entries = cost_chart.drawn(found, choices.axis, chosen)
    begin = cost_chart.start(entries)
    key = page_state.key(f"r_chart-{choices.axis}-{begin}-{theme}")  # each chart has a selection of its own
    st.vega_lite_chart(
        cost_chart.table(entries, best, choices.axis, begin, chosen, theme),
        cost_chart.cost_chart(choices.axis, begin, theme),
        alt=ALT,
        key=key,
        on_select=partial(_clicked, key, {entry.key: entry for entry in entries}),
    )
    legend()
    return best, len(entries)


def legend() -> None:
    """Draw what the marks mean."""
    roles = (colors.MLP, colors.CNN, colors.CNN_AUGMENTED, colors.CNN_BLUR_POOLED, colors.CAPSULES)
    swatches = "".join(f'<i style="background: {role.color}"></i>{role.name} ' for role in roles)
    st.html(
        f'<p class="legend">{swatches}<span>filled: finished; hollow: training; '
        "▼: below the axis; bar: 95 % interval over seeds. Click points to compare up to six.</span></p>"
    )


def _clicked(key: str, entries: dict[str, Entry]) -> None:
    """Pick what was added to the chart's selection or taken from it."""
    now = selected(st.session_state.get(key))
    chart, before = st.session_state.get(picks.CLICKED, (key, frozenset()))
    st.session_state[picks.CLICKED] = key, now
    changed = now ^ before if chart == key else now
    picks.toggle(entries[entry] for entry in sorted(changed) if entry in entries)


def selected(state: Any) -> frozenset[str]:
    """Return the keys of the entries in a chart's selection."""
    found = state.get("selection", {}).get(cost_chart.SELECTED, []) if state else []
    if isinstance(found, dict):
        return frozenset(map(str, found.get("key", ())))
    return frozenset(str(row["key"]) for row in found if "key" in row)
