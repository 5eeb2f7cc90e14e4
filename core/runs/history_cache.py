"""Run histories for many viewers: read from the store once for all of them, and only what is new."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from core.runs.run import FINISHED, QUEUED, Run, StoreUnavailable
from core.runs.service import RunService
from core.training.events import Evaluated, Progress

COLUMNS = {  # of the tables, by the kind of their events
    "progress": [item.name for item in fields(Progress)],
    "evaluated": [item.name for item in fields(Evaluated) if item.name != "predictions"],
}
HEARD_SECONDS = 5.0  # for which what was read is shown where notices say that it has not changed
TEXTS = {"split", "views"}  # columns of words; all others are of numbers


@dataclass(frozen=True, slots=True)
class Frames:
    """A run with its history so far. Shared between viewers: read it, don't change it."""

    run: Run
    events: tuple[dict[str, Any], ...]  # those that are no rows of the tables, as `RunService.history` gives them
    progress: pd.DataFrame  # a row a point: step, epoch, images, seconds, loss, accuracy, learning_rate, ...
    evaluated: pd.DataFrame  # a row an evaluation: split, step, epoch, images, seconds, loss, accuracy, pictures, ...


@dataclass(slots=True)
class _Entry:
    frames: Frames
    seq: int = 0  # of the last event read
    read: float = field(default=float("-inf"))  # monotonic time
    version: tuple[int, int] | None = None  # by the service's notices, before it was read

    def is_fresh(self, age: float, version: tuple[int, int] | None) -> bool:
        """Return whether the entry may be shown as it is; a finished run never changes."""
        state = self.frames.run.state
        # A queued run's place changes with other runs.
        if version is not None and version == self.version and state != QUEUED:
            age = max(age, HEARD_SECONDS)
        return state == FINISHED or time.monotonic() - self.read < age


class HistoryCache:
    """The run histories that the web pages show. Any number of threads may use it."""

    def __init__(self, service: RunService, min_age: float = 0.3, capacity: int = 60) -> None:
        """Read nothing yet.

        Args:
            service: Where the runs are read.
            min_age: Seconds for which what was read is shown again.
            capacity: How many runs are kept, those requested last.
        """
        self._service, self._min_age, self._capacity = service, min_age, capacity
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def frames(self, ids: Iterable[str]) -> dict[str, Frames]:
        """Return the runs of these ids with their histories, in the order of `ids`, without unknown ones.

        Raises:
            StoreUnavailable: The store cannot be read, and not all of these runs were read before.
        """
        wanted = list(dict.fromkeys(ids))
        self._service.watch(wanted)
        with self._lock:
            stale = [id for id in wanted if not self._is_fresh(id)]
            try:
                if stale:
                    self._read(stale)
            except StoreUnavailable:
                if any(id not in self._entries for id in wanted):
                    raise
            found = {id: self._entries[id].frames for id in wanted if id in self._entries}
            for id in found:
                self._entries.move_to_end(id)
            while len(self._entries) > max(self._capacity, len(found)):
                self._entries.popitem(last=False)
        return found

    def refresh(self, run: str) -> None:
        """Read this run again at the next request, because something about it was just changed."""
        with self._lock:
            if entry := self._entries.get(run):
                entry.read = float("-inf")

    def _is_fresh(self, id: str) -> bool:
        entry = self._entries.get(id)
        return entry is not None and entry.is_fresh(self._min_age, self._service.version(id))

    def _read(self, ids: list[str]) -> None:
        versions = {id: self._service.version(id) for id in ids}
        runs = self._service.get_many(ids)  # before the events, so that a finished run's are complete
        for id in ids:
            if id not in runs:
                self._entries.pop(id, None)
                continue
            entry = self._entries.get(id)
            if entry is None or entry.frames.run.created != runs[id].created:  # deleted and submitted again: from 1 on
                entry = _Entry(framed(runs[id], ()))
            new = self._service.history(id, since=entry.seq)
            if entry.seq and any(event["event"] == "started" for event in new):  # it went back to a checkpoint
                entry, new = _Entry(framed(runs[id], ())), self._service.history(id)
            entry.frames = _grown(entry.frames, runs[id], joined((), new))
            entry.seq = new[-1]["seq"] if new else entry.seq
            entry.read, entry.version = time.monotonic(), versions[id]
            self._entries[id] = entry


def joined(known: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return a history with new events added; where the run went back to a checkpoint, later events are dropped."""
    events = list(known)
    for event in new:
        if event["event"] == "started":
            events = [old for old in events if (step := old.get("step")) is None or 0 < event["step"] >= step]
        events.append(event)
    return tuple(events)


def framed(run: Run, events: tuple[dict[str, Any], ...]) -> Frames:
    """Return a run with its history as tables."""
    others = tuple(event for event in events if event["event"] not in COLUMNS)
    return Frames(run, others, _table(events, "progress"), _table(events, "evaluated"))


def _grown(frames: Frames, run: Run, new: tuple[dict[str, Any], ...]) -> Frames:
    """Return the frames with new events."""
    if not new:
        return replace(frames, run=run)
    late = framed(run, new)
    events = frames.events + late.events
    return Frames(run, events, _longer(frames.progress, late.progress), _longer(frames.evaluated, late.evaluated))


def _longer(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return table.copy()  # a table keeps a weak reference to each column that was ever read of it, up to thousands
    return pd.concat([table, rows], ignore_index=True) if len(table) else rows


def _table(events: Iterable[dict[str, Any]], kind: str) -> pd.DataFrame:
    rows = [event for event in events if event["event"] == kind]
    values = {column: [event.get(column) for event in rows] for column in COLUMNS[kind]}
    return pd.DataFrame(  # None, for what was not a number, becomes NaN
        {name: column if name in TEXTS else np.array(column, float) for name, column in values.items()}
    )
