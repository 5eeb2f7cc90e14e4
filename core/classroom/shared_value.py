"""A value that many sessions read and that is computed at most once in a while."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

MAX_KEPT = 200
T = TypeVar("T")


class Shared(Generic[T]):
    """Values by key, each computed again when it is older than `seconds`; whoever comes meanwhile gets the old one."""

    def __init__(self, seconds: float) -> None:
        """Start empty."""
        self._seconds = seconds
        self._values: dict[Hashable, tuple[float, T]] = {}
        self._lock = threading.Lock()
        self._computing = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value of `key`. What `compute` raises is raised here, and nothing is kept."""
        with self._lock:
            known = self._values.get(key)
        if known is not None and time.monotonic() - known[0] < self._seconds:
            return known[1]
        if not self._computing.acquire(blocking=known is None):
            assert known is not None
            return known[1]
        try:
            with self._lock:
                again = self._values.get(key)
            if again is not None and again is not known:  # somebody else computed it while this one waited
                return again[1]
            value = compute()
            with self._lock:
                if len(self._values) >= MAX_KEPT:
                    self._values.clear()
                self._values[key] = (time.monotonic(), value)
            return value
        finally:
            self._computing.release()

    def forget(self) -> None:
        """Compute every value again when it is next wanted."""
        with self._lock:
            self._values.clear()
