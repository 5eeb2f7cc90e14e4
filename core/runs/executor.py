"""Train one run within a worker: report events to the store, keep the files, and settle how it ended."""

import contextlib
import logging
import time
from collections.abc import Callable, Generator
from pathlib import Path

import torch

from core.data import DataError, prepare
from core.data import Progress as Preparation
from core.layers.setting_checks import LayerError
from core.runs import host_limits, retention
from core.runs.database import Database
from core.runs.fork import fork
from core.runs.recorder import FLUSH_SECONDS, ClaimLost, Recorder
from core.runs.run import FAILED, NoRoom, Run, StoreUnavailable
from core.runs.run_files import CHECKPOINT, PREDICTIONS, WEIGHTS, save_predictions
from core.runs.store import Store
from core.runs.store_errors import why_unavailable
from core.training import checkpoints
from core.training.checkpoints import CheckpointError
from core.training.events import Checkpoint, Evaluated, Event, Finished, Phase, Progress, Started
from core.training.experiment import ExperimentError
from core.training.loop import Diverged, Interrupt, train

logger = logging.getLogger(__name__)

Events = Generator[Event, None, None]


class TooLong(RuntimeError):
    """Raised when a run has taken longer than the host allows; the message is a sentence."""


# Their messages are sentences for the person who submitted the run, and the process may go on after any of them.
USER_ERRORS = (ExperimentError, LayerError, DataError, Diverged, TooLong, NoRoom)


def execute(
    database: Database, id: str, claim: str, device: str, threads: int, tell: Callable[[str], None] = lambda _: None
) -> bool:
    """Train the run from its last checkpoint, to the end or until it is interrupted.

    Args:
        database: The store.
        id: The run's id.
        claim: Of this attempt.
        device: The device of runs that name none.
        threads: CPU threads.
        tell: As a recorder calls it.

    Returns:
        Whether this process may train another run; after an error of the program it is better replaced.

    Raises:
        ClaimLost: The run belongs to another attempt, or the store cannot be written.
    """
    run = Store(database).run(id)
    recorder = Recorder(database, id, claim, tell=tell)
    try:
        _check_room(run, database)
        run.folder.mkdir(parents=True, exist_ok=True)
        with recorder.beating():
            _train(run, recorder, device if run.device == "auto" else run.device, threads, database)
    except ClaimLost:
        raise
    except USER_ERRORS as error:
        recorder.end(FAILED, str(error))
    except Exception as error:  # whatever it is, the run has to say so
        logger.exception("Run %s failed.", id)
        recorder.end(FAILED, describe_error(error, database.home))
        return isinstance(error, OSError)  # a full disk is no fault of the process
    return True


def describe_error(error: Exception, home: Path) -> str:
    """Return what an error means, as a sentence for the person who submitted the run; its trace goes to the log."""
    text = str(error)
    no_memory = any(words in text for words in ("not enough memory", "can't allocate memory", "out of memory"))
    if no_memory or isinstance(error, MemoryError | torch.OutOfMemoryError):
        return "The network did not fit in memory: a smaller batch or a smaller network needs less."
    if isinstance(error, OSError):
        return why_unavailable(home, error)
    return (
        f"The training stopped because of an error in the program ({type(error).__name__}), not because of your "
        "settings. See the worker's log in the app's folder."
    )


def _train(run: Run, recorder: Recorder, device: str, threads: int, database: Database) -> None:
    """Train to the end or to an interruption, and settle the run."""
    minutes = host_limits.from_environment().minutes
    events, event = _begin(run, recorder, device, threads, _prepare(run, recorder))
    saves, predictions = True, None
    while not isinstance(event, Finished):
        recorder.add(event)  # all that led to a checkpoint is in the store before it is on disk
        if minutes and isinstance(event, Progress) and event.whole_seconds > 60 * minutes:
            raise TooLong(
                f"This run took longer than {minutes:g} minutes, the limit of this host: train fewer epochs. A run "
                "that you end early keeps its weights."
            )
        if isinstance(event, Evaluated) and event.predictions is not None:
            predictions = event.predictions
        if isinstance(event, Checkpoint) and event.final:
            checkpoints.save_weights(run.folder / WEIGHTS, event)
            if predictions is not None:  # a range test has none
                save_predictions(run.folder / PREDICTIONS, *predictions)
        elif isinstance(event, Checkpoint):
            try:
                checkpoints.save(run.folder / CHECKPOINT, event)
            except OSError as error:
                logger.warning("No checkpoint of run %s: %s", run.id, error)
                if saves:
                    recorder.note(f"{why_unavailable(run.folder, error)} The run goes on without checkpoints.")
                saves = False
            if recorder.interrupted:
                _release(run, recorder, event, database)
                return
        event = events.throw(Interrupt()) if recorder.interrupted and not _is_over(event) else next(events)
    recorder.finish(event)
    with contextlib.suppress(OSError):
        (run.folder / CHECKPOINT).unlink(missing_ok=True)


def _check_room(run: Run, database: Database) -> None:
    """Let a run not begin whose owners' files have taken too much room while it waited. Raises NoRoom."""
    most = host_limits.from_environment().bytes_per_person
    if not most or not run.owners or (run.folder / CHECKPOINT).exists():
        return
    now = retention.usage(database.home)
    with contextlib.suppress(StoreUnavailable):  # the run goes on to say so
        owned = map(Store(database).owned_by, run.owners)
        retention.check_person(now, most, min(owned, key=lambda ids: sum(now.runs.get(id, 0) for id in ids)))


def _prepare(run: Run, recorder: Recorder) -> float:
    """Report that the run prepares, and read and check the data's files if this machine has not yet.

    Returns:
        The seconds that this took.
    """
    waited, step = float(run.summary.get("whole_seconds") or 0.0), int(run.summary.get("step") or 0)
    began = reported = time.perf_counter()
    recorder.add(Phase(phase="preparing", done=0.0, step=step, whole_seconds=waited))

    def report(progress: Preparation) -> None:
        nonlocal reported
        now = time.perf_counter()
        if now - reported >= FLUSH_SECONDS:
            reported, seconds = now, waited + now - began
            recorder.add(Phase(phase="preparing", done=progress.fraction, step=step, whole_seconds=seconds))

    with contextlib.suppress(DataError):  # the training says what is missing
        prepare(run.experiment.data, download=False, report=report)
    return time.perf_counter() - began


def _is_over(event: Event) -> bool:
    """Return whether all but the last event is done, so that an interruption comes too late."""
    return isinstance(event, Checkpoint) and event.final


def _release(run: Run, recorder: Recorder, checkpoint: Checkpoint, database: Database) -> None:
    """Release an interrupted run: it continues later, or as another run if a change was requested."""
    try:
        also = fork(database, run, checkpoint)
    except (ExperimentError, OSError, StoreUnavailable) as error:  # then it only stops
        recorder.note(why_unavailable(run.folder, error) if isinstance(error, OSError) else str(error))
        also = None
    recorder.release(also)


def _begin(run: Run, recorder: Recorder, device: str, threads: int, prepared: float) -> tuple[Events, Event]:
    """Return the training and its first event, from the run's checkpoint, or from the beginning if that is broken."""
    path = run.folder / CHECKPOINT
    if path.exists():
        try:
            events = train(run.experiment, device, path, threads, None, prepared)
            return events, _first(run, events)
        except CheckpointError as error:
            recorder.note(str(error))
    parent = run.folder.with_name(run.experiment.parent_run) / WEIGHTS if run.experiment.parent_run else None
    events = train(run.experiment, device, None, threads, parent, prepared)
    return events, _first(run, events)


def _first(run: Run, events: Events) -> Event:
    """Return the first event of a training.

    Raises:
        DataError: The training is on other data than the run's key names.
    """
    first = next(events)
    if isinstance(first, Started) and first.data != run.experiment.data:
        raise DataError(
            f"This run needs the data {run.experiment.data}, and only {first.data} is available now. "
            "Restore the data, or start a new run on what is here."
        )
    return first
