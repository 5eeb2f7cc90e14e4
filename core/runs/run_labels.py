"""What people call a run on the board: a name and a note by its first owner, a pin and a veil by whoever instructs."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.one_line import one_line
from core.runs.person import Person
from core.runs.run import NotAllowed, NotNow, UnknownRun
from core.runs.tables import run_labels, run_owners, runs

MAX_NAME, MAX_NOTE, MAX_PINNED = 60, 300, 12


@dataclass(frozen=True, slots=True)
class Label:
    """A run's label; most runs have none."""

    name: str = ""
    note: str = ""
    pinned: bool = False  # stands first, for everybody
    hidden: bool = False  # only who instructs sees the run on the board


class RunLabels:
    """The labels of one home's runs. Every method is one transaction and may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database

    def name(self, run: str, name: str, note: str, person: Person) -> None:
        """Give a run a name and a note, in the name of `person`; longer ones are cut.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: Somebody else submitted the run first, and `person` does not instruct.
        """
        with self._database.writing() as connection:
            _check_known(connection, run)
            theirs = sa.select(run_owners.c.owner).where(run_owners.c.run == run).order_by(run_owners.c.asked)
            if not person.may_name(connection.execute(theirs).scalars().all()):
                raise NotAllowed("Only the person who submitted a run first, or the instructor, can name it.")
            _write(connection, run, name=one_line(name, MAX_NAME), note=one_line(note, MAX_NOTE))

    def pin(self, run: str, pinned: bool, person: Person) -> None:
        """Let a run stand first on the board for everybody, or no longer.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: `person` does not instruct.
            NotNow: MAX_PINNED runs are pinned.
        """
        _check_instructs(person, "pin")
        with self._database.writing() as connection:
            _check_known(connection, run)
            count = sa.select(sa.func.count()).where(run_labels.c.pinned, run_labels.c.run != run)
            if pinned and connection.execute(count).scalar_one() >= MAX_PINNED:
                raise NotNow(f"{MAX_PINNED} runs are pinned, which is the most: unpin one first.")
            _write(connection, run, pinned=pinned)

    def hide(self, run: str, hidden: bool, person: Person) -> None:
        """Take a run off everybody else's board, or put it back.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: `person` does not instruct.
        """
        _check_instructs(person, "hide")
        with self._database.writing() as connection:
            _check_known(connection, run)
            _write(connection, run, hidden=hidden)


def _check_instructs(person: Person, verb: str) -> None:
    if not person.instructs:
        raise NotAllowed(f"Only the instructor can {verb} a run.")


def _check_known(connection: sa.Connection, run: str) -> None:
    """Raise UnknownRun for a run that does not exist; its row is locked until the transaction ends."""
    if connection.execute(sa.select(runs.c.id).where(runs.c.id == run).with_for_update()).first() is None:
        raise UnknownRun("This run is not on the board any more: it was removed to make room.")


def _write(connection: sa.Connection, run: str, **values: Any) -> None:
    changed = connection.execute(sa.update(run_labels).where(run_labels.c.run == run).values(values))
    if not changed.rowcount:
        connection.execute(sa.insert(run_labels).values(run=run, **values))
