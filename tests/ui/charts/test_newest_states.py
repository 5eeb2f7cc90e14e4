"""What charts keep for all sessions: each thing made once, and of a run only what belongs to its newest state."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.ui.charts.newest_states import RunState, newest_states
from core.ui.charts.run_length import XAxis


@dataclass(frozen=True, slots=True)
class State(RunState):
    run: str
    events: int


Chart = Callable[[tuple[State, ...], XAxis], object]


@pytest.fixture
def made() -> list[object]:
    """The calls that were not answered with what was kept."""
    return []


@pytest.fixture
def chart(made: list[object]) -> Chart:
    @newest_states(maxsize=3)
    def chart(states: tuple[State, ...], axis: XAxis) -> object:
        made.append((states, axis))
        return object()

    return chart


def test_equal_charts_are_made_once(chart: Chart, made: list[object]) -> None:
    states = (State("a", 1), State("b", 7))
    assert chart(states, "epochs") is chart((State("a", 1), State("b", 7)), "epochs")
    assert chart(states, "epochs") is not chart(states, "seconds")
    assert len(made) == 2  # both axes of a state are kept


def test_a_new_state_ends_all_that_was_kept_of_the_run(chart: Chart, made: list[object]) -> None:
    other = chart((State("b", 7),), "epochs")
    chart((State("a", 1), State("c", 1)), "epochs")
    chart((State("a", 1),), "seconds")
    chart((State("a", 2),), "epochs")
    made.clear()
    assert chart((State("b", 7),), "epochs") is other
    assert made == []
    chart((State("a", 1),), "seconds")  # a session that still draws the old state
    chart((State("a", 1), State("c", 1)), "epochs")
    assert len(made) == 2


def test_what_was_asked_for_last_is_kept(chart: Chart, made: list[object]) -> None:
    for run in "abcad":  # "b" has not been asked for the longest
        chart((State(run, 1),), "epochs")
    made.clear()
    for run in "acdb":
        chart((State(run, 1),), "epochs")
    assert made == [((State("b", 1),), "epochs")]
