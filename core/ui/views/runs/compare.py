"""The picked runs side by side: their cards, their curves, and a table of the settings in which they differ."""

from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from core.runs.board import Board, BoardRun
from core.runs.history_cache import Frames
from core.runs.person import Person
from core.runs.run import ACTIVE, NotNow, StoreUnavailable, UnknownRun
from core.runs.run_labels import MAX_NAME, MAX_NOTE
from core.ui import messages
from core.ui.backend import client, identity, redrawn_fragments
from core.ui.charts.curve_table import Curve
from core.ui.charts.run_length import XAxis
from core.ui.layout import column_grid
from core.ui.messages import hosting
from core.ui.run_panels import comparison_table, curves
from core.ui.run_panels.redraw_interval import redraw_interval
from core.ui.state.settings import Settings
from core.ui.views.runs import open_link, picked_runs
from core.ui.views.runs.people import shown_names
from core.ui.views.runs.picked_runs import Pick

PAGE = "r"  # the first letter of the page's keys
DEFAULTS: dict[str, object] = curves.defaults(PAGE) | {"r_start": 0}
MAX_UNFOLDED = 3  # runs whose table is seen at once: with the cards of more the page would be too long
NOTHING = "Click points on the chart, or tick lines under All runs: up to six runs are compared here."


def show(settings: Settings, board: Board) -> None:
    """Draw the picked runs; their curves follow while they train."""
    known = {run.id: run for run in board.runs}
    chosen = picked_runs.picked(known)
    if not chosen:
        st.caption(NOTHING)
        return
    picked_runs.report()
    names = dict(
        zip([pick.run for pick in chosen], picked_runs.names([known[pick.run] for pick in chosen]), strict=True)
    )
    _cards(chosen, known, names)
    axis, wanted = curves.pick_axes(settings, PAGE)
    try:
        frames = client.feed().frames([pick.run for pick in chosen])
    except StoreUnavailable as error:
        messages.error(error)
        return
    redrawn_fragments.fragment(_curves, redraw_interval(frames.values()))(chosen, names, axis, wanted)
    with st.expander("Settings that differ, and all figures", expanded=len(chosen) <= MAX_UNFOLDED):
        comparison_table.show(
            {f"{pick.letter}: {names[pick.run]}": frames[pick.run].run for pick in chosen if pick.run in frames}
        )


def _curves(chosen: Sequence[Pick], names: Mapping[str, str], axis: XAxis, wanted: int) -> None:
    try:
        frames: Mapping[str, Frames] = client.feed().frames([pick.run for pick in chosen])
    except StoreUnavailable as error:
        messages.error(error)
        return
    drawn = tuple(
        Curve.of(frames[pick.run], f"{pick.letter}: {names[pick.run]}", pick.letter, pick.color)
        for pick in chosen
        if pick.run in frames
    )
    if drawn:
        curves.draw(drawn, [curve.frames.run.experiment for curve in drawn], axis, wanted)


def _cards(chosen: Sequence[Pick], known: Mapping[str, BoardRun], names: Mapping[str, str]) -> None:
    person = identity.person()
    columns = column_grid.swiped("picks", 3 if len(chosen) > 2 else 2)
    for number, pick in enumerate(chosen):
        run = known[pick.run]
        with columns[number % len(columns)], st.container(border=True, key=f"pick_{pick.letter}", gap="small"):
            hidden = " (hidden from everybody else)" if run.label.hidden else ""
            st.html(
                Markup(
                    '<div class="pick" style="--role: {}"><i>{}</i><b>{}</b><span>run {}, {}, by {}{}</span>'
                    "<p>{}</p></div>"
                ).format(
                    pick.color,
                    pick.letter,
                    names[pick.run],
                    run.id[:6],
                    run.state,
                    shown_names([run.owners], person)[0],
                    hidden,
                    run.label.note,
                )
            )
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _buttons(run, person)


def _buttons(run: BoardRun, person: Person) -> None:
    open_link.show(run.experiment, run.id)
    if person.may_name(run.owners):
        with st.popover("Name", icon=":material/edit:", type="tertiary", help="Give this run a name and a note"):
            st.text_input("Name", run.label.name, MAX_NAME, key=f"name_{run.id}", help=f"At most {MAX_NAME} characters")
            st.text_area(
                "Note", run.label.note, max_chars=MAX_NOTE, key=f"note_{run.id}", help="What was tried, or seen"
            )
            st.button(
                "Save",
                key=f"save_{run.id}",
                type="primary",
                help="Everybody sees the name and the note",
                on_click=_save,
                args=(run.id, person),
            )
    if run.state not in ACTIVE and person.may_delete(run.responsible):
        with st.popover("Delete", icon=":material/delete:", type="tertiary", help="Deletes this run for everybody"):
            st.write("Its weights, curves and name are gone for everybody, and nothing brings them back.")
            st.button(
                "Delete this run",
                key=f"delete_{run.id}",
                type="primary",
                help="Deletes the run; it can be trained again",
                on_click=_delete,
                args=(run.id, person),
            )
    if person.instructs:
        pinned, hidden = run.label.pinned, run.label.hidden
        st.button(
            "Unpin" if pinned else "Pin",
            key=f"pin_{run.id}",
            icon=":material/keep:",
            type="tertiary",
            help="Lets this run stand first on the board, for everybody, or no longer",
            on_click=_pin,
            args=(run.id, not pinned, person),
        )
        if hosting.hosted():
            st.button(
                "Show" if hidden else "Hide",
                key=f"hide_{run.id}",
                icon=":material/visibility_off:",
                type="tertiary",
                help="Takes this run off everybody else's board, or puts it back",
                on_click=_hide,
                args=(run.id, not hidden, person),
            )


def _save(run: str, person: Person) -> None:
    name, note = (str(st.session_state.get(f"{field}_{run}") or "") for field in ("name", "note"))
    try:
        client.runs().name_run(run, name, note, person)
    except (NotNow, UnknownRun, StoreUnavailable) as error:
        messages.error(error)


def _delete(run: str, person: Person) -> None:
    try:
        client.runs().delete(run, person)
    except UnknownRun:  # somebody else was faster
        pass
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)
        return
    client.feed().refresh(run)
    picked_runs.remove(run)


def _pin(run: str, pinned: bool, person: Person) -> None:
    try:
        client.runs().pin_run(run, pinned, person)
    except (NotNow, UnknownRun, StoreUnavailable) as error:
        messages.error(error)


def _hide(run: str, hidden: bool, person: Person) -> None:
    try:
        client.runs().hide_run(run, hidden, person)
    except (NotNow, UnknownRun, StoreUnavailable) as error:
        messages.error(error)
