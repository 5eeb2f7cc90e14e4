"""Read runs from their rows, and the changes to rows that several modules make within a transaction of theirs."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.run import PAUSING, QUEUED, RUNNING, STOPPED, STOPPING, Run
from core.runs.tables import clock, control_requests, events, former_owners, run_owners, runs
from core.training.experiment import Experiment, ExperimentError


def folder(home: Path, run: str) -> Path:
    """Return the folder of a run's files."""
    return home / "runs" / run


def append(connection: sa.Connection, run: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """Add events to a run's history, numbered on from the last ever written."""
    last = connection.execute(sa.select(runs.c.seq).where(runs.c.id == run)).scalar_one()
    rows = [
        {"run": run, "seq": seq, "step": payload.get("step"), "payload": dict(payload)}
        for seq, payload in enumerate(payloads, last + 1)
    ]
    if rows:
        connection.execute(sa.insert(events), rows)
        connection.execute(sa.update(runs).where(runs.c.id == run).values(seq=last + len(rows)))


def leave(connection: sa.Connection, run: str, owners: Collection[str]) -> None:
    """Take owners from a run, whose row is locked by then. Who leaves last is remembered: its files stay theirs."""
    if not owners:
        return
    theirs = sa.and_(run_owners.c.run == run, run_owners.c.owner.in_(owners))
    connection.execute(sa.delete(run_owners).where(theirs))
    connection.execute(sa.delete(former_owners).where(former_owners.c.run == run))
    connection.execute(sa.insert(former_owners), [{"run": run, "owner": owner} for owner in owners])


def release_run(connection: sa.Connection, run: str) -> bool:
    """End an attempt that was cut off: the run is queued again, or stopped if it has no owner left.

    The run's row is locked by then, and with it its owners.

    Returns:
        Whether the run is queued again.
    """
    owned = connection.execute(sa.select(run_owners.c.run).where(run_owners.c.run == run)).first() is not None
    queued = {"state": QUEUED, "front": True, "reason": None}
    values = queued if owned else {"state": STOPPED, "finished": clock()}
    connection.execute(sa.update(runs).where(runs.c.id == run).values(claim=None, interrupt=False, **values))
    return owned


def is_held(connection: sa.Connection, run: str, claim: str | None) -> bool:
    """Return whether the run is training under this claim, and lock its row."""
    query = sa.select(runs.c.claim).where(runs.c.id == run, runs.c.state == RUNNING).with_for_update()
    row = connection.execute(query).first()
    return row is not None and row.claim == claim


def owners_of(connection: sa.Connection, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the owners of each run that has any, the first to submit it first."""
    query = sa.select(run_owners.c.run, run_owners.c.owner).where(run_owners.c.run.in_(ids))
    found: dict[str, tuple[str, ...]] = {}
    for run, owner in connection.execute(query.order_by(run_owners.c.asked)):
        found[run] = (*found.get(run, ()), owner)
    return found


def read_runs(database: Database, query: sa.Select[Any]) -> list[Run]:
    """Return the runs of the rows that a query of the table `runs` selects.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    with database.reading() as connection:
        rows = connection.execute(query).all()
        owners = owners_of(connection, [row.id for row in rows])
        stopping = _stop_requests(connection, [row.id for row in rows if row.interrupt])
    found = []
    for row in rows:
        try:
            experiment = Experiment.from_store(row.experiment)
        except ExperimentError:  # written by another version of the app
            continue
        found.append(
            Run(
                id=row.id,
                experiment=experiment,
                device=row.device,
                state=_state(row, owners.get(row.id, ()), stopping.get(row.id)),
                reason=row.reason,
                place=None,
                owners=owners.get(row.id, ()),
                summary=row.summary,
                attempts=row.deaths + 1,
                created=row.created,
                started=row.started,
                finished=row.finished,
                folder=folder(database.home, row.id),
            )
        )
    return found


def _stop_requests(connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the owner who wants each of these runs to stop now and keep its weights."""
    requested = control_requests.c
    query = sa.select(requested.run, requested.owner).where(requested.run.in_(ids), requested.learning_rate.is_(None))
    return {run: owner for run, owner in connection.execute(query)} if ids else {}


def _state(row: sa.Row[Any], owners: tuple[str, ...], stopped_by: str | None) -> str:
    """Return the state as people see it: a running run that is to be released is pausing, or stopping."""
    if row.state != RUNNING or not row.interrupt:
        return str(row.state)
    if not owners:
        return PAUSING
    return STOPPING if owners == (stopped_by,) else RUNNING  # one that others want goes on for them
