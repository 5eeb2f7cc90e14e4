"""Where a run ends on the x-axis of a chart: where it ended, or will by its settings and its speed so far."""

import bisect
from typing import Literal

from core.runs.history_cache import Frames
from core.runs.run import FINISHED
from core.ui.backend.continued_runs import Start
from core.ui.display import run_accuracies, run_times

XAxis = Literal["epochs", "images", "seconds"]
X_FIELDS: dict[XAxis, str] = {"epochs": "epoch", "images": "images", "seconds": "seconds"}  # whole seconds
ESTIMATES = [m * 10.0**e for e in range(-1, 10) for m in (1, 1.5, 2, 3, 5, 7.5)]  # so that an axis seldom moves


def end(frames: Frames, start: Start, axis: XAxis) -> float:
    """Return where a run ends on an axis; what follows from its speed is estimated and rounded up.

    Args:
        frames: The run, with its history counted from the first of its ancestors.
        start: Where it begins.
        axis: The axis.
    """
    tables = [table for table in (frames.progress, frames.evaluated) if len(table)]
    columns = [run_accuracies.whole_seconds(table) if axis == "seconds" else table[X_FIELDS[axis]] for table in tables]
    reached = max([0.0, *(float(column.max()) for column in columns)])
    if frames.run.state == FINISHED and reached:
        return reached
    if axis != "seconds":
        return _planned(frames, start, axis, reached)
    left = run_times.seconds_left(frames.run)
    if not reached or left is None:
        return max(reached, start.whole_seconds + 1.0)
    return _rounded_up(reached + left)


def _planned(frames: Frames, start: Start, axis: XAxis, reached: float) -> float:
    """Return the epochs or images at the end of a run that is not over."""
    experiment, summary = frames.run.experiment, frames.run.summary
    begins, length = float(getattr(start, X_FIELDS[axis])), float(experiment.epochs)
    if axis == "images":
        length *= summary.get("train_images", experiment.train_images)
    if experiment.stop_step and (steps := summary.get("steps")):
        length *= min(1.0, experiment.stop_step / steps)
    if experiment.time_budget and (seconds := summary.get("seconds")):
        spent = min(1.0, seconds / experiment.time_budget)
        length = min(length, _rounded_up((reached - begins) / spent))
    return begins + length


def _rounded_up(end: float) -> float:
    return ESTIMATES[min(bisect.bisect_left(ESTIMATES, end), len(ESTIMATES) - 1)]
