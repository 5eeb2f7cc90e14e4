"""How often a panel reads the runs that train."""

import time
from collections.abc import Iterable

from core.runs.history_cache import Frames
from core.runs.run import Run
from core.ui.backend import run_requests

TICK_SECONDS, SLOWEST_TICK_SECONDS = 0.5, 4.0


TICKS = 80  # in a run at least: one of many minutes is looked at less often, since each look costs it some speed


FIRST_TICK_SECONDS = 0.25  # until what was asked for here shows its first point, which must come within a second


STARTING_SECONDS = 5.0  # a run that waits longer is looked at like any other: many browsers may watch the queue


def pace(asked: Iterable[Frames], others: Iterable[Frames] = ()) -> float | None:
    """Seconds between two looks at what trains: a part of the shortest run; None where nothing trains."""
    asked = list(asked)
    active = [frame.run for frame in [*asked, *others] if frame.run.active]
    if not active:
        return None
    if is_starting(asked):
        return FIRST_TICK_SECONDS
    planned = [seconds for run in active if (seconds := _planned_seconds(run))]
    return min(SLOWEST_TICK_SECONDS, max(TICK_SECONDS, min(planned) / TICKS)) if planned else TICK_SECONDS


def is_another(every: float | None, now: float | None) -> bool:
    """Whether a panel that looks so often is to be drawn anew: to look no more, or clearly more or less often."""
    return every is not None and (now is None or not 1 / 1.5 < now / every < 1.5)


def _planned_seconds(run: Run) -> float:
    """How long a run will train, told from its pace so far; 0 where it has none yet."""
    summary, budget = run.summary, run.experiment.time_budget
    if not summary.get("seconds") or not run.done:
        return 0.0
    planned = float(summary["seconds"] / run.done)
    return min(planned, budget) if budget else planned


def is_starting(contenders: Iterable[Frames]) -> bool:
    """Whether a contender was asked for from this tab just now, and none has shown a point yet."""
    asked = [frame for frame in contenders if frame.run.active and run_requests.asked_here(frame.run)]
    young = time.time() - STARTING_SECONDS
    just_now = any((frame.run.started or frame.run.created) > young for frame in asked)
    return just_now and not any(len(frame.progress) for frame in asked)
