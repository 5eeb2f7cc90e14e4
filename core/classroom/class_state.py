"""What the instructor says to the whole class, as every page reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.runs.instructor_actions import DRAINING, FROZEN

MAX_ANNOUNCEMENT = 200  # characters
ANNOUNCEMENT, LESSON, REVEALED, SINCE = "announcement", "lesson", "revealed", "since"
DRAINING_SENTENCE = "No new run starts for now: the instructor has paused the queue. Runs in training continue."


@dataclass(frozen=True, slots=True)
class ClassState:
    """The state of the class; as it is made here, nothing is said."""

    announcement: str = ""
    frozen: bool = False  # students cannot submit runs
    draining: bool = False  # no queued run begins
    lesson: str = ""  # the class's lesson, by name
    revealed: int = 0  # how many of its steps are open to everybody
    since: float = 0.0  # when it was chosen; seconds since 1970

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the state in the store's values; missing or invalid ones have their defaults."""
        revealed, since = values.get(REVEALED), values.get(SINCE)
        return cls(
            announcement=str(values.get(ANNOUNCEMENT) or "")[:MAX_ANNOUNCEMENT],
            frozen=values.get(FROZEN) is True,
            draining=values.get(DRAINING) is True,
            lesson=str(values.get(LESSON) or ""),
            revealed=revealed if isinstance(revealed, int) else 0,
            since=since if isinstance(since, int | float) else 0.0,
        )
