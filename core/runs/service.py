"""The run service: submit, watch and cancel runs. No torch: runs are trained in processes of their own."""

import atexit
import contextlib
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import app_paths
from core.data import resolve
from core.runs import host_limits, scheduler
from core.runs.board import Board, BoardReader
from core.runs.control_requests import request_change
from core.runs.database import Database
from core.runs.dispatcher import Dispatcher
from core.runs.host_limits import HostLimits
from core.runs.instructor_actions import Instruction
from core.runs.lost_files import as_seen, is_lost
from core.runs.person import Person
from core.runs.retention import PROTECTED_SECONDS, Room, Usage, usage
from core.runs.run import (
    ACTIVE,
    FINISHED,
    LOST_REASON,
    QUEUED,
    NotAllowed,
    NotNow,
    QueueFull,
    Run,
    StoreUnavailable,
    UnknownRun,
)
from core.runs.run_labels import RunLabels
from core.runs.run_lessons import RunClasses
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.runs.submission import check_size, warm_up_experiment, warms_up
from core.runs.worker_pool import HUNG_SECONDS
from core.training.experiment import Experiment
from core.training.run_changes import continued

__all__ = ["NotNow", "QueueFull", "Run", "RunService", "StoreUnavailable", "UnknownRun"]

WATCH_SECONDS = 300.0  # between two notes that somebody views a run
PLACES_SECONDS = 0.3  # how old the queue may be when places in it are shown


class RunService:
    """The runs of one home. Any number of threads may use it, and any number of processes may have one of their own.

    Every method but `stop` raises StoreUnavailable, with a sentence for the screen, if the home cannot be used. The
    service itself goes on and works again when the home does.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        slots: int | None = None,
        device: str = "auto",
        limits: HostLimits | None = None,
        patience: float = HUNG_SECONDS,
        database: Database | None = None,
    ) -> None:
        """Start to train whatever is queued in `home`, unless another process does so already.

        Args:
            home: The app's folder; None for the default.
            slots: Runs that train at once; None for one a GPU, or two on a CPU with two cores or more.
            device: What "auto" means for runs that do not name a device.
            limits: What people may run; None for what the host has set.
            patience: Seconds without a heartbeat after which a worker is replaced.
            database: The connections to the store of `home`, if this process has some already.
        """
        self.home = (home or app_paths.home()).absolute()
        self.limits = limits or host_limits.from_environment()
        self._room = Room(self.home)
        self._database = database or Database(self.home)
        self._store = Store(self._database)
        self._board = BoardReader(self._database)
        self._labels = RunLabels(self._database)
        self._classes = RunClasses(self._database)
        self._instruction = Instruction(self._database)
        self._dispatcher = Dispatcher(
            self._store, self.home, slots, device, patience, int(self.limits.running_per_person)
        )
        self._watched: dict[str, float] = {}
        self._places: dict[str, int] = {}
        self._places_at = float("-inf")
        self._places_lock = threading.Lock()
        self._dispatcher.start()
        atexit.register(self.stop)

    def submit(self, experiment: Experiment, owner: str | Person, device: str = "auto", lesson: str = "") -> str:
        """Submit an experiment in the name of `owner`: a Person, so that limits of network and class hold, or an id.

        The board tells in which class a Person submitted it, and in which `lesson`.

        A run that is queued, training or finished is shared, whoever submitted it first. One that stopped or failed is
        queued again and continues from its last checkpoint.

        Returns:
            The run's id: the experiment's key, with the data that is on this machine.

        Raises:
            NotAllowed: Training is paused for the class, and `owner` is a student of it.
            QueueFull: Too many runs are queued, or NoRoom: their files take too much room.
            DataError: The data is not known here.
            ExperimentError: The run is so large that it would hold up everybody else's.
        """
        # Where "mnist" can only mean the digits that come with the app, the run's key must not say more than that.
        experiment = replace(experiment, data=resolve(experiment.data))
        check_size(experiment, self.limits)
        if isinstance(owner, Person):
            self._instruction.check_may_submit(owner)
        id, address = (owner.id, owner.address) if isinstance(owner, Person) else (owner, "")
        limits = self.limits
        known = self._store.runs([experiment.key]).get(experiment.key)
        lost = known is not None and is_lost(known)
        if lost:
            StoredRuns(self._database).remove_files(experiment.key, LOST_REASON)  # so that it is trained again
        if known is None or lost or known.state not in (*ACTIVE, FINISHED):
            self._check_room(owner)
        run = self._store.enqueue(experiment, id, device, int(limits.queued_per_person), int(limits.queued), address)
        self._dispatcher.wake()
        self._classes.note(run, owner.class_name if isinstance(owner, Person) else "", lesson)
        return run

    def _check_room(self, owner: str | Person) -> None:
        id, address = (owner.id, owner.address) if isinstance(owner, Person) else (owner, "")
        self._room.check(
            self.limits.bytes_per_person,
            lambda: self._store.owned_by(id),
            lambda: StoredRuns(self._database).used_from(address, PROTECTED_SECONDS),
        )

    def cancel(self, run: str, owner: str) -> None:
        """Withdraw `owner`'s request; the run stops once no owner is left.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: It belongs to others.
        """
        self._store.withdraw(run, owner)
        self._dispatcher.wake()

    def set_learning_rate(self, run: str, owner: str | Person, learning_rate: float) -> None:
        """Set the peak learning rate of a running run, which the schedule scales, from now on.

        Since a run's key names everything it does, another run continues from here, with this one's history and the
        event {"event": "changed"}. This one gets {"event": "forked", "run": its id}, has it as `summary["successor"]`,
        and stops unless it has other owners.

        Raises:
            NotNow: The run is not training.
            NotAllowed: `owner` neither owns it nor instructs.
            ExperimentError: The rate is outside its limits.
            NoRoom: As for `submit`: the other run has files of its own.
        """
        self._check_room(owner)
        request_change(self._database, run, owner, learning_rate)

    def stop_early(self, run: str, owner: str | Person) -> None:
        """Stop a running run now and keep its weights: a finished run follows it, as with `set_learning_rate`.

        Raises:
            NotNow: The run is not training.
            NotAllowed: `owner` neither owns it nor instructs.
        """
        request_change(self._database, run, owner, None)

    def stop_run(self, run: str, person: Person) -> None:
        """Stop anybody's run, for an instructor. Its progress is kept, and it can be resumed.

        Raises:
            NotAllowed: The person does not instruct.
            UnknownRun: There is no such run.
        """
        check_instructs(person)
        self._instruction.stop(run)
        self._dispatcher.wake()

    def move_run(self, run: str, person: Person, *, front: bool) -> None:
        """Move anybody's queued run to the front of the queue, or to its back, for an instructor.

        Raises:
            NotAllowed: The person does not instruct.
            NotNow: The run is not queued any more.
            UnknownRun: There is no such run.
        """
        check_instructs(person)
        self._instruction.move(run, front=front)
        with self._places_lock:
            self._places_at = float("-inf")

    def active(self) -> list[Run]:
        """Return every run that trains or waits: those that train first, then the queue in its order."""
        runs = self._placed(self._store.active())
        return sorted(runs, key=lambda run: (run.place or 0, run.started or 0.0))

    def slots(self) -> int:
        """Return how many runs train at once."""
        return self._dispatcher.pool.known_size

    def continue_run(self, run: str, owner: str | Person, epochs: int, device: str = "auto", lesson: str = "") -> str:
        """Submit a run of more epochs from the weights of a finished run, with a schedule of its own.

        Returns:
            The new run's id.

        Raises:
            UnknownRun: There is no such run.
            NotNow: The run is not finished.
            NotAllowed: As for `submit`.
            ExperimentError: `epochs` is outside its limits.
            QueueFull: Too many runs are queued.
        """
        parent = self._store.run(run)
        if parent.state != FINISHED:
            raise NotNow("Only a finished run can be continued: let it finish, or stop it early and keep its weights.")
        return self.submit(continued(parent.experiment, epochs), owner, device, lesson)

    def delete(self, run: str, person: Person) -> None:
        """Delete a run that has ended, with its files and its history.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: The person does not own it alone, nor left it last and alone, and does not instruct.
            NotNow: The run is not over.
        """
        found = self._store.run(run)
        if not person.may_delete(self._store.responsible(found)):
            raise NotAllowed("Only who alone submitted this run, or an instructor, can delete it.")
        if any(run in (other.experiment.parent_run, other.id) for other in self._store.active()):
            raise NotNow("This run, or one that starts from its weights, is not over: stop it first.")
        if not StoredRuns(self._database).delete(run):
            raise NotNow("This run is not over: stop it first.")
        self._board.refresh()

    @property
    def database(self) -> Database:
        """The store's connections, for what is kept beside runs."""
        return self._database

    def warm_up(self, *experiments: Experiment) -> None:
        """Let idle workers read the data of `experiments` and run one step, as similar ones may be submitted soon.

        A page calls this when it opens, so that its first runs begin as fast as later ones. Repeated, it costs nothing.
        Experiments with a slow step, by `core.layers.limits`, are left out.
        """
        self._dispatcher.warm_up([warm_up_experiment(one) for one in experiments if warms_up(one)])

    def get(self, run: str) -> Run:
        """Return the run in its present state.

        Raises:
            UnknownRun: There is no such run.
        """
        return self._placed([self._store.run(run)])[0]

    def get_many(self, ids: Collection[str]) -> dict[str, Run]:
        """Return the runs of these ids in their present state, without unknown ones."""
        return {run.id: run for run in self._placed(list(self._store.runs(ids).values()))}

    def recent(self, limit: int = 50) -> list[Run]:
        """Return the runs submitted last, by anybody, newest first."""
        return self._placed(self._store.recent(limit))

    def board(self, person: Person) -> Board:
        """Return all runs that `person` may see as of a second ago, the same for everybody who looks at that time."""
        return self._board.read().seen_by(person)

    def name_run(self, run: str, name: str, note: str, person: Person) -> None:
        """Give a run a name and a note on the board, in the name of `person`, who submitted it first or instructs.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: `person` may not.
        """
        self._labels.name(run, name, note, person)
        self._board.refresh()

    def pin_run(self, run: str, pinned: bool, person: Person) -> None:
        """Let a run stand first on the board, for everybody, or no longer.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: The person does not instruct.
            NotNow: Too many runs are pinned.
        """
        self._labels.pin(run, pinned, person)
        self._board.refresh()

    def hide_run(self, run: str, hidden: bool, person: Person) -> None:
        """Take a run off everybody else's board, or put it back.

        Raises:
            UnknownRun: There is no such run.
            NotAllowed: The person does not instruct.
        """
        self._labels.hide(run, hidden, person)
        self._board.refresh()

    def history(self, run: str, since: int = 0) -> list[dict[str, Any]]:
        """Return the run's events above number `since` in order, each as `Event.to_dict` gives it with its "seq".

        Numbers only grow. A run that went back to a checkpoint has a second "started" event, with the "step" it
        continued from, and keeps no earlier event past that step: who reads on with `since` drops what it holds past
        it. Besides the events of training there is {"event": "note", "text": a sentence for viewers}.
        """
        return self._store.history(run, since)

    def watch(self, ids: Collection[str]) -> None:
        """Note that somebody views these runs now; those unseen for the longest are removed first to make room."""
        now = time.monotonic()
        with self._places_lock:
            stale = [run for run in ids if now - self._watched.get(run, float("-inf")) > WATCH_SECONDS]
            if len(self._watched) > 10_000:
                self._watched.clear()
            self._watched |= dict.fromkeys(stale, now)
        if stale:
            with contextlib.suppress(StoreUnavailable):  # a note that can be missed
                StoredRuns(self._database).watch(stale)

    def version(self, run: str) -> tuple[int, int] | None:
        """Return something that is another when the run has changed; None where one has to look, without a notice."""
        return self._dispatcher.notices.version(run)

    def usage(self) -> Usage:
        """Return how much room the app's folder takes, and how much it may."""
        return usage(self.home)

    def counts(self) -> dict[str, int]:
        """Return the number of runs in each state."""
        return self._store.counts()

    def machine(self) -> dict[str, Any] | None:
        """Return this machine's devices as a worker found them; None until the first worker was ready.

        Returns:
            {"devices": best first, "gpus": how many, "gpu": its name or None, "cores", "memory": bytes, "torch":
            version, "precision": the meaning of "auto" here, "reason": a sentence on device and precision; "memories"
            (bytes) and "reasons" of every device, by its name}.
        """
        return self._dispatcher.machine

    @property
    def leads(self) -> bool:
        """True if the workers are this process's own; else another process trains the runs."""
        return self._dispatcher.leads

    @property
    def trouble(self) -> str | None:
        """Why nothing can be trained now, as a sentence for the screen; None when all is well."""
        return self._dispatcher.trouble

    def stop(self) -> None:
        """End in order: running runs write a checkpoint and wait for the next start. Called at exit, too."""
        atexit.unregister(self.stop)
        self._dispatcher.close()
        self._database.close()

    def _placed(self, runs: list[Run]) -> list[Run]:
        """Return `runs` as their viewers see them, with their places in the queue."""
        runs = [as_seen(run) for run in runs]
        if not any(run.state == QUEUED for run in runs):
            return runs
        with self._places_lock:
            if time.monotonic() - self._places_at > PLACES_SECONDS:
                ordered = scheduler.order(*self._store.queue())
                self._places = {waiting.run: place for place, waiting in enumerate(ordered, 1)}
                self._places_at = time.monotonic()
            known = self._places
        last = len(known) + 1  # queued since the places were computed
        return [replace(run, place=known.get(run.id, last)) if run.state == QUEUED else run for run in runs]


def check_instructs(person: Person) -> None:
    """Raise NotAllowed for a person who does not instruct."""
    if not person.instructs:
        raise NotAllowed("Only an instructor of this class can do this.")
