"""What is kept for all who look: each thing made once, and of a run only what belongs to its newest state."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.runs.newest_states import State, newest_states


@dataclass(frozen=True, slots=True)
class RunState(State):
    run: str
    events: int

    @property
    def state(self) -> tuple[str, int]:
        return self.run, self.events


Chart = Callable[[tuple[RunState, ...], str], object]


@pytest.fixture
def made() -> list[object]:
    """The calls that were not answered with what was kept."""
    return []


@pytest.fixture
def chart(made: list[object]) -> Chart:
    @newest_states(maxsize=3)
    def chart(states: tuple[RunState, ...], axis: str) -> object:
        made.append((states, axis))
        return object()

    return chart


def test_equal_charts_are_made_once(chart: Chart, made: list[object]) -> None:
    states = (RunState("a", 1), RunState("b", 7))
    assert chart(states, "epochs") is chart((RunState("a", 1), RunState("b", 7)), "epochs")
    assert chart(states, "epochs") is not chart(states, "seconds")
    assert len(made) == 2  # both axes of a state are kept


def test_a_new_state_ends_all_that_was_kept_of_the_run(chart: Chart, made: list[object]) -> None:
    other = chart((RunState("b", 7),), "epochs")
    chart((RunState("a", 1), RunState("c", 1)), "epochs")
    chart((RunState("a", 1),), "seconds")
    chart((RunState("a", 2),), "epochs")
    made.clear()
    assert chart((RunState("b", 7),), "epochs") is other
    assert made == []
    chart((RunState("a", 1),), "seconds")  # a session that still draws the old state
    chart((RunState("a", 1), RunState("c", 1)), "epochs")
    assert len(made) == 2


def test_what_was_asked_for_last_is_kept(chart: Chart, made: list[object]) -> None:
    for run in "abcad":  # "b" has not been asked for the longest
        chart((RunState(run, 1),), "epochs")
    made.clear()
    for run in "acdb":
        chart((RunState(run, 1),), "epochs")
    assert made == [((RunState("b", 1),), "epochs")]
