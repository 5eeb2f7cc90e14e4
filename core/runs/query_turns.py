"""Take turns, one at a time: many requests of one person delay another person's by a single one."""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

MAX_WAITING = 20  # of one person, from all tabs
MAX_WAITING_THERE = 100  # of one network of people who are known by a cookie alone: a new cookie is a new person


class NoTurn(RuntimeError):
    """Raised if too many requests wait, or if it took too long; the message is a sentence."""


class Turns:
    """Gives turns to threads, round-robin between the people that they work for."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[object]] = {}  # by person, the next one first
        self._there: Counter[str] = Counter()  # how many wait, by address
        self._taken = False

    @contextmanager
    def turn(self, person: str, patience: float, address: str = "") -> Iterator[None]:
        """Wait for the turn of `person`, and hold it within this block.

        Args:
            person: Whose turn it is.
            patience: Seconds to wait.
            address: The network that they come from, if they are known by a cookie alone.

        Raises:
            NoTurn: It did not come in time, or too many requests of this person, or from there, wait already.
        """
        ticket = object()
        until = time.monotonic() + patience
        with self._changed:
            if (count := len(self._waiting.get(person, ()))) >= MAX_WAITING:
                raise NoTurn(f"{count} of your requests to the networks are already waiting: try again in a moment.")
            if address and self._there[address] >= MAX_WAITING_THERE:
                raise NoTurn("Too many requests to the networks from your network are waiting: try again in a moment.")
            self._there[address] += 1
            mine = self._waiting.setdefault(person, deque())
            mine.append(ticket)
            try:
                while self._taken or self._next() is not ticket:
                    if not self._changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                        raise NoTurn("Too many requests to the networks are waiting: try again in a moment.")
                self._taken = True
            finally:
                self._there[address] -= 1
                if not self._there[address]:
                    del self._there[address]
                mine.remove(ticket)
                del self._waiting[person]
                if mine:
                    self._waiting[person] = mine  # behind everybody else
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()

    def _next(self) -> object:
        return next(iter(self._waiting.values()))[0]
