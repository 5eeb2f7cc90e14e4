"""Queue what somebody submits, within the limits of the queue."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.runs import run_addresses
from core.runs.database import Database
from core.runs.postgres import QUEUEING, alone
from core.runs.run import ACTIVE, FAILED, FINISHED, QUEUED, RUNNING, STOPPED, QueueFull
from core.runs.scheduler import ADDRESS_SHARE
from core.runs.tables import clock, run_owners, run_priorities, runs
from core.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody submits."""

    experiment: Experiment
    owner: str
    device: str
    address: str  # the network that the owner comes from, if they are known by a cookie alone


def enqueue(database: Database, request: Request, per_person: int, in_all: int) -> str:
    """Add the owner to the owners of the experiment's run, and queue it: `Store.enqueue` says how, and what it raises.

    Raises:
        IntegrityError: Somebody else submits the same at this moment; it is there at the next try.
    """
    key = request.experiment.key
    fresh: dict[str, Any] = {"state": QUEUED, "device": request.device, "queued": clock(), "finished": None}
    fresh |= {"reason": None, "deaths": 0, "front": False, "interrupt": False, "claim": None}
    with database.writing() as connection:
        here = sa.select(runs.c.state).where(runs.c.id == key)
        if connection.execute(here).scalar() not in (*ACTIVE, FINISHED):
            alone(connection, QUEUEING)  # so that two requests do not both take the last place
        row = connection.execute(here.with_for_update()).first()
        if row is None or row.state not in (*ACTIVE, FINISHED):
            _check_limits(connection, request, per_person, in_all)
        if row is None:
            new = {"id": key, "experiment": request.experiment.to_json(), "created": clock(), **fresh}
            connection.execute(sa.insert(runs).values(new))
        elif row.state in (STOPPED, FAILED):
            connection.execute(sa.update(runs).where(runs.c.id == key).values(fresh))
            for table in (run_owners, run_priorities):  # of attempts that are over
                connection.execute(sa.delete(table).where(table.c.run == key))
        elif row.state == RUNNING:  # perhaps about to stop, since nobody watched: somebody does again
            connection.execute(sa.update(runs).where(runs.c.id == key).values(interrupt=False))
        if row is None or row.state not in (*ACTIVE, FINISHED):
            run_addresses.note(connection, key, request.address)
        theirs = sa.and_(run_owners.c.run == key, run_owners.c.owner == request.owner)
        if connection.execute(sa.select(run_owners.c.run).where(theirs)).first() is None:
            connection.execute(sa.insert(run_owners).values(run=key, owner=request.owner, asked=clock()))
    return key


def _check_limits(connection: sa.Connection, request: Request, per_person: int, in_all: int) -> None:
    waiting = sa.select(sa.func.count()).select_from(runs).where(runs.c.state == QUEUED)
    count = connection.execute(waiting).scalar_one()
    if count >= in_all:
        raise QueueFull(f"The queue is full ({count} runs): try again when some have finished.")
    theirs = waiting.where(runs.c.id.in_(sa.select(run_owners.c.run).where(run_owners.c.owner == request.owner)))
    count = connection.execute(theirs).scalar_one()
    if count >= per_person:
        raise QueueFull(f"You already have {count} runs in the queue: stop one, or wait for the next to start.")
    if request.address:
        from_there = runs.c.id.in_(run_addresses.queued_from(request.address))
        count = connection.execute(waiting.where(from_there)).scalar_one()
        if count >= max(per_person, int(ADDRESS_SHARE * in_all)):
            raise QueueFull(f"{count} runs from your network are in the queue: try again when some have started.")
