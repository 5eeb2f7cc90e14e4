"""What the keys report becomes steps, in order, each once."""

from functools import reduce
from typing import Any

import pytest
import streamlit as st

from core.ui.components import undo_redo
from core.ui.state.undo_history import History

KEY = "unseen_undo_table"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def report(session: dict[str, Any], total: int, *latest: int, counter: int = 1) -> list[int]:
    session[KEY] = {"keys": {"counter": counter, "total": total, "latest": list(latest)}}
    return undo_redo._pressed(KEY)


def test_each_press_counts_once_though_reports_overlap_or_are_lost(session: dict[str, Any]) -> None:
    assert report(session, 1, -1) == [-1]
    assert report(session, 1, -1) == []
    assert report(session, 4, -1, -1, -1, 1) == [-1, -1, 1]  # the reports of two presses never came
    assert report(session, 1, 1, counter=2) == [1]  # the page was loaded again
    assert report(session, 301, *[-1] * 100, counter=2) == [-1] * 100


def test_an_undo_that_comes_to_nothing_does_not_cancel_the_redo_after_it(session: dict[str, Any]) -> None:
    history = History("a").push("ab").undo()
    assert reduce(History.move, report(session, 2, -1, 1), history).present == "ab"


@pytest.mark.parametrize("value", [None, {}, {"keys": None}, {"keys": {"counter": 1, "total": "2", "latest": [1]}}])
def test_a_report_of_another_form_is_no_step(session: dict[str, Any], value: object) -> None:
    session[KEY] = value
    assert undo_redo._pressed(KEY) == []
    session[KEY] = {"keys": {"counter": 1, "total": 10**9, "latest": [7, "x", None, -1]}}
    assert set(undo_redo._pressed(KEY)) <= {-1, 1}
