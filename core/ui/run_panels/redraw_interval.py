"""The redraw interval of panels that show active runs."""

import time
from collections.abc import Iterable

from core.runs.history_cache import Frames
from core.runs.run import Run
from core.ui.backend import run_requests

TICK_SECONDS, SLOWEST_TICK_SECONDS = 0.5, 4.0


MIN_TICKS = 80  # per run: a run of many minutes is polled less often, since each poll costs it some speed


FIRST_TICK_SECONDS = 0.25  # until a run requested here shows its first point, which must come within a second


STARTING_SECONDS = 5.0  # a run that waits longer is polled like any other: many browsers may watch the queue


def redraw_interval(shown: Iterable[Frames], others: Iterable[Frames] = ()) -> float | None:
    """Return the redraw interval in seconds, proportional to the shortest active run; None if no run is active.

    Args:
        shown: The runs that are set up on the page: one that was just requested is polled fast.
        others: Further runs on the chart.
    """
    shown = list(shown)
    active = [frame.run for frame in [*shown, *others] if frame.run.active]
    if not active:
        return None
    if is_starting(shown):
        return FIRST_TICK_SECONDS
    planned = [seconds for run in active if (seconds := _planned_seconds(run))]
    return min(SLOWEST_TICK_SECONDS, max(TICK_SECONDS, min(planned) / MIN_TICKS)) if planned else TICK_SECONDS


def interval_changed(current: float | None, wanted: float | None) -> bool:
    """Return True if a panel needs another redraw interval: none at all, or one that differs by half or more."""
    return current is not None and (wanted is None or not 1 / 1.5 < wanted / current < 1.5)


def _planned_seconds(run: Run) -> float:
    """Return the seconds that a run will train, estimated from its speed so far; 0 if that is unknown."""
    summary, budget = run.summary, run.experiment.time_budget
    if not summary.get("seconds") or not run.done:
        return 0.0
    planned = float(summary["seconds"] / run.done)
    return min(planned, budget) if budget else planned


def is_starting(runs: Iterable[Frames]) -> bool:
    """Return True if a run was requested in this tab just now and none has a first point yet."""
    requested = [frame for frame in runs if frame.run.active and run_requests.requested_in_tab(frame.run)]
    earliest = time.time() - STARTING_SECONDS
    just_now = any((frame.run.started or frame.run.created) > earliest for frame in requested)
    return just_now and not any(len(frame.progress) for frame in requested)
