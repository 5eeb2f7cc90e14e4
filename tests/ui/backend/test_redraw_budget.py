"""The more redraws there are, and the more each takes, the less often each of them takes place."""

import pytest

from core.ui.backend.redraw_budget import AROUND_SECONDS, LATE, LATE_SECONDS, LONGEST_SECONDS, Name, RedrawBudget


def test_all_redraws_together_take_the_processor_time_they_may() -> None:
    now, took = [0.0], 0.007
    budget = RedrawBudget(cores=0.1, clock=lambda: now[0])
    due = {Name(str(session), "charts"): 0.0 for session in range(300)}
    intervals = dict.fromkeys(due, budget.first(0.5))
    done = 0
    while now[0] < 600:
        now[0] += 0.1
        for name in [name for name, at in due.items() if at <= now[0]]:
            budget.spend(took)
            intervals[name] = budget.next(name, 0.5) or intervals[name]
            due[name] = now[0] + intervals[name]
            done += now[0] > 300
    assert done * (took + AROUND_SECONDS) / 300 == pytest.approx(0.1, rel=0.25)


def test_one_session_is_redrawn_as_often_as_it_wants_and_none_less_often_than_the_longest_interval() -> None:
    budget = RedrawBudget(cores=0.1, clock=lambda: 0.0)
    name = Name("me", "charts")
    assert budget.first(0.5) == budget.next(name, 0.5) == 0.5
    assert budget.next(name, 0.5) is None, "it goes on as it was told"
    assert budget.next(name, 4.0) == 4.0
    for _ in range(1000):
        budget.spend(1e6)
        budget.next(name, 4.0)
    assert budget.first(4.0) == LONGEST_SECONDS
    assert budget.first(60.0) == 60.0


def test_one_redraw_that_takes_long_does_not_slow_the_others() -> None:
    budget = RedrawBudget(cores=0.1, clock=lambda: 0.0)
    before = budget.cost
    budget.spend(100.0)
    budget.next(Name("me", "charts"), 0.5)
    assert budget.cost < 1.05 * before


def test_those_who_left_are_forgotten() -> None:
    now = [0.0]
    budget = RedrawBudget(cores=0.1, clock=lambda: now[0])
    names = [Name(str(session), "bar", "class") for session in range(300)]
    intervals = [budget.next(name, 1.0) or 0.0 for name in names]
    assert intervals[-1] == pytest.approx(300 * budget.cost / 0.1)
    assert budget.names("class") == names
    assert budget.names("") == []
    now[0] += LATE * intervals[-1] + LATE_SECONDS + 1.0
    assert budget.names("class") == []
    assert budget.first(1.0) == 1.0


def test_nobody_has_to_come_for_those_who_left_to_be_forgotten() -> None:
    now = [0.0]
    budget = RedrawBudget(cores=0.1, clock=lambda: now[0])
    for session in range(300):
        budget.next(Name(str(session), "charts"), 0.5)
    now[0] = 2 * LATE * LONGEST_SECONDS
    assert budget.first(0.5) > 1.0
    budget.forget_late()
    assert budget.first(0.5) == 0.5


def test_a_redraw_that_was_hurried_is_told_its_interval_again() -> None:
    budget = RedrawBudget(cores=0.1, clock=lambda: 0.0)
    name = Name("me", "bar", "class")
    assert budget.next(name, 1.0) == 1.0
    budget.hurry(name, 0.1)
    assert budget.next(name, 1.0) == 1.0
    assert budget.next(name, 1.0) is None


def test_what_is_hurried_while_it_is_drawn_comes_once_more_at_once() -> None:
    now = [0.0]
    budget = RedrawBudget(cores=0.1, clock=lambda: now[0])
    name = Name("me", "bar", "class")
    began = budget.begin(name)
    assert budget.names("class") == [name], "it is reached although it is not drawn yet"
    now[0] = 0.5
    budget.hurry(name, 0.1)
    assert budget.next(name, 1.0, began) is None, "it is not told to wait: it may show what was before"
    now[0] = 0.6
    assert budget.next(name, 1.0, budget.begin(name)) == 1.0
    now[0] = 1.6
    assert budget.next(name, 1.0, budget.begin(name)) is None
    budget.forget(name)
    assert budget.names("class") == []
