"""Turns go round between people, not between questions."""

import threading
import time

import pytest

from core.runs import query_turns
from core.runs.query_turns import NoTurn, Turns


def test_one_with_many_questions_holds_up_nobody_by_more_than_one() -> None:
    queue, order, threads = Turns(), [], []

    def ask(person: str) -> None:
        with queue.turn(person, 30.0):
            order.append(person)
            time.sleep(0.01)

    with queue.turn("first", 1.0):
        for person in ["many"] * 10 + ["a", "b", "a"]:
            threads.append(threading.Thread(target=ask, args=(person,)))
            threads[-1].start()
            time.sleep(0.02)  # they wait in this order
    for thread in threads:
        thread.join()
    assert order[:6] == ["many", "a", "b", "many", "a", "many"]
    assert len(order) == 13


def test_who_waits_too_long_or_with_too_many_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_turns, "MAX_WAITING", 0)
    queue = Turns()
    with pytest.raises(NoTurn, match="already waiting"), queue.turn("me", 1.0):
        pass
    monkeypatch.setattr(query_turns, "MAX_WAITING", 2)
    with queue.turn("other", 1.0), pytest.raises(NoTurn, match="Too many requests"), queue.turn("me", 0.1):
        pass
    with queue.turn("me", 1.0):
        pass
    assert not queue._waiting


def test_an_error_in_a_turn_gives_it_back() -> None:
    queue = Turns()
    with pytest.raises(KeyError), queue.turn("me", 1.0):
        raise KeyError
    with queue.turn("other", 0.1):
        pass
