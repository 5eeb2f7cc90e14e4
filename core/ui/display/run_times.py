"""Read from a run's summary how its time was spent and how much is left, the same way for every page."""

from collections.abc import Mapping
from typing import Any

from core.runs.run import FINISHED, Run
from core.training.duration_estimate import Parts
from core.ui.display import numbers

PREPARING, TESTING = "preparing", "testing"  # phases of a run; the second is the test at its end
Summary = Mapping[str, Any]  # of a run, as `core.runs.run.Run` has it
_SHOWN = 0.05  # seconds: less would be written as 0.0 s
_MIN_ESTIMATE = 1.0  # seconds: a shorter estimate is not given as a number


def parts(summary: Summary) -> Parts | None:
    """Return how a finished run's seconds were spent; None where one of the parts was not measured."""
    known = [summary.get(f"{name}_seconds") for name in ("prepare", "train", "evaluate")]
    if any(seconds is None for seconds in known):
        return None
    prepare, train, evaluate = map(float, known)  # type: ignore[arg-type]
    return Parts(prepare=prepare, train=train, evaluate=evaluate, save=float(summary.get("save_seconds") or 0.0))


def whole(summary: Summary) -> float | None:
    """Return the seconds from a run's start until now or its end; None where only its training was measured."""
    if summary.get("whole_seconds") is not None:
        return float(summary["whole_seconds"])
    spent = parts(summary)
    return spent.whole if spent else None


def training(summary: Summary) -> float | None:
    """Return the seconds of training so far, or in all."""
    seconds = summary.get("train_seconds", summary.get("seconds"))
    return None if seconds is None else float(seconds)


def breakdown(spent: Parts) -> str:
    """Return the parts in words: "2.9 s of training, 1.1 s of testing, 0.4 s of preparing"."""
    phases = [
        (spent.train, "training"),
        (spent.evaluate, "testing"),
        (spent.prepare, "preparing"),
        (spent.save, "saving"),
    ]
    named = [f"{numbers.duration(seconds)} of {what}" for seconds, what in phases if seconds >= _SHOWN]
    return ", ".join(named)


def describe_duration(summary: Summary) -> str:
    """Return how long a run took, with its parts where they are known; "" where nothing was measured.

    Older runs recorded the seconds of training alone, and the text says so.
    """
    spent, seconds = parts(summary), whole(summary)
    if spent is not None and seconds is not None:
        return f"{numbers.duration(seconds)} in total: {breakdown(spent)}"
    if seconds is not None:
        return f"{numbers.duration(seconds)} in total"
    trained = training(summary)
    return "" if trained is None else f"{numbers.duration(trained)} of training alone"


def done(run: Run) -> float:
    """Return how much of a run is done, from 0 to 1: of its whole seconds, or of its steps where those are unknown."""
    spent, left = run.summary.get("whole_seconds"), seconds_left(run)
    if run.state == FINISHED or not spent or left is None:
        return run.done
    return float(spent / (spent + left))


def seconds_left(run: Run) -> float | None:
    """Return the whole seconds until a run's end; None before anything is known of its speed."""
    summary, budget = run.summary, run.experiment.time_budget
    estimate = summary.get("seconds_left")
    if "seconds_left" in summary:  # None after the first step, which sets everything up and is no measure of speed
        return None if estimate is None else float(estimate)
    trained = float(summary.get("seconds") or 0.0)
    spent = float(summary.get("whole_seconds") or trained)
    if not run.done or not spent:
        return None
    left = spent * (1 / run.done - 1)
    return max(0.0, min(left, budget - trained) if budget else left)


def is_trained(run: Run) -> bool:
    """Return whether all training is done, so that only the last test and saving can remain."""
    budget = run.experiment.time_budget
    return run.done == 1 or bool(budget and (run.summary.get("seconds") or 0.0) >= budget)


def describe_time_left(seconds: float | None) -> str:
    """Return "4.2 s left"; "less than a second left" for a shorter estimate; "" without an estimate."""
    if seconds is None:
        return ""
    return "less than a second left" if seconds < _MIN_ESTIMATE else f"{numbers.duration(seconds)} left"
