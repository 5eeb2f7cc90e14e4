"""What the board shows of all runs: those that were asked for, in groups with their means, and the best so far."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from core.runs.board import Board, BoardRun
from core.runs.newest_states import newest_states
from core.runs.run import RUNNING
from core.runs.run_groups import Mean, finished, frontier, group, mean, middle
from core.ui.display import colors, run_times
from core.ui.run_panels import run_differences
from core.ui.views.runs.run_settings import ASKED_IN, BY_KEY, KIND, RunSetting, Value, values, varying

Axis = Literal["parameters", "seconds"]
SEEDS, EACH = "seeds", "none"  # ways to group; the others are the keys of settings
SORTS = ("accuracy", "newest", "parameters", "seconds")  # orders; the others are the keys of settings
MAX_PARTS = 3  # settings in an entry's title
UNTITLED = {KIND.key, *(setting.key for setting in ASKED_IN)}  # which say nothing there


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """Which runs are shown, and how. All values as in the link."""

    data: str  # a dataset's identity: accuracies on different pictures are never compared
    group: str = SEEDS
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()  # a setting's key, the codes of which a run has one
    states: tuple[str, ...] = ()  # any, if empty
    owner: str = ""  # only this person's, by their id; anybody's if empty
    find: str = ""  # in a name, a note or an id


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A group of runs: one mark on the chart, one line of the table."""

    key: str
    runs: tuple[BoardRun, ...]
    shown: BoardRun  # stands for the group where only one run can
    accuracy: Mean | None  # of the finished runs, or so far of the running ones
    parameters: float | None
    seconds: float | None  # whole seconds, the mean
    is_final: bool  # the accuracy is that of finished runs
    grouping: str  # as in the query
    common: Mapping[str, Value] = field(repr=False)  # the most common value of each setting in which the runs differ

    @property
    def title(self) -> str:
        """A name that somebody gave, else the kind of network and what sets it apart from most runs."""
        return _title(self)

    def words(self, setting: RunSetting) -> str:
        """Return its value of a setting; of classes and lessons those of all its runs."""
        if setting not in ASKED_IN:
            return values(self.shown)[setting.key].words
        return ", ".join(sorted({value.words for run in self.runs for value in values(run)[setting.key].each}))

    def cost(self, axis: Axis) -> float | None:
        """Return its place on the chart's x-axis."""
        return self.parameters if axis == "parameters" else self.seconds

    @property
    def is_pinned(self) -> bool:
        """Whether one of the runs is pinned."""
        return any(run.label.pinned for run in self.runs)


@dataclass(frozen=True, slots=True, eq=False)
class BoardView:
    """The answer to a query. Shared between viewers: read it, don't change it."""

    runs: tuple[BoardRun, ...]
    entries: tuple[Entry, ...]  # newest first
    varying: tuple[RunSetting, ...]  # the settings in which the runs differ

    def best(self, axis: Axis) -> list[Entry]:
        """Return the finished entries that no cheaper one reaches, the cheapest first."""
        found = [
            (entry, (cost, entry.accuracy.value))
            for entry in self.entries
            if entry.is_final and entry.accuracy and (cost := entry.cost(axis)) is not None
        ]
        return [found[index][0] for index in frontier([point for _, point in found])]


@newest_states(maxsize=64)
def view(board: Board, query: BoardQuery) -> BoardView:
    """Return what a query finds, made once for all who ask the same."""
    runs = tuple(run for run in board.runs if _matches(run, query))
    differing = tuple(varying(runs))
    groups = group(runs, _key(query.group))
    common = {
        setting.key: Counter(values(run)[setting.key] for run in runs).most_common(1)[0][0] for setting in differing
    }
    entries = [_entry(str(key), own, query.group, common) for key, own in groups.items()]
    return BoardView(runs, tuple(entries), differing)


def ordered(entries: Sequence[Entry], sort: str, *, backwards: bool) -> list[Entry]:
    """Return entries in an order of SORTS or by a setting; pinned ones first, those without a figure last."""
    keyed = [(_rank(entry, sort), entry) for entry in entries]
    known = [(rank, entry) for rank, entry in keyed if rank is not None]
    known.sort(key=lambda pair: pair[0], reverse=backwards)
    found = [entry for _, entry in known] + [entry for rank, entry in keyed if rank is None]
    return sorted(found, key=lambda entry: not entry.is_pinned)


def _rank(entry: Entry, sort: str) -> tuple[float, str] | None:
    match sort:
        case "accuracy":
            return (-entry.accuracy.value, "") if entry.accuracy else None
        case "newest":
            return (-max(run.queued for run in entry.runs), "")
        case "parameters" | "seconds":
            cost = entry.cost("parameters" if sort == "parameters" else "seconds")
            return None if cost is None else (cost, "")
    value = values(entry.shown)[sort]
    try:
        return (float(value.code), "")
    except ValueError:
        return (float("inf"), value.words)


def _matches(run: BoardRun, query: BoardQuery) -> bool:
    if run.experiment.data != query.data or (query.states and run.state not in query.states):
        return False
    if query.owner and query.owner not in run.owners:
        return False
    if query.find and query.find.lower() not in f"{run.label.name}\n{run.label.note}\n{run.id}".lower():
        return False
    return all(any(value.code in codes for value in values(run)[key].each) for key, codes in query.filters)


def _key(grouping: str) -> Callable[[BoardRun], Hashable]:
    if grouping == EACH:
        return lambda run: run.id
    if grouping == SEEDS:
        return lambda run: run.recipe
    return lambda run: values(run)[grouping].code


def _entry(key: str, runs: Sequence[BoardRun], grouping: str, common: Mapping[str, Value]) -> Entry:
    done = finished(runs)
    counted = done or [run for run in runs if run.state == RUNNING]
    accuracies = [accuracy for run in counted if (accuracy := run.number("test_accuracy")) is not None]
    parameters = [count for run in counted if (count := run.number("parameters")) is not None]
    seconds = [spent for run in counted if (spent := run_times.whole(run.figures)) is not None]
    return Entry(
        key=key,
        runs=tuple(runs),
        shown=middle(runs),
        accuracy=mean(accuracies),
        parameters=sum(parameters) / len(parameters) if parameters else None,
        seconds=sum(seconds) / len(seconds) if seconds else None,
        is_final=bool(done),
        grouping=grouping,
        common=common,
    )


@lru_cache(maxsize=4_000)
def _title(entry: Entry) -> str:
    shown, own = entry.shown, values(entry.shown)
    if entry.grouping in BY_KEY:
        return f"{BY_KEY[entry.grouping].title}: {own[entry.grouping].words}"
    for run in (shown, *entry.runs):
        if run.label.name:
            return run.label.name
    parts = [
        _part(entry, key, usual, own[key])
        for key, usual in entry.common.items()
        if own[key] != usual and key not in UNTITLED and not (key == "r_seed" and entry.grouping == SEEDS)
    ]
    return ", ".join([colors.role(shown.experiment).short, *parts[:MAX_PARTS]])


def _part(entry: Entry, key: str, usual: Value, own: Value) -> str:
    """Return a setting's value as it is said alone; of a network the layer that differs."""
    if key == "r_net":
        return run_differences.differing_layers(usual.words, own.words)[1]
    return run_differences.words(entry.shown.experiment, BY_KEY[key].title, own.words)
