"""The board's stage: the chart of all runs, which follows what trains; a click picks a run."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st
from markupsafe import Markup

from core.runs.board import Board
from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity, redrawn_fragments
from core.ui.display import colors
from core.ui.layout import page_frame
from core.ui.state import page_state
from core.ui.views.runs import cost_chart, examples, picked_runs, what_to_notice
from core.ui.views.runs.controls import Choices
from core.ui.views.runs.grouped_runs import BoardView, Entry, view

POLL_SECONDS = 2.0  # while something trains: all sessions share one read of the store
ALT = "Chart of test accuracy against cost, one point for each group of runs. The tab All runs has it as a table."


def redraw_interval(board: Board) -> float | None:
    """Return the seconds between two redraws; None while nothing changes by itself."""
    return POLL_SECONDS if board.active else None


def show(choices: Choices, board: Board) -> None:
    """Draw the stage and what to notice; redraw them while something trains."""
    every = redraw_interval(board)
    group = redrawn_fragments.Group(every)
    with page_frame.stage():
        group.fragment(_stage)(choices)
    group.fragment(_told)(choices, every)
    group.start()


def _stage(choices: Choices) -> None:
    picked_runs.redraw()
    try:
        board = client.runs().board(identity.person())
    except StoreUnavailable as error:
        messages.error(error)
        return
    if board.runs:
        _chart(choices, view(board, choices.query))
    else:
        examples.draw(choices.axis)


def _told(choices: Choices, every: float | None) -> None:
    """Draw what to notice; draw the whole page anew once nothing trains any more."""
    with suppress(StoreUnavailable):  # the stage reports it
        board = client.runs().board(identity.person())
        page_frame.notice(*what_to_notice.sentences(view(board, choices.query), choices.axis, empty=not board.runs))
        if every is not None and redraw_interval(board) is None:
            st.rerun()


def _chart(choices: Choices, found: BoardView) -> None:
    chosen, theme = picked_runs.picked(run.id for run in found.runs), colors.theme()
    best = found.best(choices.axis)
    entries = cost_chart.drawn(found, choices.axis, chosen)
    limits = cost_chart.ends(entries)
    key = page_state.key(
        f"r_chart-{choices.axis}-{limits[0]:g}-{limits[1]:g}-{theme}"
    )  # each chart has a selection of its own
    st.vega_lite_chart(
        cost_chart.table(entries, best, choices.axis, chosen, theme),
        cost_chart.cost_chart(choices.axis, *limits, theme),
        height=cost_chart.HEIGHT,  # so that the page has room for it before it is drawn
        alt=ALT,
        key=key,
        on_select=partial(_clicked, key, {entry.key: entry for entry in entries}),
    )
    legend(entries, theme)


def legend(entries: Sequence[Entry], theme: colors.Theme) -> None:
    """Draw what colors and marks mean, for what is on the chart."""
    roles = dict.fromkeys(colors.role(entry.shown.experiment) for entry in entries)
    swatches = Markup("").join(
        Markup('<i style="background: {}"></i>{}').format(colors.on_page(one.color, theme), one.name) for one in roles
    )
    marks = "○ still training; " if any(not entry.is_final for entry in entries) else ""
    marks += "bar: 95 % interval of a mean over seeds. Click points to compare up to six."
    st.html(Markup('<p class="legend">{}<span>{}</span></p>').format(swatches, marks))


def _clicked(key: str, entries: dict[str, Entry]) -> None:
    """Pick what was added to the chart's selection or taken from it."""
    now = selected(st.session_state.get(key))
    chart, before = st.session_state.get(picked_runs.CLICKED, (key, frozenset()))
    st.session_state[picked_runs.CLICKED] = key, now
    changed = now ^ before if chart == key else now
    picked_runs.toggle(entries[entry] for entry in sorted(changed) if entry in entries)


def selected(state: Any) -> frozenset[str]:
    """Return the keys of the entries in a chart's selection."""
    found = state.get("selection", {}).get(cost_chart.SELECTED, []) if state else []
    if isinstance(found, dict):
        return frozenset(map(str, found.get("key", ())))
    return frozenset(str(row["key"]) for row in found if "key" in row)
