"""The run service: ask for a training, watch it, cancel it. No torch: trainings are in processes of their own."""

import atexit
import contextlib
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import places
from core.data import DataError, info, resolve
from core.layers.limits import TooLargeError, is_cheap
from core.layers.validation import LayerError
from core.runs import scheduler
from core.runs.control_requests import request_change
from core.runs.database import Database
from core.runs.dispatcher import Dispatcher
from core.runs.retention import Usage, usage
from core.runs.run import FINISHED, QUEUED, NotNow, QueueFull, Run, StoreUnavailable, UnknownRun
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.training.experiment import Experiment, ExperimentError
from core.training.run_changes import continued
from core.training.validation import input_shapes, within_limits

__all__ = ["NotNow", "QueueFull", "Run", "RunService", "StoreUnavailable", "UnknownRun"]

WATCH_SECONDS = 300.0  # between two notes that somebody looks at a run
PLACES_SECONDS = 0.3  # how old the queue may be when places in it are told


class RunService:
    """The runs of one home. Any number of threads may use it, and any number of processes may have one of their own.

    Every method but `stop` raises StoreUnavailable, with a sentence for the screen, when the home cannot be used;
    the service itself lives on and works again when the home does.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        slots: int | None = None,
        device: str = "auto",
        per_person: int = 20,
        in_all: int = 200,
        patience: float = 120.0,
    ) -> None:
        """Start to train whatever is queued in `home`, unless another process does so already.

        `slots`: runs that train at once (None: one a GPU, two on a CPU with two cores or more). `device`: what "auto"
        means for runs that do not name one. `per_person` and `in_all`: how many runs may wait. `patience`: seconds
        without a sign of life after which a worker is replaced.
        """
        self.home = (home or places.home()).absolute()
        self.per_person, self.in_all = per_person, in_all
        self._database = Database(self.home)
        self._store = Store(self._database)
        self._dispatcher = Dispatcher(self._store, self.home, slots, device, patience)
        self._watched: dict[str, float] = {}
        self._places: dict[str, int] = {}
        self._places_at = float("-inf")
        self._places_lock = threading.Lock()
        self._dispatcher.start()
        atexit.register(self.stop)

    def submit(self, experiment: Experiment, owner: str, device: str = "auto") -> str:
        """Ask for a training in the name of `owner`, and return its id: its key, with the data that is here.

        One that is queued, training or finished is shared, whoever asked first; one that stopped or failed is queued
        again and goes on from its last checkpoint. Raises QueueFull, core.data.DataError for data not known here, and
        ExperimentError for a network that would hold up everybody else's.
        """
        # Where "mnist" can only mean the digits that come with the app, the run's key must not say more than that.
        experiment = replace(experiment, data=resolve(experiment.data))
        _check_size(experiment)
        run = self._store.enqueue(experiment, owner, device, self.per_person, self.in_all)
        self._dispatcher.wake()
        return run

    def cancel(self, run: str, owner: str) -> None:
        """`owner` does not ask for the run any more; it stops when nobody does. Raises UnknownRun."""
        self._store.withdraw(run, owner)
        self._dispatcher.wake()

    def set_learning_rate(self, run: str, owner: str, learning_rate: float) -> None:
        """`owner` wants the run's learning rate (its peak, which the schedule scales) to be another from now on.

        Since a run's key says all that it does, another run goes on from here, with this one's history, and tells
        {"event": "changed"}; this one tells {"event": "forked", "run": its id}, has it as `summary["successor"]`, and
        stops unless others ask for it. Raises NotNow when it does not train or `owner` does not ask for it, and
        ExperimentError for a rate outside the limits.
        """
        request_change(self._database, run, owner, learning_rate)

    def stop_early(self, run: str, owner: str) -> None:
        """`owner` wants the run to end now and keep what it has learned: a finished run follows it, as with `set_learning_rate`."""
        request_change(self._database, run, owner, None)

    def continue_run(self, run: str, owner: str, epochs: int, device: str = "auto") -> str:
        """`epochs` more from the weights of a finished run, with a schedule of their own: another run, whose id it is.

        Raises as `submit` does, UnknownRun, NotNow for a run that is not finished, and ExperimentError for `epochs`.
        """
        parent = self._store.run(run)
        if parent.state != FINISHED:
            raise NotNow("Only a finished run can be gone on from: let it end, or end it and keep what it has learned.")
        return self.submit(continued(parent.experiment, epochs), owner, device)

    def warm_up(self, *experiments: Experiment) -> None:
        """Let idle workers read the data of `experiments` and try one step, as somebody may submit the like soon.

        A page calls this when it opens, so that its first runs begin as fast as later ones. Repeated, it costs nothing.
        What a step of takes longer than a moment is left out, by `core.layers.limits`.
        """
        self._dispatcher.warm_up([_warm_up_experiment(one) for one in experiments if _is_cheap(one)])

    def get(self, run: str) -> Run:
        """The run as it stands. Raises UnknownRun."""
        return self._placed([self._store.run(run)])[0]

    def get_many(self, ids: Collection[str]) -> dict[str, Run]:
        """The runs of these ids as they stand; those unknown are left out."""
        return {run.id: run for run in self._placed(list(self._store.runs(ids).values()))}

    def recent(self, limit: int = 50) -> list[Run]:
        """The runs asked for last, by anybody, newest first."""
        return self._placed(self._store.recent(limit))

    def history(self, run: str, since: int = 0) -> list[dict[str, Any]]:
        """The run's events in order, as `Event.to_dict` gives them, each with its "seq"; only those above `since`.

        Numbers only grow. A run that went back to a checkpoint has told a second "started", with the "step" it went
        on from, and keeps no event past that step from before: who reads on with `since` drops what it holds past it.
        Besides the events of training there is {"event": "note", "text": a sentence for those who watch}.
        """
        return self._store.history(run, since)

    def watch(self, ids: Collection[str]) -> None:
        """Note that somebody looks at these runs: what nobody looks at goes first when room is needed."""
        now = time.monotonic()
        with self._places_lock:
            stale = [run for run in ids if now - self._watched.get(run, float("-inf")) > WATCH_SECONDS]
            if len(self._watched) > 10_000:
                self._watched.clear()
            self._watched |= dict.fromkeys(stale, now)
        if stale:
            with contextlib.suppress(StoreUnavailable):  # a note that can be missed
                StoredRuns(self._database).watch(stale)

    def usage(self) -> Usage:
        """Return how much room the app's folder takes, and how much it may."""
        return usage(self.home)

    def counts(self) -> dict[str, int]:
        """How many runs there are in each state."""
        return self._store.counts()

    def machine(self) -> dict[str, Any] | None:
        """What this machine trains with, as a worker found it; None until the first worker was ready.

        {"devices": best first, "gpus": how many, "gpu": its name or None, "cores", "memory": bytes, "torch": version,
        "precision": what "auto" means here, "reason": a sentence on device and precision; "memories" (bytes) and
        "reasons" of every device, by its name}.
        """
        return self._dispatcher.machine

    @property
    def leads(self) -> bool:
        """Whether the workers are this process's own; elsewhere another process trains what is asked for here."""
        return self._dispatcher.leads

    @property
    def trouble(self) -> str | None:
        """Why nothing can be trained just now, as a sentence for the screen; None when all is well."""
        return self._dispatcher.trouble

    def stop(self) -> None:
        """End in order: what trains writes a checkpoint and waits for the next start. Called at exit, too."""
        atexit.unregister(self.stop)
        self._dispatcher.close()
        self._database.close()

    def _placed(self, runs: list[Run]) -> list[Run]:
        """`runs` with their places in the queue."""
        if not any(run.state == QUEUED for run in runs):
            return runs
        with self._places_lock:
            if time.monotonic() - self._places_at > PLACES_SECONDS:
                ordered = scheduler.order(*self._store.queue())
                self._places = {waiting.run: place for place, waiting in enumerate(ordered, 1)}
                self._places_at = time.monotonic()
            known = self._places
        last = len(known) + 1  # queued since the places were told
        return [replace(run, place=known.get(run.id, last)) if run.state == QUEUED else run for run in runs]


def _check_size(experiment: Experiment) -> None:
    """Raise ExperimentError for a network beyond the limits. What else is wrong, its worker says in words."""
    try:
        within_limits(experiment, info(experiment.data))
    except TooLargeError as error:
        raise ExperimentError(str(error)) from error
    except (LayerError, DataError):
        pass


def _is_cheap(experiment: Experiment) -> bool:
    try:
        shapes = input_shapes(experiment, info(experiment.data))
        return all(is_cheap(experiment.layers, shape, experiment.batch_size) for shape in shapes)
    except DataError:
        return False


def _warm_up_experiment(experiment: Experiment) -> Experiment:
    """What is tried of an experiment: one step, whose cost the other settings do not change."""
    return replace(
        experiment,
        epochs=1,
        seed=0,
        learning_rate=1e-3,
        schedule="constant",
        warmup=0.0,
        time_budget=0.0,
        compiled=False,
        lr_changes=(),
        stop_step=0,
        parent_run="",
    )
