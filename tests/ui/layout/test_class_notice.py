"""The notice of the class, which redraws itself on every page: when it draws the whole page anew."""

import pytest
import streamlit as st

from core.classroom.class_state import ClassState
from core.ui.backend import class_watch, run_requests
from core.ui.layout import class_notice
from core.ui.state import lesson_state

ALONE = ClassState()


class Redrawn(Exception):
    """In place of a new run of the page."""


@pytest.mark.parametrize(
    ("now", "is_redrawn"),
    [
        (ALONE, False),
        (ClassState(announcement="Hello"), False),
        (ClassState(frozen=True), True),
        (ClassState(lesson="kernels", revealed=1), True),  # which this session is in already, by its link
        (ClassState(lesson="another", revealed=1), False),
    ],
)
def test_the_page_follows_a_class_that_begins_its_lesson(
    monkeypatch: pytest.MonkeyPatch, now: ClassState, is_redrawn: bool
) -> None:
    def rerun() -> None:
        raise Redrawn

    monkeypatch.setattr(st, "rerun", rerun)
    monkeypatch.setattr(class_notice, "_state", lambda: now)
    monkeypatch.setattr(class_watch, "start", lambda _: None)
    monkeypatch.setattr(run_requests, "is_frozen", lambda: False)
    monkeypatch.setattr(lesson_state, "watches", lambda state: state.lesson == "kernels")
    monkeypatch.setattr(lesson_state, "all_lessons", lambda: ({}, []))
    try:
        class_notice._draw("kernels", ALONE)
        assert not is_redrawn
    except Redrawn:
        assert is_redrawn
