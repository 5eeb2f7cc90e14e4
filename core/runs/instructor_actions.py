"""What an instructor does to everybody's runs: stop one, move one in the queue, let none begin or be submitted."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.person import Person
from core.runs.run import ACTIVE, QUEUED, RUNNING, STOPPED, NotAllowed, NotNow, UnknownRun
from core.runs.run_rows import leave, owners_of
from core.runs.tables import class_state, clock, run_priorities, runs, upsert

# Names in the class's state.
DRAINING = "draining"  # no queued run begins
FROZEN = "frozen"  # students submit none
FROZEN_SENTENCE = (
    "Your instructor has paused training for the class. Running networks train on; new runs can start later."
)


class Instruction:
    """The runs and the class's state of one home. Who may do it is checked by the caller."""

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database

    def stop(self, run: str) -> None:
        """Stop a run, whoever owns it; nothing is done to one that has ended.

        Raises:
            UnknownRun: There is no such run.
        """
        with self._database.writing() as connection:
            state = _state(connection, run)
            if state not in ACTIVE:
                return
            leave(connection, run, owners_of(connection, [run]).get(run, ()))
            connection.execute(sa.delete(run_priorities).where(run_priorities.c.run == run))
            end = {"interrupt": True} if state == RUNNING else {"state": STOPPED, "finished": clock()}
            connection.execute(sa.update(runs).where(runs.c.id == run).values(end))

    def move(self, run: str, *, front: bool) -> None:
        """Move a queued run to the front of the queue, or to its back.

        Raises:
            UnknownRun: There is no such run.
            NotNow: It is not queued any more.
        """
        edge = sa.func.max if front else sa.func.min
        with self._database.writing() as connection:
            if _state(connection, run) != QUEUED:
                raise NotNow("This run does not wait any more, so its place cannot be changed.")
            known = connection.execute(sa.select(edge(run_priorities.c.priority))).scalar() or 0
            priority = max(known, 0) + 1 if front else min(known, 0) - 1
            connection.execute(sa.delete(run_priorities).where(run_priorities.c.run == run))
            connection.execute(sa.insert(run_priorities).values(run=run, priority=priority))

    def state(self) -> dict[str, Any]:
        """Return the class's state: values by name."""
        with self._database.reading() as connection:
            return {row.name: row.value for row in connection.execute(sa.select(class_state))}

    def set_state(self, values: Mapping[str, Any]) -> None:
        """Set values of the class's state; None removes one."""
        with self._database.writing() as connection:
            gone = [name for name, value in values.items() if value is None]
            connection.execute(sa.delete(class_state).where(class_state.c.name.in_(gone)))
            upsert(
                connection, class_state, [{"name": name, "value": values[name]} for name in values if name not in gone]
            )

    def is_draining(self) -> bool:
        """Return whether no queued run may begin."""
        return self._is_set(DRAINING)

    def check_may_submit(self, person: Person) -> None:
        """Raise NotAllowed for a student while training is paused for the class."""
        if not person.instructs and self._is_set(FROZEN):
            raise NotAllowed(FROZEN_SENTENCE)

    def _is_set(self, name: str) -> bool:
        with self._database.reading() as connection:
            return bool(connection.execute(sa.select(class_state.c.value).where(class_state.c.name == name)).scalar())


def _state(connection: sa.Connection, run: str) -> str:
    state = connection.execute(sa.select(runs.c.state).where(runs.c.id == run).with_for_update()).scalar()
    if state is None:
        raise UnknownRun(f"There is no run {run!r:.40} here: it was made on another machine, or it was deleted.")
    return str(state)
