"""Training as a generator: `train(experiment)` tells what happens, and knows no screen and no store.

The worker process, the command line, the benchmarks and the tests all consume the same events.
"""

import math
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import torch

from core.training import checkpoints
from core.training.devices import choose
from core.training.evaluation import predict
from core.training.events import (
    MOST_FILTER_VALUES,
    WATCHED,
    Changed,
    Checkpoint,
    Evaluated,
    Event,
    Finished,
    Looked,
    Progress,
    Started,
    packed,
)
from core.training.experiment import RANGE, Experiment
from core.training.initial import first_filters
from core.training.memory import used_bytes
from core.training.session import Session

POINTS = 400  # progress points in a run: more cannot be told apart on a chart
DIVERGED = 1e4  # nats; a guess costs 2.3 of ten classes, and no run comes back from here
RANGE_ENDS = 4.0  # a range test ends where the loss is so many times its least
EVALUATIONS = 16  # evaluations wanted in a run, so that even one epoch draws a curve


class Interrupt(Exception):
    """Throw this into `train` and it answers with a `Checkpoint` of where it is, then ends."""


class Diverged(RuntimeError):
    """The loss stopped being a number; the message says when and what to change."""


def train(
    experiment: Experiment,
    device: str = "auto",
    resume: Path | Checkpoint | None = None,
    threads: int | None = None,
    parent: Path | None = None,
) -> Generator[Event, None, None]:
    """Train `experiment` on `device` and tell it as events; the last is `Finished`.

    Deterministic on the CPU for equal seed, threads and torch: every random number is drawn from (seed, purpose, step),
    so a run resumed from any checkpoint equals the uninterrupted one to the bit (but for one with a time budget, whose
    rates follow the clock). `threads` is for PyTorch's own pool; `parent` is the file of weights that an experiment
    with a parent begins with.

    Raises ExperimentError (a setting that cannot be), core.data.DataError (data not to be had), LayerError of
    core.layers.calculator (a network that does not fit), CheckpointError (a broken file to resume from), Diverged.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    began = time.perf_counter()
    session = Session(experiment, choose(device, experiment.precision))
    if resume is not None:
        session.restore(checkpoints.load(resume) if isinstance(resume, Path) else resume)
    elif experiment.parent:
        session.begin_with(parent)
    for event in _events(session, prepare_seconds=time.perf_counter() - began):
        try:
            yield event
        except Interrupt:
            yield session.checkpoint()
            return


def _events(session: Session, prepare_seconds: float) -> Iterator[Event]:
    """The run from where the session stands to its end."""
    yield _started(session, prepare_seconds)
    scores: dict[str, Evaluated] = {}  # the latest of each split
    pace = _Pace(session)
    sums = torch.zeros(2, device=session.device.name)  # of loss and of right answers since the last Progress
    counted, since = 0, session.seconds
    lowest = math.inf  # loss so far, for a range test
    checkpointed = session.step
    while not session.over:
        yield from _changed(session)
        sums += session.train_step()
        counted += 1
        if not pace.is_due(since):
            continue
        loss, right = (sums / counted).tolist()  # on a GPU this waits for the work to be done
        session.pause()
        if session.experiment.schedule == RANGE:
            lowest = min(lowest, loss)
            if not loss < RANGE_ENDS * lowest:
                session.last_step = session.step  # what it is for has been seen
        else:
            _check(session, loss)
        if pace.evaluates():  # before the Progress, so that an interruption there finds it told
            yield from _evaluate(session, scores)
        yield Progress(
            **session.place(),
            loss=loss,
            accuracy=right / session.batch_size,
            learning_rate=session.rate,
            images_per_second=counted * session.batch_size / (session.seconds - since),
            memory_bytes=used_bytes(session.device),
        )
        if session.step % session.steps_per_epoch == 0:
            checkpointed = session.step
            yield session.checkpoint()
        sums.zero_()
        counted, since = 0, session.seconds
    if not scores:  # a run that was interrupted after its last step and resumed
        yield from _evaluate(session, scores)
    if session.step != checkpointed:
        yield session.checkpoint()
    yield _finished(session, scores, prepare_seconds)


class _Pace:
    """When a run tells how far it is, and when it evaluates: by steps, or by seconds where it has a budget of them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.every = max(1, session.steps // POINTS)
        experiment = session.experiment
        self.budget = experiment.time_budget
        self.evaluations = set() if experiment.schedule == RANGE else evaluation_steps(session.steps, experiment.epochs)
        self.told = int(session.done * EVALUATIONS)

    def is_due(self, since: float) -> bool:
        """Whether to tell something after the step just done, when the last was told at `since` seconds."""
        step, waited = self.session.step, self.session.elapsed - since
        if self.session.over or step % self.session.steps_per_epoch == 0 or waited >= 1.0:
            return True
        if self.budget:
            return waited >= self.budget / POINTS
        return step % self.every == 0 or step in self.evaluations

    def evaluates(self) -> bool:
        """Whether to evaluate now."""
        if not self.budget:
            return self.session.step in self.evaluations or self.session.over
        reached, self.told = self.told, int(self.session.done * EVALUATIONS)
        return self.told > reached or self.session.over


def _changed(session: Session) -> Iterator[Changed]:
    """Tell of a change of the learning rate that is in force from the next step on."""
    for at, rate in session.experiment.changes:
        if at == session.step:
            session.pause()
            here = session.place() | {"step": session.step + 1}  # a run that goes on from here tells it again
            yield Changed(**here, learning_rate=rate)


def _check(session: Session, loss: float) -> None:
    """Raises Diverged."""
    if not loss < DIVERGED:
        grew = f"grew to {loss:.2g}" if math.isfinite(loss) else "stopped being a number"
        raise Diverged(
            f"The loss {grew} at step {session.step:,}: the learning rate of {session.experiment.learning_rate:g} "
            "is too high for this network. Try a tenth of it."
        )


def evaluation_steps(steps: int, epochs: int) -> set[int]:
    """The ends of the epochs, and places between them where the epochs are few."""
    parts = epochs * max(1, min(8, round(EVALUATIONS / epochs)))
    return {math.ceil(steps * part / parts) for part in range(1, parts + 1)}


def _evaluate(session: Session, scores: dict[str, Evaluated]) -> Iterator[Evaluated | Looked]:
    """Score the test set, and the pictures held out for choosing; their latest go into `scores`. Then look nearer."""
    for split in ("held-out", "test") if session.experiment.held_out else ("test",):
        began = time.perf_counter()
        score = session.score(split)
        session.evaluate_seconds += time.perf_counter() - began
        scores[split] = Evaluated(**session.place(), split=split, loss=score.loss, accuracy=score.accuracy)
        yield scores[split]
    began = time.perf_counter()
    looked = _look(session, score.per_class)
    session.evaluate_seconds += time.perf_counter() - began
    yield looked


def _look(session: Session, per_class: Sequence[float | None]) -> Looked:
    """What the network answers for a few pictures, and what its first layer looks for."""
    pictures = session.data.test_images[:WATCHED]
    answers = predict(session.answering, pictures, session.device, session.views)
    filters = first_filters(session.answering)
    told = filters is not None and filters.numel() <= MOST_FILTER_VALUES
    return Looked(
        **session.place(),
        per_class=list(per_class),
        answers=[[round(share, 3) for share in row] for row in answers.tolist()],
        filters=packed(filters.detach().float().cpu().numpy()) if told and filters is not None else None,
    )


def _started(session: Session, prepare_seconds: float) -> Started:
    return Started(
        data=session.data.info.name,
        device=session.device.name,
        device_reason=session.device.reason,
        precision=session.device.precision,
        threads=torch.get_num_threads(),
        parameters=session.parameters,
        train_images=session.examples,
        test_images=len(session.data.test_labels),
        held_out=session.experiment.held_out,
        steps=session.steps,
        steps_per_epoch=session.steps_per_epoch,
        epochs=session.experiment.epochs,
        step=session.step,
        prepare_seconds=prepare_seconds,
    )


def _finished(session: Session, scores: dict[str, Evaluated], prepare_seconds: float) -> Finished:
    return Finished(
        test_accuracy=scores["test"].accuracy,
        test_loss=scores["test"].loss,
        held_out_accuracy=scores["held-out"].accuracy if "held-out" in scores else None,
        train_seconds=session.seconds,
        images_per_second=session.step * session.batch_size / session.seconds,
        evaluate_seconds=session.evaluate_seconds,
        prepare_seconds=prepare_seconds,
        device=session.device.name,
        precision=session.device.precision,
        data=session.data.info.name,
        parameters=session.parameters,
        key=session.experiment.key,
    )
