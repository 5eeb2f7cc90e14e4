"""Decide when a run reports its progress and when it is evaluated, and estimate how long it still takes."""

from core.training import evaluation_plan
from core.training.evaluation_plan import EvaluationPlan
from core.training.experiment import RANGE
from core.training.session import Session

MAX_PROGRESS_POINTS = 400  # progress points in a run: more cannot be told apart on a chart
RANGE_PICTURES = 1000  # that a range test is evaluated on: its result is its loss curve
GPU_SECONDS = 0.2  # between two reports of a training on a GPU


class Pace:
    """When a run reports its progress, and when it is evaluated: by steps, or by seconds under a time budget."""

    def __init__(self, session: Session) -> None:
        """Plan the evaluations of the session's run, from where it stands."""
        self.session = session
        self.every = max(1, session.steps // MAX_PROGRESS_POINTS)
        self.budget = session.experiment.time_budget
        self.splits = 2 if session.experiment.held_out else 1
        self.plan = EvaluationPlan(0, 0)
        if session.images or not self.budget:
            self._make_plan()
        epochs = session.experiment.epochs
        self.evaluation_steps = evaluation_plan.evaluation_steps(session.steps, epochs, self.plan.count)
        self.parts_done = self._parts_done()
        self.evaluated, self.seconds = 0, 0.0  # pictures evaluated before the end, and the time that took
        self.began: tuple[float, float] | None = None  # work and training seconds at this attempt's first report

    def _make_plan(self) -> None:
        """Plan by the pictures to be trained on; under a time budget, by as many as the speed so far allows."""
        session = self.session
        trained = session.epoch_images * session.experiment.epochs
        if self.budget:
            trained = min(trained, int(session.images / max(session.clock.training, 1e-9) * self.budget))
        if session.experiment.schedule != RANGE:
            self.plan = evaluation_plan.plan(trained, self.splits)

    def _parts_done(self) -> int:
        """Return how many of the parts between two evaluations are done."""
        return int(self.session.done * (self.plan.count + 1))

    @property
    def pictures(self) -> int | None:
        """The number of pictures of each split to evaluate now; None for all of them."""
        if not self.session.over:
            return self.plan.pictures // self.splits
        return RANGE_PICTURES if self.session.experiment.schedule == RANGE else None

    def is_due(self, since: float) -> bool:
        """Return whether to report after the step just done.

        Args:
            since: Seconds of training at the last report.
        """
        step, waited = self.session.step, self.session.clock.training - since
        if self.session.over or step % self.session.steps_per_epoch == 0 or waited >= 1.0:
            return True
        if self.budget:
            return waited >= self.budget / MAX_PROGRESS_POINTS
        if self.session.device.name == "cuda":  # a report waits for all that the GPU has still to do
            return waited >= GPU_SECONDS or step in self.evaluation_steps
        return step % self.every == 0 or step in self.evaluation_steps

    def evaluates(self) -> bool:
        """Return whether to evaluate now: at the end, and before it as planned where that stays within its share."""
        session = self.session
        if session.over:
            return True
        if self.budget:
            if not self.plan.count and session.done >= 1 / evaluation_plan.MAX_EVALUATIONS:
                self._make_plan()
            before, self.parts_done = self.parts_done, self._parts_done()
            planned = self.parts_done > before
        else:
            planned = session.step in self.evaluation_steps and self.plan.count > 0
        share = evaluation_plan.MAX_SHARE * (session.clock.training + self._training_left())
        allowed = max(share, evaluation_plan.ALLOWED_SECONDS)
        return planned and session.clock.evaluate + self.plan.pictures * self._seconds_per_view() <= allowed

    def note_report(self) -> None:
        """Note where the first report found the run: the first step is slow, and says little about later ones."""
        if self.began is None:
            self.began = (_work(self.session, self.session.done), self.session.clock.training)

    def note_evaluation(self, pictures: int, seconds: float) -> None:
        """Note what an evaluation before the end cost."""
        self.evaluated += pictures
        self.seconds += seconds

    def seconds_left(self) -> float | None:
        """Estimate the seconds to the end of the run: training, the evaluations before the end, and the final test.

        Returns:
            None at the first report of an attempt, which knows only the step that sets everything up.
        """
        session = self.session
        if self._speed() is None and not session.over:
            return None
        left = self.plan.count * max(0.0, session.last_step / session.steps - session.done)
        evaluating = left * self.plan.pictures * self._seconds_per_view()
        return self._training_left() + evaluating + self.testing_left(0.0, 0.0)

    def testing_left(self, done: float, seconds: float) -> float:
        """Estimate the seconds left of the final test.

        Args:
            done: The fraction of it that is done, from 0 to 1.
            seconds: What that took.
        """
        if done:
            return seconds * (1 / done - 1)
        experiment = self.session.experiment
        pictures = len(self.session.data.test_labels) + experiment.held_out
        if experiment.schedule == RANGE:
            pictures = min(pictures, RANGE_PICTURES)
        return pictures * evaluation_plan.VIEWS[experiment.test_time] * self._seconds_per_view()

    def _seconds_per_view(self) -> float:
        """Return what evaluating a picture takes, as measured; before that, as a share of training on it."""
        if self.evaluated:
            return self.seconds / self.evaluated
        return evaluation_plan.FORWARD_SHARE * self.session.clock.training / max(self.session.images, 1)

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
        """Return the seconds of training for the whole schedule, measured since this attempt's first report."""
        work, seconds = self.began or (0.0, 0.0)
        done = _work(self.session, self.session.done) - work
        return (self.session.clock.training - seconds) / done if self.began and done > 0 else None


def _work(session: Session, done: float) -> float:
    """Return the cost of the first part of the schedule, as a fraction of one with all pictures at full size."""
    work, since = 0.0, 0.0
    for until, side in session.experiment.sizes:
        work += max(0.0, min(done, until) - since) * (side / max(session.data.info.shape[1:])) ** 2
        since = until
    return work + max(0.0, done - since)
