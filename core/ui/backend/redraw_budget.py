"""How often each of many redraws may take place, so that all of them together take a fixed amount of processor time."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

SHARE = 0.08  # of the machine's cores, for the redraws of all sessions of a process together
AROUND_SECONDS = 0.003  # of processor time that Streamlit takes around a redraw: its thread, messages and sockets
FIRST_SECONDS = 0.005  # for which a redraw is taken before the first was measured
WEIGHT = 0.02  # of the latest redraw in the mean of their costs
OUTLIER = 3.0  # times this mean: no redraw counts as more, as a first one does, which imports what it draws with
LONGEST_SECONDS = 30.0  # between two redraws, however many there are
CHANGE = 1.25  # an interval that differs by less is kept
LATE, LATE_SECONDS = 2.0, 5.0  # a redraw later than so many intervals and seconds will not come: its session is gone


class Name(NamedTuple):
    """What is redrawn."""

    session: str
    fragment: str
    topic: str = ""


@dataclass(slots=True)
class _Redraw:
    interval: float  # that it was told
    until: float  # when it is given up
    hurried: float = -math.inf  # when it was last told to come at once


class RedrawBudget:
    """The redraws of one process. Any number of threads may use it."""

    def __init__(self, cores: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Know of no redraw yet; all together may take `cores` seconds of processor time a second."""
        self._cores, self._clock = cores, clock
        self.cost = FIRST_SECONDS + AROUND_SECONDS  # of one redraw, in seconds of processor time: the mean of late
        self._spent = 0.0  # in scripts since the last redraw
        self._redraws: dict[Name, _Redraw] = {}
        self._swept = clock()
        self._lock = threading.Lock()

    def first(self, least: float) -> float:
        """Return the interval at which one more redraw begins, in seconds."""
        with self._lock:
            return self._interval(len(self._redraws) + 1, least)

    def spend(self, seconds: float) -> None:
        """Add the processor time of a script that redrew something, a redraw itself or what follows from it."""
        with self._lock:
            self._spent += seconds

    def begin(self, name: Name) -> float:
        """Note that something is about to be drawn, so that whatever changes meanwhile reaches it. Return when it is.

        Args:
            name: What is drawn.
        """
        with self._lock:
            now = self._clock()
            known = self._redraws.setdefault(name, _Redraw(math.inf, 0.0))  # it is told its interval once it is drawn
            known.until = max(known.until, now + LONGEST_SECONDS)
            return now

    def next(self, name: Name, least: float, began: float = math.inf) -> float | None:
        """Return the interval at which a redraw goes on; None if it is about the one that it was told last.

        Args:
            name: What was redrawn.
            least: The shortest interval, which it has when there are few.
            began: When its drawing began. If it was hurried since, it may show what was before, and comes at once.
        """
        with self._lock:
            now = self._clock()
            took = min(self._spent + AROUND_SECONDS, OUTLIER * self.cost)
            self.cost += WEIGHT * (took - self.cost)
            self._spent = 0.0
            known = self._redraws.get(name)
            wanted = self._interval(len(self._redraws) + (known is None), least)
            same = known is not None and 1 / CHANGE < wanted / known.interval < CHANGE
            same = same or (known is not None and known.hurried >= began)
            told = known.interval if known is not None and same else wanted
            self._redraws[name] = _Redraw(told, now + LATE * told + LATE_SECONDS)
            self._sweep(now)
            return None if same else told

    def names(self, topic: str) -> list[Name]:
        """Return what shows a topic."""
        with self._lock:
            self._sweep(self._clock())
            return [name for name in self._redraws if name.topic == topic]

    def hurry(self, name: Name, seconds: float) -> None:
        """Note that a redraw was told to come every so many seconds: its next one will be told another interval."""
        with self._lock:
            if known := self._redraws.get(name):
                known.interval, known.hurried = seconds, self._clock()

    def forget(self, name: Name) -> None:
        """Forget what is not drawn any more."""
        with self._lock:
            self._redraws.pop(name, None)

    def forget_late(self) -> None:
        """Forget the redraws that will not come any more, as nobody else does once all have left."""
        with self._lock:
            self._sweep(self._clock())

    def _interval(self, redraws: int, least: float) -> float:
        return max(least, min(LONGEST_SECONDS, redraws * self.cost / self._cores))

    def _sweep(self, now: float) -> None:
        if now - self._swept >= 1.0:
            self._swept = now
            self._redraws = {name: redraw for name, redraw in self._redraws.items() if redraw.until >= now}
