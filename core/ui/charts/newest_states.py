"""What charts are made of, kept for all sessions: of a run that trains, only what belongs to its newest state."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class RunState:
    """A run with its history so far: what changes while it trains."""

    __slots__ = ()
    run: str
    events: int  # number so far


def newest_states(maxsize: int) -> Callable[[Callable[Args, Result]], Callable[Args, Result]]:
    """Keep a function's results as `functools.lru_cache` does, but none for a state of a run that has changed since.

    A run that trains has a new state every second, and nobody asks for an old one again. Kept until newer ones displace
    it, with all its history, its many small pieces hold on to the memory around them (docs/scaling.md).

    Args:
        maxsize: How many results are kept, those asked for last.

    Returns:
        A decorator for functions of hashable arguments, among them run states and tuples of them.
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
                changed = [
                    old for old, (states, _) in kept.items() if any(now.get(run, n) != n for run, n in states.items())
                ]
                for old in changed:
                    del kept[old]
                kept[asked] = now, result
                if len(kept) > maxsize:
                    kept.popitem(last=False)
            return result

        return cached

    return decorated


def _states(value: object) -> Iterator[tuple[str, int]]:
    """Yield the runs in an argument, and how far each is."""
    if isinstance(value, RunState):
        yield value.run, value.events
    elif isinstance(value, tuple):
        for item in value:
            yield from _states(item)
