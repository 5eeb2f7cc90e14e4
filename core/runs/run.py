"""A run as its viewers see it, and the errors of requests for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.training.experiment import Experiment

QUEUED, RUNNING, STOPPED, FINISHED, FAILED = "queued", "running", "stopped", "finished", "failed"
STATES = (QUEUED, RUNNING, STOPPED, FINISHED, FAILED)  # as the store writes them
# A running run that is being released: it has no owner left and can be resumed
# afterwards, or it is stopped early, and its weights are evaluated and kept.
PAUSING, STOPPING = "pausing", "stopping"
ACTIVE = (QUEUED, RUNNING, PAUSING, STOPPING)  # the states that change by themselves


# Why a run that was finished is a stopped one, whose files are gone.
REMOVED_REASON = "Its weights were removed to make room on the server: train it again to restore them."
LOST_REASON = "Its weights are not in the app's folder any more: train it again to restore them."


class UnknownRun(KeyError):
    """Raised for a run that does not exist; the message is a sentence."""

    def __str__(self) -> str:
        """Return the sentence as it is: KeyError would put quotes around it."""
        return str(self.args[0])


class QueueFull(RuntimeError):
    """Raised when the limits allow no further run in the queue; the message says which limit, and what to do."""


class NoRoom(QueueFull):
    """Raised when the files of runs take too much room for another one: waiting does not help, deleting does."""


class NotNow(RuntimeError):
    """Raised for something that cannot be done to the run in its present state; the message is a sentence."""


class NotAllowed(NotNow):
    """Raised for something that only an owner of the run or an instructor may do; the message is a sentence."""


class StoreUnavailable(RuntimeError):
    """Raised when the app's folder cannot be read or written; the message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training run. Times are seconds since 1970, None for what has not happened yet."""

    id: str  # the experiment's key
    experiment: Experiment
    device: str  # as requested: "auto", "cpu", "cuda", "mps"
    state: str  # one of STATES, or PAUSING or STOPPING
    reason: str | None  # why it failed, or why it waits again: a sentence for a person
    place: int | None  # in the queue, from 1; None when it does not wait
    owners: tuple[str, ...]  # those who submitted it and did not cancel, the first one first
    summary: dict[str, Any] = field(repr=False)  # the latest of every figure; after the end those of `Finished`
    attempts: int  # 1, and one more for every worker that died of it
    created: float
    started: float | None  # of the latest attempt
    finished: float | None  # stopped and failed count too
    folder: Path  # weights.safetensors, predictions.npz, checkpoint.safetensors: each when there is one

    @property
    def active(self) -> bool:
        """True while the run is queued or training, so that it will change by itself."""
        return self.state in ACTIVE

    @property
    def lost(self) -> bool:
        """True for a stopped run that was finished, and has no files any more: it would begin anew."""
        return self.state == STOPPED and self.reason in (REMOVED_REASON, LOST_REASON)

    @property
    def done(self) -> float:
        """The fraction of the run's steps that is done, from 0 to 1, of those before an early stop."""
        if self.state == FINISHED:
            return 1.0
        step, steps = self.summary.get("step") or 0, self.summary.get("steps") or 0
        steps = min(steps, self.experiment.stop_step) if self.experiment.stop_step else steps
        return min(step / steps, 1.0) if steps else 0.0

    @property
    def images_per_second(self) -> float | None:
        """As `images_per_second` computes it."""
        return images_per_second(self.summary)


def images_per_second(figures: Mapping[str, Any]) -> float | None:
    """Return training images per second of training over a whole run so far, without preparing and testing.

    Every page and every file has it as images/s. None before the first step.

    Args:
        figures: The run's summary, or the part of it that the board has.
    """
    images, seconds = figures.get("images"), figures.get("seconds")
    return images / seconds if images and seconds else figures.get("images_per_second")
