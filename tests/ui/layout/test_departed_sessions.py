"""Sessions whose browsers are gone for good are closed."""

import pytest

from core.ui.layout import departed_sessions


def test_a_session_is_closed_once_it_is_away_for_longer_than_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = {"here", "back soon"}
    monkeypatch.setattr(departed_sessions, "_last_seen", dict.fromkeys(["here", "back soon", "gone"], 0.0))
    assert departed_sessions.departed(connected.__contains__, now=100.0, kept=120.0) == []
    connected.remove("back soon")
    assert departed_sessions.departed(connected.__contains__, now=130.0, kept=120.0) == ["gone"]
    connected.add("back soon")
    assert departed_sessions.departed(connected.__contains__, now=200.0, kept=120.0) == []
    connected.clear()
    assert departed_sessions.departed(connected.__contains__, now=321.0, kept=120.0) == ["here", "back soon"]
    assert departed_sessions.departed(connected.__contains__, now=999.0, kept=120.0) == []


def test_a_session_is_closed_before_it_cannot_be_any_more() -> None:
    ttl = 165.0
    late = (
        departed_sessions.kept_seconds(ttl) + departed_sessions.SWEEP_SECONDS + departed_sessions.CLOSE_SECONDS
    )  # seen last right after a look
    assert late < ttl
