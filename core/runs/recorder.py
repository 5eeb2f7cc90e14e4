"""Write a worker's events to the store in batches, send heartbeats, and report stop requests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from core.runs import hardware
from core.runs.database import Database
from core.runs.postgres import QUEUEING, alone
from core.runs.run import FINISHED, RUNNING, StoreUnavailable
from core.runs.run_rows import append, release_run
from core.runs.tables import clock, events, runs
from core.training.events import Event, Finished, Live, Phase, Started

FLUSH_SECONDS = 0.25
BEAT_SECONDS = 2.0  # while there are no events
POSITION = {"step", "epoch", "images", "seconds", "whole_seconds"}  # of the run, in events of every kind
SUMMARIZED_KINDS = ("progress", "evaluated")  # the events whose figures a run that goes on begins with
PATIENCE_SECONDS = 60.0  # without a store that can be written: longer than a restart of PostgreSQL
RETRY_SECONDS = 1.0  # between two tries to reach it, so that the training goes on meanwhile
SILENCE_SECONDS = 1200.0  # without any event: longer than the slowest evaluation, short enough for a lost cause


class ClaimLost(RuntimeError):
    """Raised when the worker lost its claim on the run or the store is unreachable."""


class Recorder:
    """Writes one attempt's events. Every method belongs to the training thread; `beating` has one of its own."""

    def __init__(
        self,
        database: Database,
        run: str,
        claim: str,
        patience: float = PATIENCE_SECONDS,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Write nothing yet.

        Args:
            database: The store.
            run: The run's id.
            claim: Of this attempt.
            patience: Seconds without a writable store after which the attempt is given up.
            tell: Called with the sentence of a store that cannot be written, and with "" once it can be again.
        """
        self._database, self._run, self._claim, self._patience = database, run, claim, patience
        self._tell, self._told = tell, ""
        self._buffer: list[dict[str, Any]] = []
        self._summary: dict[str, Any] = {}
        self._restart: int | None = None  # the step that the attempt goes on from, until it is written
        self._seq: int | None = None  # of the last event that is known to be written
        self._flushed = self._failed = float("-inf")  # when it was last tried, and when in vain
        self._heard = time.monotonic()  # when the last event came
        self._written = time.monotonic()
        self.interrupted = False  # somebody wants the run to stop, as of the last flush

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Send heartbeats within this block, so that reading data, a long step or an evaluation is no hang.

        A process that is stopped, or a training thread without an event for SILENCE_SECONDS, sends none.
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
        """Take an event, and write when it is time.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        often = isinstance(event, Live) or event.kind == "progress"
        seldom = not often or "loss" not in self._summary  # so the first point shows at once
        self._take(event)
        now = time.monotonic()
        if now - self._failed >= RETRY_SECONDS and (seldom or now - self._flushed >= FLUSH_SECONDS):
            self.flush()

    def note(self, text: str) -> None:
        """Add a sentence for viewers to the run's history.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        self._buffer.append({"event": "note", "text": text})
        self.flush()

    def flush(self) -> None:
        """Write what was taken; keep it while the store cannot be written.

        Raises:
            ClaimLost: The run belongs to another attempt, or the store could not be written for `patience` seconds.
        """
        self._flushed = time.monotonic()
        try:
            with self._database.writing() as connection:
                self.interrupted = self._beat(connection)
                self._write(connection)
        except StoreUnavailable as error:
            self._failed = time.monotonic()
            self._say(str(error))
            if time.monotonic() - self._written > self._patience:
                raise ClaimLost(str(error)) from error
            return
        self._say("")
        self._written = time.monotonic()
        self._failed = float("-inf")
        self._seq = (self._seq or 0) + len(self._buffer)
        self._buffer.clear()
        self._restart = None

    def finish(self, event: Finished) -> None:
        """Write the last event and mark the run as finished.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        self._take(event)
        self.end(FINISHED)

    def end(self, state: str, reason: str | None = None) -> None:
        """Write the rest together with the run's final state.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        self._settle({"state": state, "reason": reason, "finished": clock(), "claim": None, "interrupt": False})

    def release(self, also: Callable[[sa.Connection], None] | None = None) -> None:
        """Write the rest and release the interrupted run: it is queued again, or stopped if it has no owner left.

        Args:
            also: Written in the same transaction, before the owners are counted.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        self._settle(None, also)

    def _say(self, trouble: str) -> None:
        if trouble != self._told:
            self._told = trouble
            self._tell(trouble)

    def _take(self, event: Event) -> None:
        self._heard = time.monotonic()
        payload = event.to_dict()
        if isinstance(event, Started):
            self._restart = event.step
            payload["gpu"] = hardware.gpu_name() if event.device == "cuda" else ""
        self._summary |= summarized(payload)
        if not isinstance(event, Phase | Live):  # only the summary needs these, not the history
            self._buffer.append(payload)

    def _settle(self, values: dict[str, Any] | None, also: Callable[[sa.Connection], None] | None = None) -> None:
        until = time.monotonic() + self._patience
        while True:
            try:
                with self._database.writing() as connection:
                    if also is not None:  # a run may be queued: before any row is locked, as in `Store.enqueue`
                        alone(connection, QUEUEING)
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
        """Write a heartbeat and return whether the attempt should stop.

        Raises:
            ClaimLost: The run belongs to another attempt.
        """
        mine = sa.and_(runs.c.id == self._run, runs.c.claim == self._claim, runs.c.state == RUNNING)
        if connection.execute(sa.update(runs).where(mine).values(heartbeat=clock())).rowcount != 1:
            raise ClaimLost(f"The run {self._run} is not this worker's any more.")
        return bool(connection.execute(sa.select(runs.c.interrupt).where(mine)).scalar_one())

    def _write(self, connection: sa.Connection) -> None:
        """Write what was taken. The run's row is locked by then, so that nobody else appends to its history."""
        self._drop_written(connection.execute(sa.select(runs.c.seq).where(runs.c.id == self._run)).scalar_one())
        if self._restart is not None:  # the steps after this one will be reported again
            again = events.c.step.is_not(None) if self._restart == 0 else events.c.step > self._restart
            connection.execute(sa.delete(events).where(events.c.run == self._run, again))
        append(connection, self._run, self._buffer)
        if self._summary:
            summary = self._known(connection) | self._summary
            connection.execute(sa.update(runs).where(runs.c.id == self._run).values(summary=summary))

    def _drop_written(self, seq: int) -> None:
        """Forget the events that an earlier try wrote, whose connection broke before it could say so.

        Args:
            seq: Of the last event in the store; since the claim, all are this attempt's.
        """
        if self._seq is not None and seq > self._seq:
            del self._buffer[: seq - self._seq]
            self._restart = None
        self._seq = seq

    def _known(self, connection: sa.Connection) -> dict[str, Any]:
        """Return the stored figures: those of this attempt so far, and of the ones that it continues.

        If it continues from a checkpoint, figures reported after that are set back to those before it.
        """
        if self._restart == 0:
            return {}
        found: dict[str, Any] = connection.execute(sa.select(runs.c.summary).where(runs.c.id == self._run)).scalar_one()
        if self._restart is not None:
            kept = sa.select(events.c.payload).where(events.c.run == self._run, events.c.step <= self._restart)
            for payload in connection.execute(kept.order_by(events.c.seq)).scalars():
                if payload["event"] in SUMMARIZED_KINDS:
                    found = found | summarized(payload)
        return found


def summarized(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what one event adds to the run's summary: the latest of every figure under one flat set of names.

    `loss` and `accuracy` are of the training; those of a split are `test_loss`, `test_accuracy`, `held_out_loss` and so
    on. `phase` is what the run is doing, and `phase_done` the fraction of it that is done.
    """
    figures = {name: value for name, value in payload.items() if name != "event"}
    match payload["event"]:
        case "snapshot":  # lists, which only the history holds
            return {}
        case "live":  # the latest takes the place of the one before
            return {"live": figures}
        case "evaluated":
            split = figures.pop("split").replace("-", "_")
            return {name if name in POSITION else f"{split}_{name}": value for name, value in figures.items()}
        case "phase":
            known = {name: figures[name] for name in ("whole_seconds", "seconds_left") if figures.get(name) is not None}
            return {"phase": figures["phase"], "phase_done": figures["done"], **known}
        case "progress":
            return figures | {"phase": "training", "phase_done": None}
    return figures
