"""The more sessions look, the less often each of them does."""

from types import SimpleNamespace

import pytest

from core.ui.backend import presence


def test_all_sessions_together_look_at_most_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_seen", {})
    now = [0.0]
    monkeypatch.setattr(presence, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def look(session: int) -> float:
        monkeypatch.setattr(presence, "get_script_run_ctx", lambda: SimpleNamespace(session_id=str(session)))
        return presence.interval(1.0)

    assert look(1) == look(1) == 1.0
    assert [look(session) for session in range(300)][-1] == pytest.approx(3.0)
    now[0] = presence.PRESENT_SECONDS + 1
    assert look(1) == 1.0, "the others are gone"
