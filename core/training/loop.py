"""Training as a generator: `train(experiment)` tells what happens, and knows no screen and no store.

The worker process, the command line, the benchmarks and the tests all consume the same events.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import torch

from core.training import checkpoints, looks
from core.training.devices import choose
from core.training.evaluation import Score, predict
from core.training.events import (
    MOST_FILTER_VALUES,
    WATCHED,
    Changed,
    Checkpoint,
    Evaluated,
    Event,
    Finished,
    Phase,
    Progress,
    Snapshot,
    Started,
    encode_float16,
)
from core.training.experiment import RANGE, Experiment
from core.training.initial import first_filters
from core.training.memory import used_bytes
from core.training.session import Session

POINTS = 400  # progress points in a run: more cannot be told apart on a chart
DIVERGED = 1e4  # nats; a guess costs 2.3 of ten classes, and no run comes back from here
RANGE_ENDS = 4.0  # a range test ends where the loss is so many times its least
RANGE_PICTURES = 1000  # that a range test is evaluated on: its result is its loss curve
GPU_SECONDS = 0.2  # between two reports of a training on a GPU
PHASE_SECONDS = 0.25  # between two reports of how far an evaluation is


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
    prepared: float = 0.0,
) -> Generator[Event, None, None]:
    """Train `experiment` on `device` and tell it as events; the last is `Finished`.

    Deterministic on the CPU for equal seed, threads and torch: every random number is drawn from (seed, purpose, step),
    so a run resumed from any checkpoint equals the uninterrupted one to the bit (but for one with a time budget, whose
    rates follow the clock). `threads` is for PyTorch's own pool; `parent` is the file of weights that an experiment
    with a parent begins with; `prepared` are seconds that the caller has spent on preparing the data already.

    Raises ExperimentError (a setting that cannot be), core.data.DataError (data not to be had), LayerError of
    core.layers.calculator (a network that does not fit), CheckpointError (a broken file to resume from), Diverged.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    began = time.perf_counter()
    session = Session(experiment, choose(device, experiment.precision))
    if resume is not None:
        session.restore(checkpoints.load(resume) if isinstance(resume, Path) else resume)
    elif experiment.parent_run:
        session.begin_with(parent)
    session.clock.prepare += prepared + time.perf_counter() - began
    for event in _events(session):
        with session.clock.measure("save"):  # whoever consumes the events writes them down meanwhile
            try:
                yield event
                interrupted = False
            except Interrupt:
                interrupted = True
        if interrupted:
            yield session.checkpoint()
            return


def _events(session: Session) -> Iterator[Event]:
    """The run from where the session stands to its end."""
    yield _started(session)
    scores: dict[str, Evaluated] = {}  # the latest of each split
    pace = _Pace(session)
    clock = session.clock
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
        pace.note()
        if session.experiment.schedule == RANGE:
            lowest = min(lowest, loss)
            if not loss < RANGE_ENDS * lowest:
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
        if session.step % session.steps_per_epoch == 0 and not session.over:
            yield session.saved()
        sums.zero_()
        seen, since = session.images, clock.training
    if not scores:  # a run that was interrupted after its last step and resumed
        yield from _evaluate(session, scores, pace)
    yield session.saved(final=True)
    yield _finished(session, scores)


class _Pace:
    """When a run reports how far it is, and when it is evaluated: by steps, or by seconds where these are limited."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.every = max(1, session.steps // POINTS)
        self.budget = session.experiment.time_budget
        self.splits = 2 if session.experiment.held_out else 1
        self.looks = looks.Looks(0, 0)
        if session.images or not self.budget:
            self._plan()
        self.places = looks.places(session.steps, session.experiment.epochs, self.looks.count)
        self.reached = self._reached()
        self.evaluated, self.seconds = 0, 0.0  # pictures evaluated before the end, and the time that took
        self.began: tuple[float, float] | None = None  # work and training seconds at this attempt's first report

    def _plan(self) -> None:
        """Plan the looks: by the pictures to be trained on, in a time budget as many as the speed so far allows."""
        session = self.session
        trained = session.epoch_images * session.experiment.epochs
        if self.budget:
            trained = min(trained, int(session.images / max(session.clock.training, 1e-9) * self.budget))
        if session.experiment.schedule != RANGE:
            self.looks = looks.plan(trained, self.splits)

    def _reached(self) -> int:
        """How many of the parts between two looks lie behind."""
        return int(self.session.done * (self.looks.count + 1))

    @property
    def pictures(self) -> int:
        """How many pictures of each split are evaluated before the end."""
        return self.looks.pictures // self.splits

    def is_due(self, since: float) -> bool:
        """Whether to report after the step just done, when the last report was at `since` seconds of training."""
        step, waited = self.session.step, self.session.clock.training - since
        if self.session.over or step % self.session.steps_per_epoch == 0 or waited >= 1.0:
            return True
        if self.budget:
            return waited >= self.budget / POINTS
        if self.session.device.name == "cuda":  # a report waits for all that the GPU has still to do
            return waited >= GPU_SECONDS or step in self.places
        return step % self.every == 0 or step in self.places

    def evaluates(self) -> bool:
        """Whether to evaluate now: at the end, and before where it is planned and costs no more than its share."""
        session = self.session
        if session.over:
            return True
        if self.budget:
            if not self.looks.count and session.done >= 1 / looks.LOOKS:
                self._plan()
            before, self.reached = self.reached, self._reached()
            planned = self.reached > before
        else:
            planned = session.step in self.places and self.looks.count > 0
        allowed = max(looks.SHARE * (session.clock.training + self._training_left()), looks.ALLOWED_SECONDS)
        return planned and session.clock.evaluate + self.looks.pictures * self._seconds_per_view() <= allowed

    def note(self) -> None:
        """Note where the first report found the run: the step before it is slow, and says little of those to come."""
        if self.began is None:
            self.began = (_work(self.session, self.session.done), self.session.clock.training)

    def took(self, pictures: int, seconds: float) -> None:
        """Note what an evaluation before the end cost."""
        self.evaluated += pictures
        self.seconds += seconds

    def seconds_left(self) -> float | None:
        """Estimate the seconds to the end of the run: training, the looks on the way, and the final test.

        None at the first report of an attempt, which knows only the step that sets everything up.
        """
        session = self.session
        if self._speed() is None and not session.over:
            return None
        left = self.looks.count * max(0.0, session.last_step / session.steps - session.done)
        looking = left * self.looks.pictures * self._seconds_per_view()
        return self._training_left() + looking + self.testing_left(0.0, 0.0)

    def testing_left(self, done: float, seconds: float) -> float:
        """Estimate the seconds left of the final test, of which a part is `done` and took so many `seconds`."""
        if done:
            return seconds * (1 / done - 1)
        experiment = self.session.experiment
        pictures = len(self.session.data.test_labels) + experiment.held_out
        if experiment.schedule == RANGE:
            pictures = min(pictures, RANGE_PICTURES)
        return pictures * looks.VIEWS[experiment.test_time] * self._seconds_per_view()

    def _seconds_per_view(self) -> float:
        """What evaluating a picture takes, as measured so far; before that, as a part of what training on it takes."""
        if self.evaluated:
            return self.seconds / self.evaluated
        return looks.FORWARD * self.session.clock.training / max(self.session.images, 1)

    def _training_left(self) -> float:
        """Estimate the seconds of training that are left."""
        session = self.session
        if self.budget:  # its schedule follows the clock, and its steps may end before
            spent = session.clock.training
            return max(0.0, min(self.budget - spent, spent * (session.last_step / max(session.step, 1) - 1)))
        left = _work(session, session.last_step / session.steps) - _work(session, session.done)
        if session.over or left <= 0:
            return 0.0
        return left * (self._speed() or session.clock.training / _work(session, session.done))

    def _speed(self) -> float | None:
        """Seconds of training for all the schedule's work, by what was done since this attempt's first report."""
        work, seconds = self.began or (0.0, 0.0)
        done = _work(self.session, self.session.done) - work
        return (self.session.clock.training - seconds) / done if self.began and done > 0 else None


def _work(session: Session, done: float) -> float:
    """What the first part of the schedule costs, in schedules of pictures of full size; smaller ones cost less."""
    work, since = 0.0, 0.0
    for until, side in session.experiment.sizes:
        work += max(0.0, min(done, until) - since) * (side / max(session.data.info.shape[1:])) ** 2
        since = until
    return work + max(0.0, done - since)


def _changed(session: Session) -> Iterator[Changed]:
    """Tell of a change of the learning rate that is in force from the next step on."""
    for at, rate in session.experiment.lr_changes:
        if at == session.step:
            session.clock.pause()
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


def _evaluate(session: Session, scores: dict[str, Evaluated], pace: _Pace) -> Iterator[Evaluated | Snapshot | Phase]:
    """Evaluate on the test set, and on the pictures held out for choosing; then look nearer.

    Before the end a part of each serves; at the end it is all of them. The latest figures go into `scores`.
    """
    pictures: int | None = pace.pictures
    if session.over:
        pictures = RANGE_PICTURES if session.experiment.schedule == RANGE else None
    sizes = {"held-out": session.experiment.held_out, "test": len(session.data.test_labels)}
    evaluated, began, behind = 0, session.clock.evaluate, 0.0

    def phase(done: float) -> Phase:
        """How far the test is when a part of its present split is done."""
        done = behind + done * sizes[split] / sum(sizes.values())
        left = pace.testing_left(done, session.clock.evaluate - began)
        whole = session.clock.whole
        return Phase(phase="testing", done=done, step=session.step, whole_seconds=whole, seconds_left=left)

    for split in filter(sizes.__getitem__, sizes):
        score = yield from _score(session, split, pictures, phase)
        behind += sizes[split] / sum(sizes.values())
        evaluated += len(score.probabilities)
        scores[split] = _evaluated(session, split, score)
        yield scores[split]
    with session.clock.measure("evaluate"):
        snapshot = _snapshot(session, score)
    if not session.over:
        pace.took(evaluated, session.clock.evaluate - began)
    yield snapshot


def _score(
    session: Session, split: str, pictures: int | None, phase: Callable[[float], Phase]
) -> Generator[Phase, None, Score]:
    """Evaluate on a split. The final test, which takes long, reports how far it is, as `phase` has it."""
    with session.clock.measure("evaluate"):
        scoring = session.scoring(split, pictures)
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


def _evaluated(session: Session, split: str, score: Score) -> Evaluated:
    views, labels = session.views, session.data.test_labels
    return Evaluated(
        **session.place(),
        split=split,
        loss=score.loss,
        accuracy=score.accuracy,
        pictures=len(score.probabilities),
        final=session.over,
        views=views,
        one_view_loss=None if views == "none" else score.one_view_loss,
        one_view_accuracy=None if views == "none" else score.one_view_accuracy,
        predictions=(score.probabilities.numpy(), labels.cpu().numpy())
        if session.over and split == "test" and len(labels) == len(score.probabilities)
        else None,
    )


def _snapshot(session: Session, score: Score) -> Snapshot:
    """What the network answers for a few pictures, and what its first layer looks for.

    At the end the answers are those of the test, to the digits in which these are kept: no page has two of a picture.
    """
    answers = score.probabilities[:WATCHED]
    if len(score.probabilities) < len(session.data.test_labels):
        pictures = session.data.normalized(session.data.test_images[:WATCHED])
        answers = predict(session.answering, pictures, session.device, session.views)
    filters = first_filters(session.answering)
    told = filters is not None and filters.numel() <= MOST_FILTER_VALUES
    return Snapshot(
        **session.place(),
        per_class=list(score.per_class),
        answers=[[round(share, 6) for share in row] for row in answers.half().tolist()],
        filters=encode_float16(filters.detach().float().cpu().numpy()) if told and filters is not None else None,
    )


def _started(session: Session) -> Started:
    return Started(
        data=session.data.info.name,
        data_title=session.data.info.title,
        device=session.device.name,
        device_reason=session.device.reason,
        precision=session.device.precision,
        threads=torch.get_num_threads(),
        parameters=session.parameters,
        train_images=session.examples,
        epoch_images=session.epoch_images,
        test_images=len(session.data.test_labels),
        held_out=session.experiment.held_out,
        steps=session.steps,
        steps_per_epoch=session.steps_per_epoch,
        epochs=session.experiment.epochs,
        step=session.step,
        prepare_seconds=session.clock.prepare,
        whole_seconds=session.clock.whole,
    )


def _finished(session: Session, scores: dict[str, Evaluated]) -> Finished:
    clock, test = session.clock, scores["test"]
    return Finished(
        test_accuracy=test.accuracy,
        test_loss=test.loss,
        held_out_accuracy=scores["held-out"].accuracy if "held-out" in scores else None,
        views=test.views,
        one_view_accuracy=test.one_view_accuracy,
        whole_seconds=clock.whole,
        **clock.to_dict(),
        images_per_second=session.images / clock.train,
        train_images=session.examples,
        test_images=test.pictures,
        device=session.device.name,
        precision=session.device.precision,
        data=session.data.info.name,
        data_title=session.data.info.title,
        parameters=session.parameters,
        key=session.experiment.key,
    )
