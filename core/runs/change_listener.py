"""Hear which runs change, from the store that machines share: one connection that listens for all of a process."""

import threading
from collections.abc import Callable

from core.runs.database import Database
from core.runs.run import QUEUED, StoreUnavailable

RETRY_SECONDS = 1.0  # between two tries to reach the store
MAX_RUNS = 10_000  # whose changes are counted


class Notices:
    """What was heard. Where nobody tells, as with a store in a file, `listening` stays False: then one has to look."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        """Begin to listen if the store is shared.

        Args:
            database: The store.
            wake: Called when a run is queued, and whenever something may have been missed.
        """
        self._database, self._wake = database, wake
        self._changes: dict[str, int] = {}
        self._era = 0  # another one when changes may have been missed, or were forgotten
        self._over = threading.Event()
        self.listening = False
        if database.shared:
            threading.Thread(target=self._loop, name="run-notices", daemon=True).start()

    def version(self, run: str) -> tuple[int, int] | None:
        """Return something that is another when the run has changed; None while nobody tells."""
        return (self._era, self._changes.get(run, 0)) if self.listening else None

    def close(self) -> None:
        """Stop to listen, within a second."""
        self._over.set()

    def _loop(self) -> None:
        while not self._over.is_set():
            try:
                self._listen()
            except StoreUnavailable:  # whoever reads or writes says so
                pass
            finally:
                self.listening = False
            self._over.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with self._database.listening() as notices:
            self._era += 1
            self.listening = True
            self._wake()
            for notice in notices:
                if self._over.is_set():
                    return
                if notice is not None:
                    self._hear(*notice.split(" "))

    def _hear(self, run: str, state: str = "") -> None:
        if len(self._changes) >= MAX_RUNS:
            self._changes.clear()
            self._era += 1
        self._changes[run] = self._changes.get(run, 0) + 1
        if state == QUEUED:
            self._wake()
