"""The thread that leads: it keeps worker processes warm, gives them runs in a fair order, and replaces those that die.

Of all app processes on one home, the one that holds `leader.lock` leads; the operating system frees the lock when that
process ends in whatever way, and another one takes over.
"""

import contextlib
import json
import logging
import os
import queue
import shutil
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.runs import host, retention, scheduler
from core.runs.child_process import Child, Message, end_leftover, environment
from core.runs.database import full_disk, identity, why_unavailable
from core.runs.run import StoreUnavailable
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.runs.worker_slot import WorkerSlot, describe_exit
from core.training.experiment import Experiment

logger = logging.getLogger(__name__)

WORKER = "core.runs.worker"
TICK_SECONDS = 0.25
GATHER_SECONDS = 0.03  # contenders are asked for one after the other: wait for the last before sharing out the cores
START_SECONDS = 120.0  # for a worker to import torch, on a slow and busy disk
TIDY_SECONDS = 60.0
LEAST_ROOM = 2**16  # bytes: less is a full disk
BEGIN_SECONDS = 60.0  # for a worker to turn to a run, and for a warm-up: each takes a moment
MAX_WARM_UPS = 100  # of one worker
DEATHS = 2  # of workers that a run survives
CLOSING_SECONDS = 10.0  # for the runs to write a checkpoint when the app ends


class Dispatcher:
    """Owns the workers of a home while it leads. Start it once; `close` ends it in order."""

    def __init__(self, store: Store, home: Path, slots: int | None, device: str, patience: float) -> None:
        """`slots` None: as many as suit the machine. `patience`: seconds without a heartbeat until a worker is hung."""
        self._store, self._home, self._device, self._patience = store, home, device, patience
        self._count = slots
        self._slots: list[WorkerSlot] = []
        self._lock = FileLock(home / "leader.lock", thread_local=False)
        self._inbox: queue.SimpleQueue[tuple[Child, Message]] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._leads = False
        self._held: tuple[int, int] | None = None  # the lock file that we lead by
        self._closing = False
        self._looked_for_room = float("-inf")
        self._no_room = False
        self._tidied = float("-inf")
        self._stumbled = ""
        self._machine: dict[str, Any] | None = None
        self._warm_up_queue: list[str] = []
        self.trouble: str | None = None  # why nothing can train just now: a sentence, or None
        self._thread = threading.Thread(target=self._loop, name="run-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin to lead, or to wait for the lead."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do: look now."""
        self._wake.set()

    def warm_up(self, experiments: Sequence[Experiment]) -> None:
        """Let idle workers run one step of each of `experiments`, each once."""
        self._warm_up_queue = [experiment.to_json() for experiment in experiments]
        self._wake.set()

    def close(self) -> None:
        """Interrupt what trains so that it can go on later, end the workers, give up the lead."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=CLOSING_SECONDS + 10)

    @property
    def leads(self) -> bool:
        """Whether this process is the one that trains, and has put in order what the one before it left."""
        return self._leads

    @property
    def machine(self) -> dict[str, Any] | None:
        """What a worker found this machine to have; None before the first was ever ready."""
        if self._machine is None:
            try:
                found: dict[str, Any] = json.loads((self._home / "machine.json").read_text())
            except (OSError, ValueError):
                return None
            return found if isinstance(found, dict) else None
        return self._machine

    # ------------------------------------------------------------------ the loop

    def _loop(self) -> None:
        while not self._closing:
            if self._wake.wait(TICK_SECONDS):
                time.sleep(GATHER_SECONDS)
                self._wake.clear()
            try:
                if self._leading():
                    self._listen()
                    self._reap()
                    self._staff()
                    self._dispatch()
                    self._warm_up()
                    self._tidy()
                self.trouble = self._not_starting() or self._short_of_room()
            except (StoreUnavailable, OSError) as error:
                self.trouble = why_unavailable(self._home, error) if isinstance(error, OSError) else str(error)
                for slot in self._slots:  # without the store no heartbeat arrives: nobody is late
                    slot.heard = time.monotonic()
                time.sleep(TICK_SECONDS)
            except (
                Exception
            ) as error:  # the thread must live: a run that waits for ever is worse than a line in the log
                if repr(error) != self._stumbled:  # the same again says nothing new
                    logger.exception("The dispatcher stumbled and goes on.")
                self._stumbled = repr(error)
                time.sleep(1.0)
        self._close()

    def _leading(self) -> bool:
        """Take the lead if it is free. A new leader ends what the old one left, and puts its runs back in the queue."""
        lock = self._home / "leader.lock"
        if self._leads:
            if identity(lock) == self._held:
                return True
            self._abdicate()
        self._home.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        self._held = identity(lock)
        try:
            for pid, created in self._store.registered_workers().items():
                end_leftover(pid, created, WORKER)
                self._store.unregister_worker(pid)
            self._store.release_all()
        except BaseException:
            self._lock.release()
            raise
        self._leads = True
        return True

    def _abdicate(self) -> None:
        """Give up the lead, as the home was deleted or moved away with its lock: somebody else may have it now."""
        for slot in self._slots:
            if slot.child is not None:
                slot.child.kill()
        self._slots = []
        self._leads = False
        self._lock.release()

    def _listen(self) -> None:
        """Read what the workers said."""
        while not self._inbox.empty():
            child, message = self._inbox.get()
            slot = next((slot for slot in self._slots if slot.child is child), None)
            if slot is None:
                continue
            if "machine" in message:
                self._machine = message["machine"]
                _keep(self._home / "machine.json", message["machine"])
                slot.ready, slot.failures = True, 0
            elif "warmed_up" in message:
                slot.warming_up = False
            elif message.get("begun") == slot.claim:
                slot.begun, slot.heard = True, time.monotonic()
            elif slot.claim in (message.get("done"), message.get("lost")):
                slot.run = None  # one that was lost is still said to be running: `_reap` puts it back in the queue

    def _reap(self) -> None:
        """Take note of workers that died, and end those that hang."""
        running = self._store.running()
        held = {slot.claim for slot in self._slots if slot.run}
        for run, (claim, _) in running.items():
            if claim not in held:  # the store failed us in between: nobody trains it
                self._store.release(run, claim)
        for slot in self._slots:
            if slot.child is None:
                continue
            if slot.run and running.get(slot.run, ("", 0.0))[0] == slot.claim:
                heartbeat = running[slot.run][1]
                if heartbeat != slot.heartbeat:
                    slot.heartbeat, slot.heard = heartbeat, time.monotonic()
            patience = self._patience if slot.ready else START_SECONDS
            if slot.ready and not slot.begun:
                patience = min(patience, BEGIN_SECONDS)
            late = time.monotonic() - slot.heard > patience
            if late and (slot.run or slot.warming_up or not slot.ready) and slot.child.exit_code is None:
                self._store.check_writable()  # where nobody can write, no heartbeat arrives
                slot.killed_for = f"The training process did not answer for {patience:.0f} seconds and was ended."
                slot.child.kill()
            if slot.child.exit_code is not None:
                self._bury(slot, slot.child)

    def _bury(self, slot: WorkerSlot, child: Child) -> None:
        """The slot's worker is dead: settle its run, then empty the slot. What the store refuses is done next time."""
        child.drain()
        self._listen()
        if slot.run and slot.begun:
            self._store.mark_dead(slot.run, slot.claim, slot.killed_for or describe_exit(child.exit_code or 0), DEATHS)
        elif slot.run:  # it never began: what ended the worker was something else
            self._store.release(slot.run, slot.claim)
        if slot.warming_up:
            self._warm_up_queue = []  # the next worker does not try it again
        self._store.unregister_worker(child.pid)
        logger.warning("Worker %d (process %d) ended with code %s.", slot.index, child.pid, child.exit_code)
        if not slot.ready:
            slot.failed()
        self._slots[slot.index] = fresh = WorkerSlot(slot.index)
        fresh.failures, fresh.start_after = slot.failures, slot.start_after

    def _staff(self) -> None:
        """Start what workers are missing, one at a time: two at once would each take twice as long to be warm."""
        wanted = self._wanted()
        while len(self._slots) < wanted:
            self._slots.append(WorkerSlot(len(self._slots)))
        if any(slot.child and not slot.ready for slot in self._slots):
            return
        for slot in self._slots[:wanted]:
            if slot.child is None and time.monotonic() >= slot.start_after:
                self._start_worker(slot)
                return

    def _start_worker(self, slot: WorkerSlot) -> None:
        gpus = self._machine["gpus"] if self._machine else 0  # the first worker sees all, and tells how many
        variables = environment(self._home, host.cores(), slot.index % gpus if gpus > 1 and slot.index else None)
        log = self._home / "logs" / f"worker-{slot.index}.log"
        slot.heard = time.monotonic()
        try:
            slot.child = Child(WORKER, [str(self._home)], variables, log, self._hear)
        except OSError as error:  # no memory, no file left to open
            logger.warning("Worker %d did not start: %s", slot.index, error)
            slot.failed()
            return
        self._store.register_worker(slot.child.pid, slot.child.created())

    def _hear(self, child: Child, message: Message) -> None:
        """Called from the children's threads."""
        self._inbox.put((child, message))
        self._wake.set()

    def _wanted(self) -> int:
        if self._count is not None:
            return self._count
        if self._machine is None:
            return 1
        return host.slots(self._machine["devices"], self._machine["gpus"])

    def _dispatch(self) -> None:
        """Give the free workers the runs whose turn it is."""
        free = [slot for slot in self._slots if slot.child and slot.ready and slot.run is None]
        free.sort(
            key=lambda slot: slot.warming_up
        )  # a warm-up stops for a run; a worker with nothing to stop comes first
        while free:
            queued, running, served = self._store.queue()
            if not queued:
                return
            run, claim = scheduler.order(queued, running, served)[0].run, uuid.uuid4().hex
            if not self._store.claim(run, claim):
                continue
            slot = free.pop(0)
            slot.take(run, claim)
            busy = sum(slot.run is not None for slot in self._slots)
            threads = host.threads(self._wanted(), busy + len(queued) - 1)
            job = {"run": run, "claim": claim, "threads": threads, "device": self._device}
            try:
                assert slot.child is not None
                slot.child.tell(job)
            except OSError:  # it died while idle, which is not this run's fault
                self._store.release(run, claim)
                slot.run = None
                return

    def _warm_up(self) -> None:
        """Let the workers that have nothing to do try what may be submitted soon."""
        idle = [slot for slot in self._slots if slot.child and slot.ready and slot.run is None and not slot.warming_up]
        threads = host.threads(self._wanted(), len(self._slots) - len(idle) + 1)
        for slot in idle:
            new = [text for text in self._warm_up_queue if text not in slot.warmed_up]
            if not new or len(slot.warmed_up) > MAX_WARM_UPS:
                continue
            slot.warmed_up |= set(new)
            slot.warming_up, slot.begun, slot.heard = True, False, time.monotonic()
            with contextlib.suppress(OSError):  # it died, and is replaced
                assert slot.child is not None
                slot.child.tell({"warm_up": new, "threads": threads})

    def _not_starting(self) -> str | None:
        if any(slot.failures > 1 for slot in self._slots) and not any(slot.ready for slot in self._slots):
            return f"No training process can be started here: {self._home / 'logs' / 'worker-0.log'} says why."
        return None

    def _tidy(self) -> None:
        """Once a minute: make room where the app's folder takes more than it may."""
        if time.monotonic() - self._tidied >= TIDY_SECONDS:
            self._tidied = time.monotonic()
            retention.tidy(StoredRuns(self._store.database))

    def _short_of_room(self) -> str | None:
        """Return the sentence for a full disk, looked for once a second: it is said before anybody's run meets it."""
        if time.monotonic() - self._looked_for_room >= 0.5:
            self._looked_for_room = time.monotonic()
            self._no_room = shutil.disk_usage(self._home).free < LEAST_ROOM
        return full_disk(self._home) if self._no_room else None

    # ------------------------------------------------------------------ the end

    def _close(self) -> None:
        if not self._leads:
            return
        try:
            self._interrupt_runs()
        except StoreUnavailable as error:
            logger.warning("The runs were cut off: %s", error)
        for slot in self._slots:
            if slot.child is not None:
                slot.child.close()
        try:
            for slot in self._slots:
                if slot.child is not None:
                    self._store.unregister_worker(slot.child.pid)
                if slot.run:  # it did not let go in time
                    self._store.release(slot.run, slot.claim)
        except StoreUnavailable as error:
            logger.warning("The next start puts it in order: %s", error)
        self._leads = False
        self._lock.release()

    def _interrupt_runs(self) -> None:
        until = time.monotonic() + CLOSING_SECONDS
        held = [slot.run for slot in self._slots if slot.run]
        if held:
            self._store.interrupt(held)
        while time.monotonic() < until:
            self._listen()
            if not any(slot.run and slot.child and slot.child.exit_code is None for slot in self._slots):
                return
            time.sleep(0.05)


def _keep(path: Path, document: dict[str, Any]) -> None:
    """Write JSON that a reader never finds half of; it is only a convenience, so a full disk is borne."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(document))
        temporary.replace(path)
    except OSError:
        logger.warning("%s could not be written.", path)
