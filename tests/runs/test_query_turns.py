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


def test_new_names_from_one_address_do_not_wait_without_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_turns, "MAX_WAITING_THERE", 2)
    queue, refused = Turns(), []

    def ask(person: str, address: str) -> None:
        try:
            with queue.turn(person, 5.0, address):
                pass
        except NoTurn:
            refused.append((person, address))

    with queue.turn("first", 1.0, "there"):
        threads = [threading.Thread(target=ask, args=(f"p{i}", "there")) for i in range(4)]
        threads += [threading.Thread(target=ask, args=(f"q{i}", "")) for i in range(4)]
        for thread in threads:
            thread.start()
        while len(refused) < 2:
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert [address for _, address in refused] == ["there", "there"]
    with queue.turn("p9", 1.0, "there"):  # those who waited are gone
        pass
