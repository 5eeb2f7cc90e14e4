"""The worker processes of a home: start them, read their messages, and replace dead or hung ones."""

import contextlib
import json
import logging
import os
import queue
import threading
import time
from pathlib import Path
from typing import Any

from core.runs import engines, hardware, worker_death
from core.runs.child_process import Child, Message, end, end_leftover, environment
from core.runs.store import Store
from core.runs.worker_slot import WorkerSlot

logger = logging.getLogger(__name__)

HUNG_SECONDS = 120.0  # without a heartbeat: a worker counts as hung, and is replaced
BEGIN_SECONDS = 60.0  # for a worker to turn to a run, and for a warm-up: each takes a moment
MAX_WARM_UPS = 100  # of one worker


class WorkerPool:
    """The workers of a home, each in a slot. All methods but the callback of the children belong to one thread."""

    def __init__(
        self, store: Store, home: Path, size: int | None, patience: float, wake: threading.Event, dispatcher: str
    ) -> None:
        """Start nothing yet.

        Args:
            store: The runs that the workers train.
            home: The app's folder.
            size: How many workers to keep; None for as many as suit the machine.
            patience: Seconds without a heartbeat after which a worker counts as hung.
            wake: Set when a worker has sent a message.
            dispatcher: The name that the claims of its runs begin with.
        """
        self._dispatcher = dispatcher
        self._store, self._home, self._size, self._patience, self._wake = store, home, size, patience, wake
        self._inbox: queue.SimpleQueue[tuple[Child, Message]] = queue.SimpleQueue()
        self._machine: dict[str, Any] | None = None
        self.engine = engines.chosen()
        self.warm_up_queue: list[str] = []  # the JSON of experiments that idle workers are to run one step of
        self.slots: list[WorkerSlot] = []

    @property
    def machine(self) -> dict[str, Any] | None:
        """This machine's devices as a worker found them; None before the first worker was ever ready."""
        if self._machine is None:
            try:
                found: dict[str, Any] = json.loads((self._home / "machine.json").read_text())
            except (OSError, ValueError):
                return None
            return found if isinstance(found, dict) else None
        return self._machine

    @property
    def size(self) -> int:
        """The number of workers to keep."""
        return self._size_on(self._machine)

    @property
    def known_size(self) -> int:
        """The number of workers that this home keeps, as far as is known where another process leads."""
        return self._size_on(self.machine)

    def _size_on(self, machine: dict[str, Any] | None) -> int:
        if self._size is not None:
            return self._size
        if machine is None:
            return 1
        return int(machine.get("slots") or hardware.slots(machine["devices"], machine["gpus"]))

    @property
    def free(self) -> list[WorkerSlot]:
        """The workers that can take a run, those that would have to stop a warm-up for it last."""
        free = [slot for slot in self.slots if slot.child and slot.ready and slot.run is None]
        return sorted(free, key=lambda slot: slot.warming_up)

    @property
    def busy(self) -> int:
        """The number of workers that train."""
        return sum(slot.run is not None for slot in self.slots)

    def end_leftovers(self) -> None:
        """Kill the workers that an earlier leader left behind."""
        for pid, created in self._store.registered_workers().items():
            for engine in engines.by_name().values():
                end_leftover(pid, created, engine.module)
            self._store.unregister_worker(pid)

    def listen(self) -> None:
        """Read the workers' messages."""
        while not self._inbox.empty():
            child, message = self._inbox.get()
            slot = next((slot for slot in self.slots if slot.child is child), None)
            if slot is None:
                continue
            if "machine" in message:
                if slot.gpu is None or self._machine is None:  # one that has a GPU of its own sees no other
                    self._machine = message["machine"]
                    _write_json(self._home / "machine.json", message["machine"])
                slot.ready, slot.failures = True, 0
            elif "ended" in message:
                slot.ended = message["ended"]
            elif "store" in message:
                slot.store_trouble = message["store"]
            elif "warmed_up" in message:
                slot.warming_up = False
            elif message.get("begun") == slot.claim:
                slot.begun, slot.heard = True, time.monotonic()
            elif slot.claim in (message.get("done"), message.get("lost")):
                slot.run = None  # a lost one still counts as running: `reap` puts it back in the queue

    def reap(self) -> None:
        """Release the runs of dead workers, and kill unresponsive ones."""
        running = self._store.running(self._dispatcher)
        held = {slot.claim for slot in self.slots if slot.run}
        for run, (claim, _) in running.items():
            if claim not in held:  # the store was out of reach in between: nobody trains it
                self._store.release(run, claim)
        for slot in self.slots:
            if slot.child is None:
                continue
            if slot.run and running.get(slot.run, ("", 0.0))[0] == slot.claim:
                heartbeat = running[slot.run][1]
                if heartbeat != slot.heartbeat:
                    slot.heartbeat, slot.heard = heartbeat, time.monotonic()
            patience = self._patience if slot.ready else self.engine.start_seconds
            if slot.ready and not slot.begun:
                patience = min(patience, BEGIN_SECONDS)
            late = time.monotonic() - slot.heard > patience
            if late and (slot.run or slot.warming_up or not slot.ready) and slot.child.exit_code is None:
                self._store.check_writable()  # where nobody can write, no heartbeat arrives
                slot.killed_for = f"The training process did not respond for {patience:.0f} seconds and was ended."
                slot.child.kill()
            if slot.child.exit_code is not None:
                self._bury(slot, slot.child)

    def staff(self) -> None:
        """Start missing workers, no more at once than suit the engine."""
        size = self.size
        while len(self.slots) < size:
            self.slots.append(WorkerSlot(len(self.slots)))
        starting = sum(slot.child is not None and not slot.ready for slot in self.slots)
        missing = [slot for slot in self.slots[:size] if slot.child is None and time.monotonic() >= slot.start_after]
        for slot in missing[: max(0, self.engine.starts - starting)]:
            self._start_worker(slot)

    def warm_up(self) -> None:
        """Let idle workers run one step of each experiment in the warm-up queue that they have not tried yet."""
        idle = [slot for slot in self.free if not slot.warming_up]
        threads = self.engine.threads(self.size, len(self.slots) - len(idle) + 1)
        for slot in idle:
            new = [text for text in self.warm_up_queue if text not in slot.warmed_up]
            if not new or len(slot.warmed_up) > MAX_WARM_UPS:
                continue
            slot.warmed_up |= set(new)
            slot.warming_up, slot.begun, slot.heard = True, False, time.monotonic()
            with contextlib.suppress(OSError):  # it died, and is replaced
                assert slot.child is not None
                slot.child.tell({"warm_up": new, "threads": threads})

    def forgive_silence(self) -> None:
        """Reset every worker's timeout: without the store no heartbeat arrives, so nobody is late."""
        for slot in self.slots:
            slot.heard = time.monotonic()

    def trouble(self) -> str | None:
        """Return a sentence if no worker can be started here, or one cannot write the store; else None."""
        if any(slot.failures > 1 for slot in self.slots) and not any(slot.ready for slot in self.slots):
            return self.engine.trouble(self._log(0))
        return next((slot.store_trouble for slot in self.slots if slot.run and slot.store_trouble), None)

    def interrupt_runs(self, seconds: float) -> None:
        """Let the workers write checkpoints and release their runs, and wait at most `seconds` for that."""
        until = time.monotonic() + seconds
        held = [slot.claim for slot in self.slots if slot.run]
        if held:
            self._store.interrupt(held)
        while time.monotonic() < until:
            self.listen()
            if not any(slot.run and slot.child and slot.child.exit_code is None for slot in self.slots):
                return
            time.sleep(0.05)

    def end_workers(self) -> None:
        """End all workers in order."""
        end([slot.child for slot in self.slots if slot.child is not None])

    def settle_runs(self) -> None:
        """Unregister the ended workers, and release the runs that they did not release in time."""
        for slot in self.slots:
            if slot.child is not None:
                self._store.unregister_worker(slot.child.pid)
            if slot.run:
                self._store.release(slot.run, slot.claim)

    def kill(self) -> None:
        """Kill all workers at once, and forget them."""
        for slot in self.slots:
            if slot.child is not None:
                slot.child.kill()
        self.slots = []

    def _bury(self, slot: WorkerSlot, child: Child) -> None:
        """Settle a dead worker's run, then empty its slot. What the store refuses is done next time."""
        child.drain()
        self.listen()
        code = slot.ended if self.engine.elsewhere else child.exit_code
        if slot.run and slot.begun:
            reason = slot.killed_for or worker_death.describe_exit(code)
            self._store.mark_dead(slot.run, slot.claim, reason, worker_death.most(code))
        elif slot.run:  # it never began: what ended the worker was something else
            self._store.release(slot.run, slot.claim)
        if slot.warming_up:
            self.warm_up_queue = []  # the next worker does not try it again
        self._store.unregister_worker(child.pid)
        logger.warning("Worker %d (process %d) ended with code %s.", slot.index, child.pid, child.exit_code)
        if not slot.ready:
            slot.failed()
        self.slots[slot.index] = fresh = WorkerSlot(slot.index)
        fresh.failures, fresh.start_after = slot.failures, slot.start_after

    def _start_worker(self, slot: WorkerSlot) -> None:
        database = self._store.database
        slot.gpu = self._gpu_of(slot)
        variables = environment(self._home, hardware.cores(), slot.gpu, database.machine)
        log = self._log(slot.index)
        slot.heard = time.monotonic()
        try:
            slot.child = Child(self.engine.module, [str(self._home)], variables, log, self._hear)
        except OSError as error:  # no memory, no file left to open
            logger.warning("Worker %d did not start: %s", slot.index, error)
            slot.failed()
            return
        self._store.register_worker(slot.child.pid, slot.child.created())

    def _gpu_of(self, slot: WorkerSlot) -> int | None:
        """Return the GPU that a worker about to start gets. The first worker sees all, reports them, and uses one."""
        if slot.index == 0 or self._machine is None or self.engine.elsewhere:
            return None
        return hardware.gpu_of(slot.index, self._machine["gpus"])

    def _log(self, index: int) -> Path:
        return self._store.database.own_file(f"logs/worker-{index}.log")

    def _hear(self, child: Child, message: Message) -> None:
        """Queue a message; called from the children's threads."""
        self._inbox.put((child, message))
        self._wake.set()


def _write_json(path: Path, document: dict[str, Any]) -> None:
    """Write JSON that no reader finds half of; it is only a convenience, so a full disk is tolerated."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(document))
        temporary.replace(path)
    except OSError:
        logger.warning("%s could not be written.", path)
