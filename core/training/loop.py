"""Training as a generator: `train(experiment)` tells what happens, and knows no screen and no store.

The worker process, the command line, the benchmarks and the tests all consume the same events.
"""

import math
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import torch

from core.training import checkpoints
from core.training.devices import choose
from core.training.events import Checkpoint, Evaluated, Event, Finished, Progress, Started
from core.training.experiment import Experiment
from core.training.session import Session

POINTS = 400  # progress points in a run: more cannot be told apart on a chart
DIVERGED = 1e4  # nats; a guess costs 2.3 of ten classes, and no run comes back from here
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
) -> Generator[Event, None, None]:
    """Train `experiment` on `device` and tell it as events; the last is `Finished`.

    Deterministic on the CPU for equal seed, threads and torch: every random number is drawn from (seed, purpose, step),
    so a run resumed from any checkpoint equals the uninterrupted one to the bit. `threads` is for PyTorch's own pool.

    Raises ExperimentError (a setting that cannot be), core.data.DataError (data not to be had), LayerError of
    core.layers.calculator (a network that does not fit), CheckpointError (a broken file to resume from), Diverged.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    began = time.perf_counter()
    session = Session(experiment, choose(device, experiment.precision))
    if resume is not None:
        session.restore(checkpoints.load(resume) if isinstance(resume, Path) else resume)
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
    every = max(1, session.steps // POINTS)
    evaluations = evaluation_steps(session.steps, session.experiment.epochs)
    sums = torch.zeros(2, device=session.device.name)  # of loss and of right answers since the last Progress
    counted, since, clock = 0, session.seconds, time.perf_counter()
    while session.step < session.steps:
        sums += session.train_step()
        counted += 1
        step = session.step
        if step % every and step not in evaluations and time.perf_counter() - clock < 1.0:
            continue
        loss, right = (sums / counted).tolist()  # on a GPU this waits for the work to be done
        session.seconds += time.perf_counter() - clock
        if not loss < DIVERGED:
            grew = f"grew to {loss:.2g}" if math.isfinite(loss) else "stopped being a number"
            raise Diverged(
                f"The loss {grew} at step {step:,}: the learning rate of {session.experiment.learning_rate:g} "
                "is too high for this network. Try a tenth of it."
            )
        if step in evaluations:  # before the Progress, so that an interruption there finds it told
            yield from _evaluate(session, scores)
        yield Progress(
            **session.place(),
            loss=loss,
            accuracy=right / session.batch_size,
            learning_rate=session.optimizer.param_groups[0]["lr"],
            images_per_second=counted * session.batch_size / (session.seconds - since),
        )
        if step % session.steps_per_epoch == 0:
            yield session.checkpoint()
        sums.zero_()
        counted, since, clock = 0, session.seconds, time.perf_counter()
    if not scores:  # a run that was interrupted after its last step and resumed
        yield from _evaluate(session, scores)
    yield _finished(session, scores, prepare_seconds)


def evaluation_steps(steps: int, epochs: int) -> set[int]:
    """The ends of the epochs, and places between them where the epochs are few."""
    parts = epochs * max(1, min(8, round(EVALUATIONS / epochs)))
    return {math.ceil(steps * part / parts) for part in range(1, parts + 1)}


def _evaluate(session: Session, scores: dict[str, Evaluated]) -> Iterator[Evaluated]:
    """Score the test set, and the pictures held out for choosing; their latest go into `scores`."""
    for split in ("held-out", "test") if session.experiment.held_out else ("test",):
        began = time.perf_counter()
        loss, accuracy = session.score(split)
        session.evaluate_seconds += time.perf_counter() - began
        scores[split] = Evaluated(**session.place(), split=split, loss=loss, accuracy=accuracy)
        yield scores[split]


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
        images_per_second=session.steps * session.batch_size / session.seconds,
        evaluate_seconds=session.evaluate_seconds,
        prepare_seconds=prepare_seconds,
        device=session.device.name,
        precision=session.device.precision,
        data=session.data.info.name,
        parameters=session.parameters,
        key=session.experiment.key,
    )
