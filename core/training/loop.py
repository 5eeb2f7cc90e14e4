"""Training as a generator of events. It knows no screen and no store.

The worker process, the command line, the benchmarks and the tests all consume the same events.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import torch

from core.training import checkpoints, session_events
from core.training.devices import choose
from core.training.evaluation import Score
from core.training.events import Changed, Checkpoint, Evaluated, Event, Live, Phase, Progress, Snapshot
from core.training.experiment import RANGE, Experiment
from core.training.measured_memory import used_bytes
from core.training.network_snapshot import LivePace, live
from core.training.pace import Pace
from core.training.resume import capture, restore, start_from_weights, timed_capture
from core.training.session import Session

MAX_LOSS = 1e4  # nats; a guess costs 2.3 of ten classes, and no run comes back from here
RANGE_STOP_FACTOR = 4.0  # a range test ends where the loss is this multiple of its minimum
PHASE_SECONDS = 0.25  # between two reports of how far an evaluation is


class Interrupt(Exception):
    """Throw this into `train` to get a `Checkpoint` of where it is as its last event."""


class Diverged(RuntimeError):
    """Raised when the loss stopped being a number; the message says when and what to change."""


def train(
    experiment: Experiment,
    device: str = "auto",
    resume: Path | Checkpoint | None = None,
    threads: int | None = None,
    parent: Path | None = None,
    prepared: float = 0.0,
) -> Generator[Event, None, None]:
    """Train an experiment; the last event is `Finished`.

    Deterministic on the CPU for equal seed, threads and torch: every random number is drawn from (seed, purpose, step),
    so a run resumed from any checkpoint equals the uninterrupted one to the bit (except with a time budget, whose rates
    follow the clock).

    Args:
        experiment: What to train.
        device: "auto", "cpu", "cuda" or "mps".
        resume: A checkpoint, or its file, to continue from.
        threads: Of PyTorch's pool; None leaves them as they are.
        parent: The file of weights that an experiment with a parent run starts from.
        prepared: Seconds that the caller has spent on preparing the data already.

    Yields:
        The events.

    Raises:
        ExperimentError: A setting is not possible.
        DataError: The data is not available.
        LayerError: The network does not fit the data.
        CheckpointError: The file to resume from is broken.
        Diverged: The loss stopped being a number.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    began = time.perf_counter()
    session = Session(experiment, choose(device, experiment.precision))
    if resume is not None:
        restore(session, checkpoints.load(resume) if isinstance(resume, Path) else resume)
    elif experiment.parent_run:
        start_from_weights(session, parent)
    session.clock.prepare += prepared + time.perf_counter() - began
    for event in _events(session):
        with session.clock.measure("save"):  # the consumer of the events writes them meanwhile
            try:
                yield event
                interrupted = False
            except Interrupt:
                interrupted = True
        if interrupted:
            yield capture(session)
            return


def _events(session: Session) -> Iterator[Event]:
    """Yield the run's events from where the session stands to its end."""
    yield session_events.started(session)
    scores: dict[str, Evaluated] = {}  # the latest of each split
    pace, watched = Pace(session), LivePace(session.clock)
    clock = session.clock
    if not session.step:
        yield from _live(session, watched)
    sums = torch.zeros(2, device=session.device.name)  # of losses and of right answers since the last Progress
    seen, since = session.images, clock.training
    lowest = math.inf  # loss so far, for a range test
    while not session.over:
        yield from _changed(session)
        sums += session.train_step()
        if not pace.is_due(since):
            continue
        count = session.images - seen
        loss, right = (sums / count).tolist()  # on a GPU this waits for the work to be done
        clock.pause()
        pace.note_report()
        if session.experiment.schedule == RANGE:
            lowest = min(lowest, loss)
            if not loss < RANGE_STOP_FACTOR * lowest:
                session.last_step = session.step  # what it is for has been seen
        else:
            _check(session, loss)
        yield Progress(
            **session.place(),
            loss=loss,
            accuracy=right,
            learning_rate=session.rate,
            images_per_second=count / (clock.training - since),
            seconds_left=pace.seconds_left(),
            memory_bytes=used_bytes(session.device),
        )
        if pace.evaluates():
            yield from _evaluate(session, scores, pace)
        if session.over or watched.is_due():
            yield from _live(session, watched)
        if session.step % session.steps_per_epoch == 0 and not session.over:
            yield timed_capture(session)
        sums.zero_()
        seen, since = session.images, clock.training
    if not scores:  # a run that was interrupted after its last step and resumed
        yield from _evaluate(session, scores, pace)
    yield timed_capture(session, final=True)
    yield session_events.finished(session, scores)


def _changed(session: Session) -> Iterator[Changed]:
    """Yield the change of the learning rate that takes effect with the next step, if there is one."""
    for at, rate in session.experiment.lr_changes:
        if at == session.step:
            session.clock.pause()
            here = session.place() | {"step": session.step + 1}  # a run that resumes here emits it again
            yield Changed(**here, learning_rate=rate)


def _check(session: Session, loss: float) -> None:
    """Raise Diverged if the loss is too large, or not a number."""
    if not loss < MAX_LOSS:
        grew = f"grew to {loss:.2g}" if math.isfinite(loss) else "stopped being a number"
        rate = session.experiment.peak_rate(session.step - 1)
        raise Diverged(
            f"The loss {grew} at step {session.step:,}: the learning rate of {rate:g} is too high for this network. "
            "Try a tenth of it."
        )


def _evaluate(session: Session, scores: dict[str, Evaluated], pace: Pace) -> Iterator[Evaluated | Snapshot | Phase]:
    """Evaluate on the test set and on the held-out pictures, and put the latest figures into `scores`.

    Before the end a part of each split is used; at the end all of it.
    """
    sizes = {"held-out": session.experiment.held_out, "test": len(session.data.test_labels)}
    evaluated, began, behind = 0, session.clock.evaluate, 0.0

    def phase(done: float) -> Phase:
        """Return the progress of the test when a part of its present split is done."""
        done = behind + done * sizes[split] / sum(sizes.values())
        left = pace.testing_left(done, session.clock.evaluate - began)
        whole = session.clock.whole
        return Phase(phase="testing", done=done, step=session.step, whole_seconds=whole, seconds_left=left)

    for split in filter(sizes.__getitem__, sizes):
        score = yield from _score(session, split, pace.pictures, phase)
        behind += sizes[split] / sum(sizes.values())
        evaluated += len(score.probabilities)
        if not math.isfinite(score.loss) and session.experiment.schedule != RANGE:
            _check(session, score.loss)  # the last step's update can be what went too far
        scores[split] = session_events.evaluated(session, split, score)
        yield scores[split]
    with session.clock.measure("evaluate"):
        snapshot = session_events.snapshot(session, score)
    if not session.over:
        pace.note_evaluation(evaluated, session.clock.evaluate - began)
    yield snapshot


def _score(
    session: Session, split: str, pictures: int | None, phase: Callable[[float], Phase]
) -> Generator[Phase, None, Score]:
    """Evaluate on a split; the final test, which takes long, yields its progress through `phase`."""
    with session.clock.measure("evaluate"):
        scoring = session.evaluation(split, pictures)
    if session.over:
        yield phase(0.0)
    batches = iter(scoring)
    reported = time.perf_counter()
    while True:
        with session.clock.measure("evaluate"):
            done = next(batches, None)
        if done is None:
            break
        if session.over and time.perf_counter() - reported > PHASE_SECONDS:
            reported = time.perf_counter()
            yield phase(done)
    with session.clock.measure("evaluate"):
        return scoring.score


def _live(session: Session, watched: LivePace) -> Iterator[Live]:
    """Yield the network as it is now, except in a range test, which nobody watches."""
    if session.experiment.schedule == RANGE:
        return
    with session.clock.measure("save"), watched.noted():  # not "evaluate", whose share decides how often that is done
        event = live(session)
    yield event
