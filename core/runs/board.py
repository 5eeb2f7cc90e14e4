"""The board of all runs: each with its settings, figures, people and label, read once for everybody who looks.

A run's settings never change, and the figures of one that ended do not either. So every read asks the store for the
few columns that may have changed, and for the figures of the runs in which one did.
"""

import hashlib
import json
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.newest_states import State
from core.runs.person import Person
from core.runs.run import ACTIVE, StoreUnavailable
from core.runs.run_labels import Label
from core.runs.run_lessons import NOWHERE, Asked, read_asked
from core.runs.tables import former_owners, run_labels, run_owners, runs
from core.training.experiment import RANGE, Experiment, ExperimentError

MAX_RUNS = 5_000  # on the board: those submitted last
MIN_AGE = 1.0  # seconds for which what was read is shown again
FEW = 400  # runs whose figures are read by their ids; beyond, all are read at once
NUMBERS = (
    *("test_accuracy", "test_one_view_accuracy", "one_view_accuracy", "test_pictures", "test_images"),
    *("parameters", "images_per_second"),
    *("whole_seconds", "prepare_seconds", "train_seconds", "evaluate_seconds", "save_seconds"),
    *("seconds", "images", "step", "steps", "epoch"),
)
TEXTS = ("data_title", "device", "gpu")
Figures = Mapping[str, float | str]


@dataclass(frozen=True, slots=True, eq=False)
class BoardRun:
    """A run as the board shows it. One object until something about it changes."""

    id: str
    experiment: Experiment
    recipe: str  # the same for runs that differ in nothing but their seed
    state: str  # one of core.runs.run.STATES
    owners: tuple[str, ...]  # the first to submit it first
    queued: float  # seconds since 1970
    finished: float | None
    label: Label = field(default_factory=Label)
    figures: Figures = field(default_factory=dict, repr=False)  # the known ones of NUMBERS and TEXTS
    asked: Asked = NOWHERE
    left_by: tuple[str, ...] = ()  # who was the last to leave it

    @property
    def responsible(self) -> tuple[str, ...]:
        """The owners, or who left it last where it has none: its files are theirs."""
        return self.owners or self.left_by

    def number(self, name: str) -> float | None:
        """Return one of NUMBERS; None where the run has not reached it."""
        value = self.figures.get(name)
        return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class Board(State):
    """All runs, newest first. Shared between viewers: read it, don't change it."""

    runs: tuple[BoardRun, ...]
    total: int  # in the store, with those that are too old for the board
    version: int  # another one whenever anything changed

    @property
    def state(self) -> tuple[str, int]:
        """The version of the only board that a home has."""
        return "", self.version

    def seen_by(self, person: Person) -> "Board":
        """Return the board without the runs that are hidden from `person`."""
        return self if person.instructs else _without_hidden(self)

    @property
    def active(self) -> bool:
        """True while something on the board trains or waits."""
        return any(run.state in ACTIVE for run in self.runs)


@lru_cache(maxsize=2)
def _without_hidden(board: Board) -> Board:
    shown = tuple(run for run in board.runs if not run.label.hidden)
    return replace(board, runs=shown, total=board.total - len(board.runs) + len(shown))


class BoardReader:
    """Reads the board of one home for any number of threads."""

    def __init__(self, database: Database, min_age: float = MIN_AGE, most: int = MAX_RUNS) -> None:
        """Read nothing yet; the parameters are as MIN_AGE and MAX_RUNS."""
        self._database, self._min_age, self._most = database, min_age, most
        self._lock = threading.Lock()
        self._recipes: dict[str, Experiment] = {}
        self._known: dict[str, tuple[tuple[object, ...], BoardRun | None]] = {}  # by id: what it was made from
        self._board: Board | None = None
        self._read_at = float("-inf")

    def read(self) -> Board:
        """Return the board as of at most `min_age` seconds ago.

        Raises:
            StoreUnavailable: The store cannot be read, and was not read before.
        """
        with self._lock:
            if self._board is None or time.monotonic() - self._read_at >= self._min_age:
                try:
                    self._board = self._updated()
                except StoreUnavailable:
                    if self._board is None:
                        raise
                self._read_at = time.monotonic()
            return self._board

    def refresh(self) -> None:
        """Read the store at the next request, because something was just changed."""
        with self._lock:
            self._read_at = float("-inf")

    def _updated(self) -> Board:
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one()
            latest = sa.select(runs.c.id).order_by(runs.c.queued.desc(), runs.c.id).limit(self._most)
            rows = connection.execute(_rows().where(runs.c.id.in_(latest))).all()
            asked = read_asked(connection, latest)
            owners, left = _people(connection, run_owners, latest), _people(connection, former_owners, latest)
            people = {row.id: (owners.get(row.id, ()), left.get(row.id, ())) for row in rows}
            seen = {row.id: (*row[1:], asked.get(row.id, NOWHERE), people[row.id]) for row in rows}
            changed = [id for id, made_from in seen.items() if self._known.get(id, (None,))[0] != made_from]
            if not changed and len(seen) == len(self._known) and self._board is not None:
                return replace(self._board, total=total)
            details = _details(connection, changed, latest)
        before = self._known
        self._known = {}
        for row in rows:
            made_from = seen[row.id]
            if row.id in before and before[row.id][0] == made_from:
                self._known[row.id] = before[row.id]
            elif row.id in details:  # else deleted in between
                old = before.get(row.id, (None, None))[1]
                self._known[row.id] = (
                    made_from,
                    self._run(row, asked.get(row.id, NOWHERE), people[row.id], details[row.id], old),
                )
        found = [run for _, run in self._known.values() if run is not None]
        if len(self._recipes) > 2 * self._most:
            self._recipes.clear()
        return Board(tuple(found), total, self._board.version + 1 if self._board else 1)

    def _run(
        self,
        row: sa.Row[tuple[object, ...]],
        asked: Asked,
        people: tuple[tuple[str, ...], tuple[str, ...]],
        detail: tuple[str, Figures],
        old: BoardRun | None,
    ) -> BoardRun | None:
        """Return a run from its rows; None for one that is no result: a range test, or another version's."""
        text, figures = detail
        recipe, experiment = (old.recipe, old.experiment) if old else self._experiment(text)
        if experiment is None or experiment.schedule == RANGE:
            return None
        return BoardRun(
            id=row.id,
            experiment=experiment,
            recipe=recipe,
            state=row.state,
            owners=people[0],
            queued=row.queued,
            finished=row.finished,
            label=Label(row.name or "", row.note or "", bool(row.pinned), bool(row.hidden)),
            figures=figures,
            asked=asked,
            left_by=people[1],
        )

    def _experiment(self, text: str) -> tuple[str, Experiment | None]:
        """Return the recipe and the experiment of a stored JSON. What the seeds of a recipe share is read once."""
        try:
            data = json.loads(text)
            seed = data.pop("seed", 0)
            rest = json.dumps(data, sort_keys=True)
            recipe = hashlib.sha256(rest.encode()).hexdigest()[:12]
            if recipe not in self._recipes:
                self._recipes[recipe] = Experiment.from_store(rest)
            return recipe, replace(self._recipes[recipe], seed=seed)
        except (ExperimentError, ValueError, AttributeError):
            return "", None


def _rows() -> sa.Select[tuple[object, ...]]:
    """Select what may change of each run, and is short, newest first."""
    columns = (runs.c.state, runs.c.seq, runs.c.queued, runs.c.finished)
    labels = (run_labels.c.name, run_labels.c.note, run_labels.c.pinned, run_labels.c.hidden)
    query = sa.select(runs.c.id, *columns, *labels).join_from(runs, run_labels, isouter=True)
    return query.order_by(runs.c.queued.desc(), runs.c.id)


def _people(connection: sa.Connection, table: sa.Table, latest: sa.Select[tuple[str]]) -> dict[str, tuple[str, ...]]:
    """Return the owners in a table by run, in the order in which they came where the table has it."""
    query = sa.select(table.c.run, table.c.owner).where(table.c.run.in_(latest))
    found: dict[str, tuple[str, ...]] = {}
    for run, owner in connection.execute(query.order_by(table.c.get("asked", table.c.owner))):
        found[run] = (*found.get(run, ()), owner)
    return found


def _details(
    connection: sa.Connection, ids: Collection[str], latest: sa.Select[tuple[str]]
) -> dict[str, tuple[str, Figures]]:
    """Return the experiment's JSON and the known figures of these runs.

    The database takes the figures out of the summary: the whole of it holds what pages draw of a run while it trains.
    """
    if not ids:
        return {}
    numbers = [runs.c.summary[name].as_float().label(name) for name in NUMBERS]
    texts = [runs.c.summary[name].as_string().label(name) for name in TEXTS]
    query = sa.select(runs.c.id, runs.c.experiment, *numbers, *texts)
    query = query.where(runs.c.id.in_(ids if len(ids) <= FEW else latest))
    names = (*NUMBERS, *TEXTS)
    return {id: (text, dict(_known(names, values))) for id, text, *values in connection.execute(query)}


def _known(names: Iterable[str], values: Iterable[float | str | None]) -> Iterable[tuple[str, float | str]]:
    return ((name, value) for name, value in zip(names, values, strict=True) if value is not None)
