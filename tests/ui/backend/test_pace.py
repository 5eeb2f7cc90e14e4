"""The more redraws there are, and the more each takes, the less often each of them takes place."""

import pytest

from core.ui.backend.pace import AROUND_SECONDS, LATE, LATE_SECONDS, LONGEST_SECONDS, Name, Pace


def test_all_redraws_together_take_the_processor_time_they_may() -> None:
    now, took = [0.0], 0.007
    pace = Pace(cores=0.1, clock=lambda: now[0])
    due = {Name(str(session), "charts"): 0.0 for session in range(300)}
    intervals = dict.fromkeys(due, pace.first(0.5))
    done = 0
    while now[0] < 600:
        now[0] += 0.1
        for name in [name for name, at in due.items() if at <= now[0]]:
            pace.spend(took)
            intervals[name] = pace.next(name, 0.5) or intervals[name]
            due[name] = now[0] + intervals[name]
            done += now[0] > 300
    assert done * (took + AROUND_SECONDS) / 300 == pytest.approx(0.1, rel=0.25)


def test_one_session_is_redrawn_as_often_as_it_wants_and_none_less_often_than_the_longest_interval() -> None:
    pace = Pace(cores=0.1, clock=lambda: 0.0)
    name = Name("me", "charts")
    assert pace.first(0.5) == pace.next(name, 0.5) == 0.5
    assert pace.next(name, 0.5) is None, "it goes on as it was told"
    assert pace.next(name, 4.0) == 4.0
    for _ in range(1000):
        pace.spend(1e6)
        pace.next(name, 4.0)
    assert pace.first(4.0) == LONGEST_SECONDS
    assert pace.first(60.0) == 60.0


def test_one_redraw_that_takes_long_does_not_slow_the_others() -> None:
    pace = Pace(cores=0.1, clock=lambda: 0.0)
    before = pace.cost
    pace.spend(100.0)
    pace.next(Name("me", "charts"), 0.5)
    assert pace.cost < 1.05 * before


def test_those_who_left_are_forgotten() -> None:
    now = [0.0]
    pace = Pace(cores=0.1, clock=lambda: now[0])
    names = [Name(str(session), "bar", "class") for session in range(300)]
    intervals = [pace.next(name, 1.0) or 0.0 for name in names]
    assert intervals[-1] == pytest.approx(300 * pace.cost / 0.1)
    assert pace.names("class") == names
    assert pace.names("") == []
    now[0] += LATE * intervals[-1] + LATE_SECONDS + 1.0
    assert pace.names("class") == []
    assert pace.first(1.0) == 1.0


def test_a_redraw_that_was_hurried_is_told_its_interval_again() -> None:
    pace = Pace(cores=0.1, clock=lambda: 0.0)
    name = Name("me", "bar", "class")
    assert pace.next(name, 1.0) == 1.0
    pace.hurry(name, 0.1)
    assert pace.next(name, 1.0) == 1.0
    assert pace.next(name, 1.0) is None
