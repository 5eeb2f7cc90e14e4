"""Read and change the runs of a home, for people and for the dispatcher.

`core.runs.recorder` writes what a worker reports while it trains.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.enqueue import Request, enqueue
from core.runs.person import OWNER_LETTERS
from core.runs.run import (
    ACTIVE,
    FAILED,
    QUEUED,
    RUNNING,
    STATES,
    STOPPED,
    NotAllowed,
    Run,
    UnknownRun,
)
from core.runs.run_rows import append, is_held, leave, owners_of, read_runs, release_run
from core.runs.scheduler import QueuedRun
from core.runs.tables import (
    clock,
    control_requests,
    dispatchers,
    events,
    former_owners,
    run_addresses,
    run_owners,
    run_priorities,
    runs,
    upsert,
    worker_processes,
)
from core.training.events import current
from core.training.experiment import Experiment

NAME_LETTERS = 16  # of a dispatcher: the claims of its runs begin with its name


class Store:
    """The runs of one home.

    Every method is one transaction, and raises StoreUnavailable when there can be none.
    """

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self.database = database

    # ------------------------------------------------------------------ people

    def enqueue(
        self, experiment: Experiment, owner: str, device: str, per_person: int, in_all: int, address: str = ""
    ) -> str:
        """Add `owner` to the owners of an experiment's run, and queue it unless it is queued, training or finished.

        Args:
            experiment: What to train.
            owner: The person who submits it; names are cut to OWNER_LETTERS letters.
            device: "auto", "cpu", "cuda" or "mps".
            per_person: How many runs of one owner may be queued.
            in_all: How many runs of all owners may be queued.
            address: The network that the owner comes from, if they are known by a cookie alone: a new cookie is a new
                owner, so ADDRESS_SHARE of `in_all` is the limit for each network.

        Returns:
            The run's id.

        Raises:
            QueueFull: The run would have to be queued, and one of the limits is reached.
        """
        request = Request(experiment, owner[:OWNER_LETTERS], device, address)
        try:
            return enqueue(self.database, request, per_person, in_all)
        except sa.exc.IntegrityError:  # somebody submitted the same at the same time: now it is there
            return enqueue(self.database, request, per_person, in_all)

    def withdraw(self, run: str, owner: str) -> None:
        """Take `owner` from the owners of a run, which stops when none is left.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: It belongs to others.
        """
        with self.database.writing() as connection:
            state = connection.execute(sa.select(runs.c.state).where(runs.c.id == run).with_for_update()).scalar()
            if state is None:
                raise _unknown(run)
            if state not in ACTIVE:
                return
            owners = owners_of(connection, [run]).get(run, ())
            if owner[:OWNER_LETTERS] in owners:
                leave(connection, run, [owner[:OWNER_LETTERS]])
            elif owners:
                raise NotAllowed("This run belongs to someone else: only they or an instructor can stop it.")
            if len(owners) <= 1:
                nobody = {"interrupt": True} if state == RUNNING else {"state": STOPPED, "finished": clock()}
                connection.execute(sa.update(runs).where(runs.c.id == run).values(nobody))

    def runs(self, ids: Collection[str]) -> dict[str, Run]:
        """Return the runs of these ids that exist, by id."""
        ids = [id for id in ids if id.isprintable()]  # a link may hold anything, and PostgreSQL takes no NUL
        return {run.id: run for run in read_runs(self.database, sa.select(runs).where(runs.c.id.in_(ids)))}

    def run(self, id: str) -> Run:
        """Return one run.

        Raises:
            UnknownRun: There is no such run.
        """
        try:
            return self.runs([id])[id]
        except KeyError:
            raise _unknown(id) from None

    def owned_by(self, owner: str) -> list[str]:
        """Return the ids of a person's runs, and of those that they were the last to leave."""
        theirs = sa.select(run_owners.c.run).where(run_owners.c.owner == owner[:OWNER_LETTERS])
        left = sa.select(former_owners.c.run).where(
            former_owners.c.owner == owner[:OWNER_LETTERS], former_owners.c.run.not_in(sa.select(run_owners.c.run))
        )
        with self.database.reading() as connection:
            return list(connection.execute(sa.union(theirs, left)).scalars())

    def responsible(self, run: Run) -> tuple[str, ...]:
        """Return the owners of a run, or those who left it last: its files are theirs."""
        query = sa.select(former_owners.c.owner).where(former_owners.c.run == run.id)
        with self.database.reading() as connection:
            return run.owners or tuple(connection.execute(query).scalars())

    def recent(self, limit: int) -> list[Run]:
        """Return the latest runs of all owners, newest first."""
        return read_runs(self.database, sa.select(runs).order_by(runs.c.queued.desc()).limit(limit))

    def active(self) -> list[Run]:
        """Return every run that is queued or training."""
        return read_runs(self.database, sa.select(runs).where(runs.c.state.in_((QUEUED, RUNNING))))

    def history(self, run: str, since: int) -> list[dict[str, Any]]:
        """Return the run's events with a number above `since`, each with its "seq", under the names of today."""
        query = sa.select(events.c.seq, events.c.payload).where(events.c.run == run, events.c.seq > since)
        with self.database.reading() as connection:
            return [
                {"seq": row.seq, **current(row.payload)} for row in connection.execute(query.order_by(events.c.seq))
            ]

    def counts(self) -> dict[str, int]:
        """Return the number of runs in each state."""
        query = sa.select(runs.c.state, sa.func.count()).group_by(runs.c.state)
        with self.database.reading() as connection:
            found = {state: count for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    # ------------------------------------------------------------------ the dispatcher

    def queue(self) -> tuple[list[QueuedRun], dict[str, int], dict[str, float]]:
        """Return the arguments of `scheduler.order`.

        Returns:
            The queued runs; the number of running runs of each of their owners; and when each owner last got a worker.
        """
        with self.database.reading() as connection:
            more = (run_priorities.c.priority, run_addresses.c.address)
            waiting = sa.select(runs.c.id, runs.c.queued, runs.c.front, *more).where(runs.c.state == QUEUED)
            waiting = waiting.outerjoin_from(runs, run_priorities, run_priorities.c.run == runs.c.id)
            waiting = waiting.outerjoin(run_addresses, run_addresses.c.run == runs.c.id)
            rows = connection.execute(waiting).all()
            if not rows:
                return [], {}, {}
            asking = owners_of(connection, [row.id for row in rows])
            everybody = sorted({owner for owners in asking.values() for owner in owners})
            theirs = sa.select(run_owners.c.owner, runs.c.state, sa.func.count(), sa.func.max(runs.c.started))
            theirs = theirs.join_from(run_owners, runs).where(
                run_owners.c.owner.in_(everybody), runs.c.started.is_not(None)
            )
            training: dict[str, int] = {}
            served: dict[str, float] = {}
            for owner, state, count, started in connection.execute(theirs.group_by(run_owners.c.owner, runs.c.state)):
                if state == RUNNING:
                    training[owner] = count
                served[owner] = max(started, served.get(owner, 0.0))
        queued = [
            QueuedRun(row.id, asking.get(row.id, ("",)), row.queued, row.front, row.priority or 0, row.address or "")
            for row in rows
        ]
        return queued, training, served

    def running_from(self) -> dict[str, int]:
        """Return how many runs are training from each network; "" for those whose network is not known."""
        address = sa.func.coalesce(run_addresses.c.address, "")
        query = sa.select(address, sa.func.count()).select_from(runs).where(runs.c.state == RUNNING)
        query = query.outerjoin(run_addresses, run_addresses.c.run == runs.c.id).group_by(address)
        with self.database.reading() as connection:
            return {address: count for address, count in connection.execute(query)}

    def claim(self, ids: Sequence[str], claim: str) -> str | None:
        """Make the first of these runs that is still queued a running one, which only `claim` may write.

        One that another dispatcher is claiming at this moment is passed over.

        Returns:
            The run; None if all are taken.
        """
        with self.database.writing() as connection:
            for run in ids:
                queued = sa.select(runs.c.id).where(runs.c.id == run, runs.c.state == QUEUED)
                if connection.execute(queued.with_for_update(skip_locked=True)).first() is None:
                    continue
                values = {"state": RUNNING, "claim": claim, "started": clock(), "heartbeat": clock()}
                connection.execute(sa.update(runs).where(runs.c.id == run).values(**values, interrupt=False))
                # of an attempt that is over
                connection.execute(sa.delete(control_requests).where(control_requests.c.run == run))
                connection.execute(sa.delete(run_priorities).where(run_priorities.c.run == run))
                return run
        return None

    def release(self, run: str, claim: str) -> None:
        """End an attempt that does not go on: its run is queued again, or stopped if it has no owner left."""
        with self.database.writing() as connection:
            if is_held(connection, run, claim):
                release_run(connection, run)

    def mark_dead(self, run: str, claim: str, reason: str, most: int) -> None:
        """Record that a worker died while training a run, which goes to the front of the queue.

        Args:
            run: The run's id.
            claim: Of the attempt that ended; nothing is done if the run has another one.
            reason: Why the worker died, as a sentence.
            most: The run fails after more than so many deaths.
        """
        with self.database.writing() as connection:
            if not is_held(connection, run, claim):
                return  # it had come to its end before the worker died
            deaths = connection.execute(sa.select(runs.c.deaths).where(runs.c.id == run)).scalar_one() + 1
            values: dict[str, Any] = {"deaths": deaths}
            if deaths > most:
                reason = f"{reason} This happened {deaths} times, so the run was stopped."
                values |= {"state": FAILED, "finished": clock(), "claim": None, "reason": reason}
            elif release_run(connection, run):
                reason = f"{reason} The run continues from its last checkpoint, or starts again if it has none."
                values |= {"reason": reason}
            connection.execute(sa.update(runs).where(runs.c.id == run).values(values))
            append(connection, run, [{"event": "note", "text": reason}])

    def check_writable(self) -> None:
        """Write something without changing anything, which raises StoreUnavailable where nothing can be written."""
        with self.database.writing() as connection:
            row = {"machine": self.database.machine, "pid": 0}
            upsert(connection, worker_processes, [row | {"started": 0.0}])
            connection.execute(sa.delete(worker_processes).filter_by(**row))

    def interrupt(self, claims: Collection[str]) -> None:
        """Let the workers of these attempts write a checkpoint and release their runs."""
        with self.database.writing() as connection:
            connection.execute(sa.update(runs).where(runs.c.claim.in_(claims)).values(interrupt=True))

    def running(self, dispatcher: str = "") -> dict[str, tuple[str, float]]:
        """Return the claim and the last heartbeat of every running run of a dispatcher, or of all."""
        query = sa.select(runs.c.id, runs.c.claim, runs.c.heartbeat).where(runs.c.state == RUNNING)
        if dispatcher:
            query = query.where(runs.c.claim.startswith(dispatcher, autoescape=True))
        with self.database.reading() as connection:
            return {row.id: (row.claim, row.heartbeat) for row in connection.execute(query)}

    # ------------------------------------------------------------------ dispatchers and worker processes

    def add_dispatcher(self, name: str) -> None:
        """Register the dispatcher that leads on this machine now: those before it are gone, and so are their workers.

        Their runs are released, and those of dispatchers that nobody knows.

        Args:
            name: NAME_LETTERS letters.
        """
        with self.database.writing() as connection:
            here = sa.and_(dispatchers.c.machine == self.database.machine, dispatchers.c.name != name)
            connection.execute(sa.delete(dispatchers).where(here))
            self._see(connection, name)
            _release_orphans(connection)

    def see_dispatcher(self, name: str) -> None:
        """Note that this machine's dispatcher lives."""
        with self.database.writing() as connection:
            self._see(connection, name)

    def _see(self, connection: sa.Connection, name: str) -> None:
        upsert(connection, dispatchers, [{"name": name, "machine": self.database.machine, "seen": clock()}])

    def remove_dispatcher(self, name: str) -> None:
        """Forget a dispatcher that has ended; what is left of its runs is released."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(dispatchers).where(dispatchers.c.name == name))
            _release_orphans(connection)

    def release_lost(self, name: str, seconds: float) -> None:
        """Release the runs of other dispatchers that were not seen for so long, by the database's clock.

        Args:
            name: The dispatcher that asks, which lives.
            seconds: Longer than any that lives is silent.
        """
        lost = sa.and_(dispatchers.c.name != name, dispatchers.c.seen < clock() - seconds)
        with self.database.reading() as connection:
            if connection.execute(sa.select(dispatchers).where(lost)).first() is None and not _orphans(connection):
                return
        with self.database.writing() as connection:
            connection.execute(sa.delete(dispatchers).where(lost))
            known = sa.select(dispatchers.c.machine)
            connection.execute(sa.delete(worker_processes).where(worker_processes.c.machine.not_in(known)))
            _release_orphans(connection)

    def register_worker(self, pid: int, started: float) -> None:
        """Remember a worker process of this machine, so that a later leader can end it."""
        row = {"machine": self.database.machine, "pid": pid, "started": started}
        with self.database.writing() as connection:
            upsert(connection, worker_processes, [row])

    def unregister_worker(self, pid: int) -> None:
        """Forget a worker process that has ended."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(worker_processes).filter_by(machine=self.database.machine, pid=pid))

    def registered_workers(self) -> dict[int, float]:
        """Return the start time of each registered worker process of this machine, by process id."""
        query = sa.select(worker_processes).where(worker_processes.c.machine == self.database.machine)
        with self.database.reading() as connection:
            return {row.pid: row.started for row in connection.execute(query)}


def _orphans(connection: sa.Connection) -> list[tuple[str, str | None]]:
    """Return the running runs, with their claims, whose dispatcher is not registered."""
    names = set(connection.execute(sa.select(dispatchers.c.name)).scalars())
    query = sa.select(runs.c.id, runs.c.claim).where(runs.c.state == RUNNING).order_by(runs.c.id)
    return [(run, claim) for run, claim in connection.execute(query) if (claim or "")[:NAME_LETTERS] not in names]


def _release_orphans(connection: sa.Connection) -> None:
    for run, claim in _orphans(connection):
        if is_held(connection, run, claim):
            release_run(connection, run)


def _unknown(run: str) -> UnknownRun:
    return UnknownRun(f"There is no run {run!r:.40} here: it was made on another machine, or it was deleted.")
