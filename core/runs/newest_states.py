"""What is made of runs, kept for all who look: of those that train, only what belongs to their newest state."""

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class State(ABC):
    """Something that changes, as it is now. States that are equal look the same."""

    __slots__ = ()

    @property
    @abstractmethod
    def state(self) -> tuple[str, int]:
        """What it is a state of, and a number: another one whenever that has changed."""


def newest_states(maxsize: int) -> Callable[[Callable[Args, Result]], Callable[Args, Result]]:
    """Keep a function's results as `functools.lru_cache` does, none of them for a state that has changed since.

    A run that trains has a new state every second, and nobody asks for an old one again. Kept until newer ones displace
    it, with all its history, its many small pieces hold on to the memory around them (docs/scaling.md).

    Args:
        maxsize: How many results are kept, those asked for last.

    Returns:
        A decorator for functions of hashable arguments, among them states and tuples of states.
    """

    def decorated(function: Callable[Args, Result]) -> Callable[Args, Result]:
        kept: OrderedDict[object, tuple[dict[str, int], Result]] = OrderedDict()
        lock = threading.Lock()

        @wraps(function)
        def cached(*args: Args.args, **named: Args.kwargs) -> Result:
            asked = (args, *named.items())
            with lock:
                if asked in kept:
                    kept.move_to_end(asked)
                    return kept[asked][1]
            result, now = function(*args, **named), dict(_states(asked))
            with lock:
                for old, (states, _) in list(kept.items()):
                    if any(now.get(name, number) != number for name, number in states.items()):
                        del kept[old]
                kept[asked] = now, result
                if len(kept) > maxsize:
                    kept.popitem(last=False)
            return result

        return cached

    return decorated


def _states(value: object) -> Iterator[tuple[str, int]]:
    """Yield the states in an argument."""
    if isinstance(value, State):
        yield value.state
    elif isinstance(value, tuple):
        for item in value:
            yield from _states(item)
