"""The control row: which runs are on the board, against what their accuracy stands, and how they are grouped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.runs.board import Board, BoardRun
from core.runs.run import STATES
from core.ui.backend import identity
from core.ui.display import numbers
from core.ui.layout import page_frame
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.views.runs.grouped_runs import EACH, SEEDS, Axis, BoardQuery
from core.ui.views.runs.people import by_code
from core.ui.views.runs.run_settings import BY_KEY, SETTINGS, RunSetting, choices, varying

AXES: dict[Axis, str] = {"parameters": "Parameters", "seconds": "Seconds"}
GROUPS = {SEEDS: "Same settings, any seed", EACH: "Each run alone"}
EVERYBODY, OWN = "all", "me"
WHO = {EVERYBODY: "Everybody", OWN: "You"}
MAX_FIND = 60  # characters
DEFAULTS: dict[str, object] = {
    "r_axis": "parameters",
    "r_group": SEEDS,
    "r_states": [],
    "r_who": EVERYBODY,
    "r_find": "",
    **{setting.key: [] for setting in SETTINGS},
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen in the row."""

    query: BoardQuery
    axis: Axis


def defaults(board: Board) -> dict[str, object]:
    """Return the defaults of the page's settings: the dataset with most runs comes first."""
    return {**DEFAULTS, "r_data": next(iter(_datasets(board.runs)), "")}


def show(settings: Settings, board: Board) -> Choices:
    """Draw the control row and return what was chosen."""
    person = identity.person()
    with page_frame.controls():
        titles = _datasets(board.runs)
        data = settings.choice(
            "r_data",
            "Pictures",
            list(titles) or [""],
            format=lambda name: titles.get(name, "No runs yet"),
            help="Accuracies are only compared on the same test pictures",
            width=280,
        )
        axis: Axis = settings.segments(
            "r_axis",
            "Accuracy against",
            list(AXES),
            format=lambda name: AXES[name],
            help="The cost on the x-axis: the network's parameters, or all seconds of the run without the queue",
        )
        grouping = settings.choice(
            "r_group",
            "One point for",
            [*GROUPS, *BY_KEY],
            format=lambda key: GROUPS.get(key) or f"Each: {BY_KEY[key].title.lower()}",
            help="Runs that differ only in their seed are one point: their mean, with a 95 % interval from two runs "
            "on. Or one point for each run, or for each value of a setting.",
            width=220,
        )
        rest = [run for run in board.runs if run.experiment.data == data]
        count = sum(bool(st.session_state.get(key)) for key in ["r_states", "r_find", *BY_KEY])
        count += st.session_state.get("r_who", EVERYBODY) != EVERYBODY
        with st.popover(
            f"Filters: {count}" if count else "Filters",
            icon=":material/filter_alt:",
            help="Show only some of the runs: by state, person, class, lesson, name or any setting that differs",
        ):
            people = by_code(rest, person)
            owner = settings.choice(
                "r_who",
                "By",
                [EVERYBODY, OWN, *people],
                format=lambda code: WHO.get(code) or people[code].name,
                help="Whose runs: everybody's, yours, or one person's",
            )
            states = settings.pills(
                "r_states", "State", list(STATES), format=str.capitalize, help="Any state, or only these"
            )
            find = settings.text("r_find", "Name, note or run", most=MAX_FIND, help="Part of a name, a note or an id")
            filters = _filters(settings, rest)
    ids = {EVERYBODY: "", OWN: person.id, **{code: other.id for code, other in people.items()}}
    return Choices(
        BoardQuery(data, grouping, filters, tuple(states or ()), ids[owner], find.strip()),
        axis,
    )


def _filters(settings: Settings, runs: Sequence[BoardRun]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Draw a choice for each setting in which the runs differ, and for those that filter already."""
    differing = {setting.key for setting in varying(runs)}
    differing |= {key for key in BY_KEY if query.is_linked(key) or st.session_state.get(key)}
    shown = [setting for setting in SETTINGS if setting.key in differing]
    found = [(setting.key, tuple(_filter(settings, setting, runs))) for setting in shown]
    return tuple((key, codes) for key, codes in found if codes)


def _filter(settings: Settings, setting: RunSetting, runs: Sequence[BoardRun]) -> list[str]:
    words = choices(runs, setting)
    kept = [code for code in st.session_state.get(setting.key) or () if code not in words]
    options = [*words, *kept]  # a run that was removed since takes no choice away
    return settings.several(
        setting.key,
        setting.title,
        options,
        most=max(1, len(options)),
        format=lambda code: words.get(code, code),
        help=f"Only runs with one of these values of “{setting.title.lower()}”",
    )


def _datasets(runs: Sequence[BoardRun]) -> dict[str, str]:
    """Return the datasets of the runs, the one with most runs first: what to call each, by its identity."""
    counts = Counter(run.experiment.data for run in runs)
    titles: dict[str, str] = {}
    for run in runs:
        titles.setdefault(run.experiment.data, str(run.figures.get("data_title", "")))
        titles[run.experiment.data] = titles[run.experiment.data] or str(run.figures.get("data_title", ""))
    return {name: f"{titles[name] or name} ({numbers.count(count)})" for name, count in counts.most_common()}
