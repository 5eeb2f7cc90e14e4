"""Sessions whose browsers are gone for good are closed."""

from types import SimpleNamespace

import pytest

from core.ui.layout import departed


def test_a_session_is_closed_once_it_is_away_for_longer_than_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = {"here", "back soon"}
    instance = SimpleNamespace(is_active_session=connected.__contains__)
    monkeypatch.setattr(departed, "_last_seen", dict.fromkeys(["here", "back soon", "gone"], 0.0))
    assert departed.departed(instance, now=100.0, kept=120.0) == []
    connected.remove("back soon")
    assert departed.departed(instance, now=130.0, kept=120.0) == ["gone"]
    connected.add("back soon")
    assert departed.departed(instance, now=200.0, kept=120.0) == []
    connected.clear()
    assert departed.departed(instance, now=321.0, kept=120.0) == ["here", "back soon"]
    assert departed.departed(instance, now=999.0, kept=120.0) == []
