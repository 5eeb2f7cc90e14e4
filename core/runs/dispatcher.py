"""Leader thread: keeps a pool of worker processes, gives them runs in a fair order, restarts dead workers.

Of all app processes on one home, the one that holds `leader.lock` leads. The operating system frees the lock when that
process ends, in whatever way, and another one takes over. Where machines share a store, one leads on each of them, all
take runs from one queue, and the runs of a machine that is gone are released by another.
"""

import logging
import shutil
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.runs import retention, scheduler
from core.runs.change_listener import Notices
from core.runs.database import identity
from core.runs.instructor_actions import Instruction
from core.runs.run import StoreUnavailable
from core.runs.store import NAME_LETTERS, Store
from core.runs.store_errors import full_disk, why_unavailable
from core.runs.stored_runs import StoredRuns
from core.runs.worker_pool import WorkerPool
from core.training.experiment import Experiment

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
HEARING_TICK_SECONDS = 2.0  # where notices say that something is queued
SEEN_SECONDS = 2.0  # between two signs of life to the dispatchers of other machines
LOST_SECONDS = 30.0  # without one, a dispatcher is gone with its machine
CANDIDATES = 20  # runs that are looked at for one that no other dispatcher takes
GATHER_SECONDS = 0.03  # runs are submitted one after the other: wait for the last before sharing out the cores
TIDY_SECONDS = 60.0
DISK_SECONDS = 0.5  # between two checks of the free space
MIN_FREE_BYTES = 2**16  # less is a full disk
CLOSING_SECONDS = 10.0  # for the runs to write a checkpoint when the app ends


class Dispatcher:
    """Owns the workers of a home while it leads. Start it once; `close` ends it in order."""

    def __init__(
        self, store: Store, home: Path, slots: int | None, device: str, patience: float, running_per_person: int = 0
    ) -> None:
        """Start nothing yet.

        Args:
            store: The runs of the home.
            home: The app's folder.
            slots: How many runs train at once; None for as many as suit the machine.
            device: The device of runs that name none.
            patience: Seconds without a heartbeat after which a worker counts as hung.
            running_per_person: How many runs of one owner may train at once; 0 for as many as there are workers.
        """
        self._store, self._home, self._device = store, home, device
        self._running_per_person = running_per_person
        self._lock_file = store.database.own_file("leader.lock")
        self._lock = FileLock(self._lock_file, thread_local=False)
        self._instruction = Instruction(store.database)
        self._wake = threading.Event()
        self._name = uuid.uuid4().hex[:NAME_LETTERS]
        self.notices = Notices(store.database, self.wake)
        self.pool = WorkerPool(store, home, slots, patience, self._wake, self._name)
        self._leads = False
        self._held: tuple[int, int] | None = None  # the lock file that we lead by
        self._closing = False
        self._checked_disk = self._tidied = self._seen = float("-inf")
        self._reached = time.monotonic()  # since when the store can be
        self._disk_is_full = False
        self._last_error = ""
        self.trouble: str | None = None  # why nothing can train now: a sentence, or None
        self._thread = threading.Thread(target=self._loop, name="run-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin to lead, or to wait for the lead."""
        self._thread.start()

    def wake(self) -> None:
        """Look for something to do now."""
        self._wake.set()

    def warm_up(self, experiments: Sequence[Experiment]) -> None:
        """Let idle workers run one step of each of `experiments`, each once."""
        self.pool.warm_up_queue = [experiment.to_json() for experiment in experiments]
        self._wake.set()

    def close(self) -> None:
        """Interrupt the training runs so that they can continue later, end the workers, give up the lead."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=CLOSING_SECONDS + 10)

    @property
    def leads(self) -> bool:
        """True if this process trains the runs, and has settled what the leader before it left."""
        return self._leads

    @property
    def machine(self) -> dict[str, Any] | None:
        """This machine's devices as a worker found them; None before the first worker was ever ready."""
        return self.pool.machine

    # ------------------------------------------------------------------ the loop

    def _loop(self) -> None:
        while not self._closing:
            if self._wake.wait(HEARING_TICK_SECONDS if self.notices.listening else TICK_SECONDS):
                time.sleep(GATHER_SECONDS)
                self._wake.clear()
            try:
                if self._leading():
                    self._see()
                    self.pool.listen()
                    self.pool.reap()
                    self.pool.staff()
                    self._dispatch()
                    self.pool.warm_up()
                    self._tidy()
                self.trouble = self.pool.trouble() or self._short_of_room()
            except (StoreUnavailable, OSError) as error:
                self.trouble = why_unavailable(self._home, error) if isinstance(error, OSError) else str(error)
                self.pool.forgive_silence()
                self._reached, self._seen = time.monotonic(), float("-inf")
                time.sleep(TICK_SECONDS)
            except Exception as error:  # a run that waits for ever is worse than a line in the log
                if repr(error) != self._last_error:
                    logger.exception("An error in the dispatcher; it goes on.")
                self._last_error = repr(error)
                time.sleep(1.0)
        self._close()

    def _leading(self) -> bool:
        """Take the lead if it is free; a new leader ends leftover workers and queues their runs again."""
        if self._leads:
            if identity(self._lock_file) == self._held:
                return True
            self._abdicate()
        self._home.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        self._held = identity(self._lock_file)
        try:
            self.pool.end_leftovers()
            self._store.add_dispatcher(self._name)
        except BaseException:
            self._lock.release()
            raise
        self._leads = True
        return True

    def _abdicate(self) -> None:
        """Give up the lead, as the home was deleted or moved away with its lock: somebody else may have it now."""
        self.pool.kill()
        self._leads = False
        self._lock.release()

    def _see(self) -> None:
        """Say that this dispatcher lives, and release the runs of those that say so no more.

        Right after the store was out of reach, all the others were as silent as this one: they have time to be heard.
        """
        now = time.monotonic()
        if now - self._seen < SEEN_SECONDS:
            return
        shared = self._store.database.shared
        if shared:
            self._store.see_dispatcher(self._name)
        if not shared or now - self._reached > LOST_SECONDS:
            self._store.release_lost(self._name, LOST_SECONDS)
        self._seen = now

    def _dispatch(self) -> None:
        """Give the free workers the runs whose turn it is."""
        free = self.pool.free
        while free:
            queued, running, served = self._store.queue()
            if self._running_per_person and queued:
                places = self._store.running_from()
                allowed = scheduler.Allowed(self._running_per_person, sum(places.values()) + len(free))
                queued = [run for run in queued if allowed.begins(run, running, places)]
            if not queued or self._instruction.is_draining():
                return
            turns = [turn.run for turn in scheduler.order(queued, running, served, first=CANDIDATES)]
            claim = self._name + uuid.uuid4().hex[NAME_LETTERS:]
            run = self._store.claim(turns, claim)
            if run is None:
                return
            slot = free.pop(0)
            slot.take(run, claim)
            threads = self.pool.engine.threads(self.pool.size, self.pool.busy + len(queued) - 1)
            job = {"run": run, "claim": claim, "threads": threads, "device": self._device}
            try:
                assert slot.child is not None
                slot.child.tell(job)
            except OSError:  # it died while idle, which is not this run's fault
                self._store.release(run, claim)
                slot.run = None
                return

    def _tidy(self) -> None:
        """Make room once a minute if the app's folder is over its limit."""
        if time.monotonic() - self._tidied >= TIDY_SECONDS:
            self._tidied = time.monotonic()
            retention.tidy(StoredRuns(self._store.database))

    def _short_of_room(self) -> str | None:
        """Return the sentence for a full disk, before any run meets it; else None."""
        if time.monotonic() - self._checked_disk >= DISK_SECONDS:
            self._checked_disk = time.monotonic()
            self._disk_is_full = shutil.disk_usage(self._home).free < MIN_FREE_BYTES
        return full_disk(self._home) if self._disk_is_full else None

    # ------------------------------------------------------------------ the end

    def _close(self) -> None:
        self.notices.close()
        if not self._leads:
            return
        try:
            self.pool.interrupt_runs(CLOSING_SECONDS)
        except StoreUnavailable as error:
            logger.warning("The runs were cut off: %s", error)
        self.pool.end_workers()
        try:
            self.pool.settle_runs()
            self._store.remove_dispatcher(self._name)
        except StoreUnavailable as error:
            logger.warning("The next start puts it in order: %s", error)
        self._leads = False
        self._lock.release()
