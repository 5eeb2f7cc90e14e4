"""The states of an editor, for undo and redo."""

from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_STEPS = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class History(Generic[T]):
    """An editor's present state, its past states, and those that were undone. States are compared by `==`.

    >>> history = History("a").push("ab").push("abc")
    >>> history.undo().present
    'ab'
    >>> history.undo().redo() == history
    True
    """

    present: T
    past: tuple[T, ...] = ()  # oldest first, at most MAX_STEPS
    future: tuple[T, ...] = ()  # undone states, the next one first

    def push(self, state: T) -> "History[T]":
        """Return the history after an edit, without undone states, and with at most MAX_STEPS past ones.

        A state equal to the present one changes nothing.
        """
        if state == self.present:
            return self
        return History(state, (*self.past, self.present)[-MAX_STEPS:])

    def undo(self) -> "History[T]":
        """Return the history one step earlier; unchanged if there is no earlier step."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> "History[T]":
        """Return the history with the latest undone step done again; unchanged if nothing was undone."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])

    def move(self, steps: int) -> "History[T]":
        """Return the history `steps` later, or earlier if negative, as far as there are steps."""
        history = self
        for _ in range(min(abs(steps), len(self.past) + len(self.future))):
            history = history.undo() if steps < 0 else history.redo()
        return history
