"""All runs as a table, a page at a time: sorted, with their settings that differ; a tick picks a run."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from core.runs.board import Board
from core.runs.person import Person
from core.runs.run import RUNNING, StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity, redrawn_fragments
from core.ui.display import numbers
from core.ui.state import page_state
from core.ui.state.settings import Settings
from core.ui.views.runs import live_chart, picked_runs
from core.ui.views.runs.controls import Choices
from core.ui.views.runs.grouped_runs import SORTS, BoardView, Entry, ordered, view
from core.ui.views.runs.people import shown_names
from core.ui.views.runs.picked_runs import Pick, of_entry
from core.ui.views.runs.run_settings import ASKED_IN, BY_KEY, KIND, RunSetting

ROWS = 12  # a page
SORT_TITLES = {"accuracy": "Accuracy", "newest": "Newest", "parameters": "Parameters", "seconds": "Seconds"}
DEFAULTS: dict[str, object] = {"r_sort": "accuracy", "r_back": False, "r_page": 1}
NO_RUN = "No run matches: change the filters."


def show(settings: Settings, choices: Choices, board: Board) -> None:
    """Draw order and page, and the table, which follows what trains."""
    found = view(board, choices.query)
    if not found.entries:
        st.caption(NO_RUN)
        return
    pages = -(-len(found.entries) // ROWS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = settings.choice(
            "r_sort",
            "Sort by",
            [*SORTS, *BY_KEY],
            format=lambda key: SORT_TITLES.get(key) or BY_KEY[key].title,
            help="The best, newest or cheapest first, or by a setting; pinned runs stay on top",
            width=200,
        )
        back = settings.switch("r_back", "Backwards", help="Turns the order around")
        with st.container(width=160):
            page = settings.number("r_page", f"Page, of {pages}", 1, pages, help=f"{ROWS} lines each")
    picked_runs.report()
    every = live_chart.redraw_interval(board)
    redrawn_fragments.fragment(_rows, every)(choices, sort, back, page)
    st.caption(_counted(found, board))


def _counted(found: BoardView, board: Board) -> str:
    """Return how many runs there are, and how many lines they make."""
    text = f"{numbers.count(len(found.runs))} runs in {numbers.count(len(found.entries))} lines."
    older = board.total - len(board.runs)
    return f"{text} Of all {numbers.count(board.total)}, the latest are on the board." if older > 0 else text


def _rows(choices: Choices, sort: str, back: bool, page: int) -> None:
    picked_runs.redraw()
    try:
        found = view(client.runs().board(identity.person()), choices.query)
    except StoreUnavailable as error:
        messages.error(error)
        return
    entries = ordered(found.entries, sort, backwards=back)[ROWS * (page - 1) : ROWS * page]
    chosen = picked_runs.picked(run.id for run in found.runs)
    ticked = [row for row, entry in enumerate(entries) if of_entry(entry, chosen)]
    order = hashlib.sha256(" ".join(entry.key for entry in entries).encode()).hexdigest()[:8]
    key = page_state.key(f"r_rows-{order}-{st.session_state.get(picked_runs.TABLE, 0)}")
    st.dataframe(
        table(entries, found.varying, chosen, identity.person()),
        key=key,
        hide_index=True,
        height=36 * len(entries) + 38,
        row_height=36,
        placeholder="",
        alt="All runs, one a line: name, test accuracy with its 95 % interval, parameters, seconds, settings",
        on_select=partial(_ticked, key, entries, ticked),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
        column_config={
            "Run": st.column_config.TextColumn(width="medium"),
            "Runs": st.column_config.NumberColumn(help="Runs that this line is the mean of"),
            "Accuracy (%)": st.column_config.NumberColumn(format="%.2f", help="On the test images; a mean of runs"),
            "from": st.column_config.NumberColumn(format="%.2f", help="95 % interval of the mean over seeds"),
            "to": st.column_config.NumberColumn(format="%.2f", help="95 % interval of the mean over seeds"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Seconds": st.column_config.NumberColumn(format="%.1f", help="Start to result, without the queue"),
            "Network": st.column_config.TextColumn(width="medium"),
            "Submitted": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def table(
    entries: Sequence[Entry], differing: Sequence[RunSetting], chosen: Sequence[Pick], person: Person
) -> pd.DataFrame:
    """Return one line for each entry; of its settings those in which the runs on the board differ."""
    lines = []
    for entry in entries:
        pick = of_entry(entry, chosen)
        marks = ("📌 " if entry.is_pinned else "") + (f"{pick.letter}: " if pick else "")
        accuracy = entry.accuracy
        lines.append(
            {
                "Run": f"{marks}{entry.title}",
                "Runs": len(entry.runs),
                "Accuracy (%)": None if accuracy is None else 100 * accuracy.value,
                "from": None if accuracy is None or accuracy.low is None else 100 * accuracy.low,
                "to": None if accuracy is None or accuracy.high is None else 100 * accuracy.high,
                "Parameters": None if entry.parameters is None else round(entry.parameters),
                "Seconds": entry.seconds,
                **{setting.title: entry.words(setting) for setting in differing if setting not in (KIND, *ASKED_IN)},
                "State": _states(entry),
                **{setting.title: entry.words(setting) for setting in differing if setting in ASKED_IN},
                "By": ", ".join(dict.fromkeys(shown_names([run.owners for run in entry.runs], person))),
                "Submitted": datetime.fromtimestamp(max(run.queued for run in entry.runs), UTC),
                "Note": entry.shown.label.note,
            }
        )
    figures = ("Accuracy (%)", "from", "to", "Parameters", "Seconds")
    return pd.DataFrame(lines).astype(dict.fromkeys(figures, float))


def _states(entry: Entry) -> str:
    """Return the states of an entry's runs: "finished", "2 finished, 1 running on GPU 1"."""
    counts: dict[str, int] = {}
    for run in entry.runs:
        gpu = run.state == RUNNING and run.figures.get("gpu")
        state = f"{run.state} on GPU {gpu}" if gpu else run.state
        counts[state] = counts.get(state, 0) + 1
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _ticked(key: str, entries: Sequence[Entry], before: Sequence[int]) -> None:
    """Pick the lines that were ticked, and drop those that were unticked."""
    rows = set(st.session_state[key].selection.rows)
    chosen = {
        index
        for index, entry in enumerate(entries)
        if of_entry(entry, [Pick(run, "", "") for run in picked_runs.ids()])
    }
    picked_runs.toggle((entries[row] for row in sorted(rows ^ chosen) if row < len(entries)), in_table=True)
