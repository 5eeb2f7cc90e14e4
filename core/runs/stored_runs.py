"""List the runs that the store and the disk hold, note which are viewed, and remove some. Used to make room."""

import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.run import ACTIVE, FINISHED, STOPPED
from core.runs.run_addresses import queued_from
from core.runs.run_rows import append, folder
from core.runs.tables import clock, events, metadata, run_labels, runs, upsert, watched
from core.training.experiment import JSON_NAMES


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run's state and size, for `core.runs.retention`."""

    run: str
    state: str
    parent: str  # the run whose weights it starts from
    seen: float  # when somebody last viewed it, or it last changed
    history_bytes: int
    pinned: bool = False  # on the board, by whoever instructs


class StoredRuns:
    """The storage that the runs of one home take.

    Every method is one transaction, and raises StoreUnavailable when there can be none.
    """

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self.database = database

    def watch(self, ids: Collection[str]) -> None:
        """Note that somebody views these runs now; unknown ones are left out."""
        known = sa.select(runs.c.id).where(runs.c.id.in_(ids)).order_by(runs.c.id)
        with self.database.writing() as connection:
            found = connection.execute(known.with_for_update(read=True, key_share=True)).scalars().all()
            upsert(connection, watched, [{"run": run, "seen": clock()} for run in found])

    def all(self) -> list[StoredRun]:
        """Return every run, the one unseen for the longest first."""
        size = sa.select(sa.func.sum(sa.func.length(events.c.payload.cast(sa.Text)))).where(events.c.run == runs.c.id)
        query = sa.select(
            runs.c.id,
            runs.c.state,
            runs.c.experiment,
            runs.c.queued,
            runs.c.finished,
            watched.c.seen,
            run_labels.c.pinned,
            size.scalar_subquery().label("size"),
        )
        query = query.join_from(runs, watched, isouter=True).join(run_labels, isouter=True)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        found = [
            StoredRun(
                row.id,
                row.state,
                _parent(row.experiment),
                max(row.queued, row.finished or 0.0, row.seen or 0.0),
                row.size or 0,
                bool(row.pinned),
            )
            for row in rows
        ]
        return sorted(found, key=lambda stored: stored.seen)

    def used_from(self, address: str, seconds: float) -> list[str]:
        """Return the ids of the runs from a network that changed or were viewed within so many seconds.

        None if the network is not known.
        """
        if not address:
            return []
        since = clock() - seconds
        is_used = sa.or_(*(time > since for time in (runs.c.queued, runs.c.finished, watched.c.seen)))
        query = sa.select(runs.c.id).join_from(runs, watched, isouter=True)
        with self.database.reading() as connection:
            found = connection.execute(query.where(runs.c.id.in_(queued_from(address)), is_used))
            return [str(run) for run in found.scalars()]

    def free_bytes(self) -> int:
        """Return the size of the empty part of the store's file: deleting rows frees space within it only.

        0 for PostgreSQL, which keeps no file in the home.
        """
        with self.database.reading() as connection:
            if connection.dialect.name != "sqlite":
                return 0
            pages, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("freelist_count", "page_size")
            )
        return int(pages * size)

    def remove_files(self, run: str, reason: str) -> bool:
        """Remove the files of a run that is neither training nor queued.

        A finished run becomes a stopped one: whoever submits it again has it trained again.

        Returns:
            Whether the files were removed.
        """
        with self.database.writing() as connection:
            state = connection.execute(sa.select(runs.c.state).where(runs.c.id == run).with_for_update()).scalar()
            if state is None or state in ACTIVE:
                return False
            if state == FINISHED:
                connection.execute(sa.update(runs).where(runs.c.id == run).values(state=STOPPED, reason=reason))
            append(connection, run, [{"event": "note", "text": reason}])
            shutil.rmtree(folder(self.database.home, run), ignore_errors=True)
        return True

    def delete(self, run: str) -> bool:
        """Delete a run that is neither training nor queued, with its files and history.

        Returns:
            Whether the run was deleted.
        """
        with self.database.writing() as connection:
            state = connection.execute(sa.select(runs.c.state).where(runs.c.id == run).with_for_update()).scalar()
            if state is None or state in ACTIVE:
                return False
            for column in (column for table in metadata.sorted_tables for column in table.columns):
                if column.references(runs.c.id):
                    connection.execute(sa.delete(column.table).where(column == run))
            connection.execute(sa.delete(runs).where(runs.c.id == run))
            shutil.rmtree(folder(self.database.home, run), ignore_errors=True)
        return True


def _parent(experiment: str) -> str:
    """Return the parent run in an experiment's JSON, which another version of the app may have written."""
    try:
        return str(json.loads(experiment).get(JSON_NAMES["parent_run"], ""))
    except (ValueError, AttributeError):
        return ""
