"""Where the seconds of a run went, and how long it still takes: one reading of its summary for every page."""

from collections.abc import Mapping
from typing import Any

from core.runs.run import FINISHED, Run
from core.training.cost import Parts
from core.ui.display import numbers

PREPARING, TESTING = "preparing", "testing"  # phases of a run; the second is the test at its end
Summary = Mapping[str, Any]  # of a run, as `core.runs.run.Run` has it
_SHOWN = 0.05  # seconds: less is written as 0.0 s
_LEAST_LEFT = 1.0  # seconds: an estimate of less is no figure


def parts(summary: Summary) -> Parts | None:
    """Return where a finished run's seconds went; None where one of the parts was not measured."""
    known = [summary.get(f"{name}_seconds") for name in ("prepare", "train", "evaluate")]
    if any(seconds is None for seconds in known):
        return None
    prepare, train, evaluate = map(float, known)  # type: ignore[arg-type]
    return Parts(prepare=prepare, train=train, evaluate=evaluate, save=float(summary.get("save_seconds") or 0.0))


def whole(summary: Summary) -> float | None:
    """Return the seconds from a run's start until now or its end; None where only its training was measured."""
    if summary.get("whole_seconds") is not None:
        return float(summary["whole_seconds"])
    found = parts(summary)
    return found.whole if found else None


def training(summary: Summary) -> float | None:
    """Return the seconds of training so far, or in all."""
    seconds = summary.get("train_seconds", summary.get("seconds"))
    return None if seconds is None else float(seconds)


def breakdown(found: Parts) -> str:
    """Return the parts in words: "2.9 s of training, 1.1 s of testing, 0.4 s of preparing"."""
    told = [
        (found.train, "training"),
        (found.evaluate, "testing"),
        (found.prepare, "preparing"),
        (found.save, "saving"),
    ]
    named = [f"{numbers.duration(seconds)} of {what}" for seconds, what in told if seconds >= _SHOWN]
    return ", ".join(named)


def describe_duration(summary: Summary) -> str:
    """Return how long a run took, with its parts as far as they are known; "" where nothing was measured.

    A run that was made before the whole time was measured says that its seconds are of training alone.
    """
    found, seconds = parts(summary), whole(summary)
    if found is not None and seconds is not None:
        return f"{numbers.duration(seconds)} in all: {breakdown(found)}"
    if seconds is not None:
        return f"{numbers.duration(seconds)} in all"
    trained = training(summary)
    return "" if trained is None else f"{numbers.duration(trained)} of training alone"


def done(run: Run) -> float:
    """Return how much of a run lies behind, from 0 to 1: of its whole seconds, or of its steps where none are known."""
    spent, left = run.summary.get("whole_seconds"), seconds_left(run)
    if run.state == FINISHED or not spent or left is None:
        return run.done
    return float(spent / (spent + left))


def seconds_left(run: Run) -> float | None:
    """Return the whole seconds until a run's end; None before anything is known of its speed."""
    summary, budget = run.summary, run.experiment.time_budget
    told = summary.get("seconds_left")
    if "seconds_left" in summary:  # by its first step, which sets everything up, a run cannot tell
        return None if told is None else float(told)
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
    """Return "4.2 s left"; "less than a second left" where an estimate has no more to say; "" where there is none."""
    if seconds is None:
        return ""
    return "less than a second left" if seconds < _LEAST_LEFT else f"{numbers.duration(seconds)} left"
