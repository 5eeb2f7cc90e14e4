"""Undo and redo: what is dropped and what is kept, held against two plain lists."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from core.ui.state.undo_history import MAX_STEPS, History

Move = tuple[str, int]
MOVES = st.lists(st.tuples(st.sampled_from(["push", "undo", "redo", "move"]), st.integers(-3, 3)), max_size=150)


@given(MOVES)
def test_it_does_what_two_lists_do(moves: list[Move]) -> None:
    """A list of states and a place in it, as a text editor keeps them."""
    history, states, place = History(0), [0], 0
    for name, value in moves:
        match name:
            case "push":
                history = history.push(value)
                if value != states[place]:
                    states = [*states[: place + 1], value][-MAX_STEPS - 1 :]
                    place = len(states) - 1
            case "undo":
                history, place = history.undo(), max(place - 1, 0)
            case "redo":
                history, place = history.redo(), min(place + 1, len(states) - 1)
            case "move":
                history, place = history.move(value), min(max(place + value, 0), len(states) - 1)
        assert (*history.past, history.present, *history.future) == tuple(states)
        assert history.present == states[place]
        assert len(history.past) == place <= MAX_STEPS


def test_the_last_fifty_steps_stay() -> None:
    history = History(0)
    for state in range(1, MAX_STEPS + 2):  # one more than are kept
        history = history.push(state)
    assert MAX_STEPS == 50
    assert history.move(-1_000).present == 1  # 0 is gone
    assert history.move(-1_000).move(1_000) == history


def test_an_equal_state_is_no_step_and_keeps_what_was_undone() -> None:
    history = History([1]).push([2]).undo()
    assert history.push([1]) is history
    assert history.redo().present == [2]


def test_a_new_edit_drops_what_was_undone() -> None:
    history = History("a").push("b").push("c").undo().push("d")
    assert history.redo() is history
    assert history.undo().present == "b"


def test_the_ends() -> None:
    nothing: list[Callable[[], History[int]]] = [History(1).undo, History(1).redo]
    assert [step() for step in nothing] == [History(1)] * 2
