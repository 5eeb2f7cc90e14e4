"""Under which class, and in which lesson, runs were asked for. Several people may ask for one, each somewhere else."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.tables import clock, run_classes, runs, upsert

MAX_NAME = 40  # characters of a class's name, and of a lesson's


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a run was asked for; outside of classes and lessons there is nothing."""

    classes: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()  # by name


NOWHERE = Asked()


class RunClasses:
    """The classes and lessons of one home's runs. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database

    def note(self, run: str, class_name: str, lesson: str) -> None:
        """Note that a run was asked for in a class, in a lesson, or in both; "" for neither. It stays with the run."""
        if not (class_name or lesson):
            return
        row = {"run": run, "class_name": class_name[:MAX_NAME], "lesson": lesson[:MAX_NAME], "asked": clock()}
        known = sa.select(runs.c.id).where(runs.c.id == run).with_for_update(read=True, key_share=True)
        with self._database.writing() as connection:
            if connection.execute(known).first() is not None:  # else it was deleted since
                upsert(connection, run_classes, [row])


def read_asked(connection: sa.Connection, ids: sa.Select[tuple[str]]) -> dict[str, Asked]:
    """Return where each of these runs was asked for, the first place first; those of nowhere are left out."""
    query = sa.select(run_classes.c.run, run_classes.c.class_name, run_classes.c.lesson)
    rows: dict[str, list[tuple[str, str]]] = {}
    for run, class_name, lesson in connection.execute(
        query.where(run_classes.c.run.in_(ids)).order_by(run_classes.c.asked)
    ):
        rows.setdefault(run, []).append((class_name, lesson))
    return {run: Asked(*(_named(column) for column in zip(*places, strict=True))) for run, places in rows.items()}


def inherit(connection: sa.Connection, run: str, successor: str) -> None:
    """Let a run that another one became be of the same classes and lessons."""
    query = sa.select(run_classes).where(run_classes.c.run == run)
    upsert(connection, run_classes, [{**row, "run": successor} for row in connection.execute(query).mappings().all()])


def _named(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name)
