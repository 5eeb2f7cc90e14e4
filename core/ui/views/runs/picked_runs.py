"""The runs that are compared: up to six, picked on the chart or in the table, kept in the link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.runs.board import BoardRun
from core.ui import messages
from core.ui.display import colors
from core.ui.run_panels import run_differences
from core.ui.run_panels.earlier_runs import ID
from core.ui.state import query
from core.ui.views.runs.grouped_runs import Entry

PARAMETER = "r_picks"
MAX_PICKS = 6
LETTERS = "ABCDEF"
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito's: A to F
CLICKED = "r_clicked"  # session key: the chart that was clicked last, and the entries that its selection holds
REDRAW = "r_redraw"  # session key: the picks changed within a fragment, so the whole page must be drawn
REFUSED = "r_refused"  # session key: one more was picked than can be compared
TABLE = "r_table_turn"  # session key: how often the picks changed elsewhere than in the table


@dataclass(frozen=True, slots=True)
class Pick:
    """A picked run with its letter and color."""

    run: str
    letter: str
    color: str


def ids() -> list[str]:
    """Return the ids in the link."""
    linked, text = query.is_linked(PARAMETER), query.read(PARAMETER) or ""
    found = list(dict.fromkeys(ID.findall(text)))[:MAX_PICKS]
    if linked and ".".join(found) != text:
        query.refuse("Compared runs", text, "cannot be", ", ".join(found) or "none")
    _write(found)
    return found


def picked(known: Iterable[str]) -> list[Pick]:
    """Return the picks among the known runs."""
    runs = set(known)
    return [Pick(run, letter, color) for run, letter, color in zip(ids(), LETTERS, COLORS, strict=False) if run in runs]


def names(runs: Sequence[BoardRun]) -> list[str]:
    """Return what each run is called: the name that somebody gave, or what sets it apart from the others."""
    experiments = [run.experiment for run in runs]
    found = run_differences.distinguish(experiments, [colors.role(experiment).short for experiment in experiments])
    return [run.label.name or name for run, name in zip(runs, found, strict=True)]


def of_entry(entry: Entry, picks: Sequence[Pick]) -> Pick | None:
    """Return the pick that is one of an entry's runs."""
    runs = {run.id for run in entry.runs}
    return next((pick for pick in picks if pick.run in runs), None)


def toggle(entries: Iterable[Entry], *, in_table: bool = False) -> None:
    """Add the entries that are not picked and remove those that are. For callbacks."""
    now = ids()
    for entry in entries:
        own = {run.id for run in entry.runs}
        now = [run for run in now if run not in own] if own & set(now) else [*now, entry.shown.id]
    if len(now) > MAX_PICKS:
        st.session_state[REFUSED] = True
        in_table = False  # its last tick is taken back
    _write(now[:MAX_PICKS])
    _changed(in_table=in_table)


def remove(run: str) -> None:
    """Remove a run. For callbacks."""
    _write([other for other in ids() if other != run])
    _changed(in_table=False)


def clear() -> None:
    """Remove all runs. For callbacks."""
    _write([])
    _changed(in_table=False)


def redraw() -> None:
    """Draw the whole page if the picks changed within the fragment that calls this."""
    if st.session_state.pop(REDRAW, False):
        st.rerun()


def report() -> None:
    """Say that no more runs can be compared, once."""
    if st.session_state.pop(REFUSED, False):
        messages.info(f"At most {MAX_PICKS} runs are compared at once: remove one first.")


def _changed(*, in_table: bool) -> None:
    st.session_state[REDRAW] = True
    if not in_table:
        st.session_state[TABLE] = st.session_state.get(TABLE, 0) + 1


def _write(runs: Sequence[str]) -> None:
    query.write(PARAMETER, ".".join(runs) or None)
