"""Change a run while it trains: set another learning rate, or stop it early and keep its weights.

A run's key names everything it does, and others may watch it. So a changed run becomes a run of its own
(`core.training.run_changes`), which has the old one's history up to there and continues from its checkpoint. The old
one stops, unless it has other owners, and gets the event {"event": "forked", "run": the new one's id, "step"}.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.runs import run_addresses
from core.runs.database import Database
from core.runs.run import FAILED, QUEUED, STOPPED, Run
from core.runs.run_files import CHECKPOINT
from core.runs.run_lessons import inherit
from core.runs.run_rows import append, folder, leave
from core.runs.tables import clock, control_requests, events, run_owners, runs
from core.training import checkpoints
from core.training.events import Checkpoint
from core.training.experiment import Experiment
from core.training.run_changes import stopped, with_rate


def fork(database: Database, run: Run, checkpoint: Checkpoint) -> Callable[[sa.Connection], None] | None:
    """Prepare the run that a changed run becomes.

    Args:
        database: The store.
        run: A run that is about to be released.
        checkpoint: Where it is released.

    Returns:
        What to write in the transaction that releases `run`; None if no change was requested. The new run's checkpoint
        is on disk by then.

    Raises:
        ExperimentError: The change is not possible.
        OSError: The checkpoint cannot be written.
    """
    with database.reading() as connection:
        wished = connection.execute(sa.select(control_requests).where(control_requests.c.run == run.id)).first()
    if wished is None:
        return None
    if wished.learning_rate is None:
        experiment = stopped(run.experiment, checkpoint.step)
    else:
        experiment = with_rate(run.experiment, checkpoint.step, wished.learning_rate)
    path = folder(database.home, experiment.key) / CHECKPOINT
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoints.save(path, replace(checkpoint, state=checkpoint.state | {"experiment": experiment.to_json()}))

    def write(connection: sa.Connection) -> None:
        _insert(connection, run, experiment, checkpoint.step)
        leave(connection, run.id, [wished.owner])
        connection.execute(
            sa.delete(run_owners).where(run_owners.c.run == experiment.key, run_owners.c.owner == wished.owner)
        )
        connection.execute(sa.insert(run_owners).values(run=experiment.key, owner=wished.owner, asked=clock()))
        inherit(connection, run.id, experiment.key)
        run_addresses.inherit(connection, run.id, experiment.key)
        forked = {"event": "forked", "run": experiment.key, "step": checkpoint.step}
        append(connection, run.id, [forked | {"learning_rate": wished.learning_rate}])
        summary = connection.execute(sa.select(runs.c.summary).where(runs.c.id == run.id)).scalar_one()
        summary = summary | {"successor": experiment.key}
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(summary=summary))
        connection.execute(sa.delete(control_requests).where(control_requests.c.run == run.id))

    return write


def _insert(connection: sa.Connection, run: Run, experiment: Experiment, step: int) -> None:
    """Queue the new run before all others, with the old one's history up to `step`; an existing one stays as it is."""
    key = experiment.key
    state = connection.execute(sa.select(runs.c.state).where(runs.c.id == key).with_for_update()).scalar()
    waits: dict[str, Any] = {"state": QUEUED, "queued": clock(), "front": True, "interrupt": False, "claim": None}
    if state in (STOPPED, FAILED):
        connection.execute(sa.update(runs).where(runs.c.id == key).values(waits))
    if state is not None:
        return
    summary = connection.execute(sa.select(runs.c.summary).where(runs.c.id == run.id)).scalar_one()
    # not what the old one became for others, nor how long that would have gone on
    summary = {name: value for name, value in summary.items() if name not in ("successor", "seconds_left")}
    row = {"id": key, "experiment": experiment.to_json(), "device": run.device, "created": clock(), "deaths": 0}
    connection.execute(sa.insert(runs).values(**row, **waits, seq=0, summary=summary))
    query = sa.select(events.c.payload).where(events.c.run == run.id, events.c.step <= step).order_by(events.c.seq)
    payloads = connection.execute(query).scalars().all()
    append(connection, key, [payload for payload in payloads if payload["event"] != "forked"])
