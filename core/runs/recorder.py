"""A worker's line to the store: events in batches, a heartbeat with each, and whether to stop."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from core.runs.database import Database, events, runs
from core.runs.run import FINISHED, RUNNING, StoreUnavailable
from core.runs.run_rows import append, release_run
from core.training.events import Event, Finished, Phase, Started

FLUSH_SECONDS = 0.25
BEAT_SECONDS = 2.0  # while there are no events
PLACE = {"step", "epoch", "images", "seconds", "whole_seconds"}  # where the run stands, whatever an event is about
FIGURES = ("progress", "evaluated")  # the events whose figures a run that goes on begins with
SILENCE_SECONDS = 1200.0  # without any event: longer than the slowest evaluation, short enough for a lost cause


class ClaimLost(RuntimeError):
    """The run was given to somebody else, or the store is gone for good: this attempt may write nothing any more."""


class Recorder:
    """Writes one attempt's events. Every method belongs to the training thread; `beating` has one of its own."""

    def __init__(self, database: Database, run: str, claim: str, patience: float = 20.0) -> None:
        """`patience` is how many seconds of a store that cannot be written are borne before the attempt is given up."""
        self._database, self._run, self._claim, self._patience = database, run, claim, patience
        self._buffer: list[dict[str, Any]] = []
        self._summary: dict[str, Any] = {}
        self._restart: int | None = None  # the step that the attempt goes on from, until it is written
        self._flushed = float("-inf")
        self._heard = time.monotonic()  # when the last event came
        self._written = time.monotonic()
        self.interrupted = False  # somebody wants the run to stop, as of the last flush

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Within this block the heart beats by itself: reading data, a long step or evaluation is no hang.

        A process that is stopped, or a training thread without a word for SILENCE_SECONDS, has no heartbeat.
        """
        over = threading.Event()

        def beat() -> None:
            while not over.wait(BEAT_SECONDS):
                if not BEAT_SECONDS <= time.monotonic() - self._heard < SILENCE_SECONDS:
                    continue
                try:
                    with self._database.writing() as connection:
                        self._beat(connection)
                except (StoreUnavailable, ClaimLost):
                    continue  # the next flush will say so

        heart = threading.Thread(target=beat, daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def add(self, event: Event) -> None:
        """Take an event, and write when it is time. Raises ClaimLost."""
        seldom = event.kind != "progress" or "loss" not in self._summary  # so the first point shows at once
        self._take(event)
        if seldom or time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def note(self, text: str) -> None:
        """Tell those who watch something that is no figure. Raises ClaimLost."""
        self._buffer.append({"event": "note", "text": text})
        self.flush()

    def flush(self) -> None:
        """Write what there is. While the store cannot be written it is kept, and ClaimLost raised after `patience`."""
        self._flushed = time.monotonic()
        try:
            with self._database.writing() as connection:
                self.interrupted = self._beat(connection)
                self._write(connection)
        except StoreUnavailable as error:
            if time.monotonic() - self._written > self._patience:
                raise ClaimLost(str(error)) from error
            return
        self._written = time.monotonic()
        self._buffer.clear()
        self._restart = None

    def finish(self, event: Finished) -> None:
        """The run has come to its end as planned. Raises ClaimLost."""
        self._take(event)
        self.end(FINISHED)

    def end(self, state: str, reason: str | None = None) -> None:
        """The run has come to its end: write the rest and its state at once. Raises ClaimLost."""
        self._settle({"state": state, "reason": reason, "finished": time.time(), "claim": None, "interrupt": False})

    def release(self, also: Callable[[sa.Connection], None] | None = None) -> None:
        """The run was interrupted: it waits again, or stops when nobody asks for it. Raises ClaimLost.

        `also` is written in the same transaction, before it is known whether somebody asks.
        """
        self._settle(None, also)

    def _take(self, event: Event) -> None:
        self._heard = time.monotonic()
        payload = plain(event.to_dict())
        if isinstance(event, Started):
            self._restart = event.step
        self._summary |= summarized(payload)
        if not isinstance(event, Phase):  # where a run stands just now is in its summary; its history needs none of it
            self._buffer.append(payload)

    def _settle(self, values: dict[str, Any] | None, also: Callable[[sa.Connection], None] | None = None) -> None:
        until = time.monotonic() + self._patience
        while True:
            try:
                with self._database.writing() as connection:
                    self._beat(connection)
                    self._write(connection)
                    if also is not None:
                        also(connection)
                    if values is None:
                        release_run(connection, self._run)
                    else:
                        connection.execute(sa.update(runs).where(runs.c.id == self._run).values(values))
                return
            except StoreUnavailable as error:
                if time.monotonic() > until:
                    raise ClaimLost(str(error)) from error
                time.sleep(0.5)

    def _beat(self, connection: sa.Connection) -> bool:
        """Say that this attempt is alive. Returns whether it should stop. Raises ClaimLost."""
        mine = sa.and_(runs.c.id == self._run, runs.c.claim == self._claim, runs.c.state == RUNNING)
        if connection.execute(sa.update(runs).where(mine).values(heartbeat=time.time())).rowcount != 1:
            raise ClaimLost(f"The run {self._run} is not this worker's any more.")
        return bool(connection.execute(sa.select(runs.c.interrupt).where(mine)).scalar_one())

    def _write(self, connection: sa.Connection) -> None:
        if self._restart is not None:  # what an attempt that died told after this step will be told again
            again = events.c.step.is_not(None) if self._restart == 0 else events.c.step > self._restart
            connection.execute(sa.delete(events).where(events.c.run == self._run, again))
        append(connection, self._run, self._buffer)
        if self._summary:
            summary = self._known(connection) | self._summary
            connection.execute(sa.update(runs).where(runs.c.id == self._run).values(summary=summary))

    def _known(self, connection: sa.Connection) -> dict[str, Any]:
        """The figures that the store has: those of this attempt so far, and of the ones that it goes on from.

        Where it goes on from a checkpoint, the figures of what was told past that are set back to those before it.
        """
        if self._restart == 0:
            return {}
        found: dict[str, Any] = connection.execute(sa.select(runs.c.summary).where(runs.c.id == self._run)).scalar_one()
        if self._restart is not None:
            kept = sa.select(events.c.payload).where(events.c.run == self._run, events.c.step <= self._restart)
            for payload in connection.execute(kept.order_by(events.c.seq)).scalars():
                if payload["event"] in FIGURES:
                    found = found | summarized(payload)
        return found


def plain(payload: dict[str, Any]) -> dict[str, Any]:
    """`payload` as JSON can carry it: what is not a number becomes None."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in payload.items()}


def summarized(payload: dict[str, Any]) -> dict[str, Any]:
    """What one event adds to the run's summary: the latest of every figure under one flat set of names.

    `loss` and `accuracy` are the training's; a split's are `test_loss`, `test_accuracy`, `held_out_loss` and so on.
    `phase` is what the run is busy with, and `phase_done` how far it is with that.
    """
    figures = {name: value for name, value in payload.items() if name != "event"}
    match payload["event"]:
        case "snapshot":  # lists, which only the history holds
            return {}
        case "evaluated":
            split = figures.pop("split").replace("-", "_")
            return {name if name in PLACE else f"{split}_{name}": value for name, value in figures.items()}
        case "phase":
            told = {name: figures[name] for name in ("whole_seconds", "seconds_left") if figures.get(name) is not None}
            return {"phase": figures["phase"], "phase_done": figures["done"], **told}
        case "progress":
            return figures | {"phase": "training", "phase_done": None}
    return figures
