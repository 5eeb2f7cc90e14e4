"""A browser has one signed name; a name that this home did not sign is nobody's."""

from pathlib import Path

import pytest

from core.ui.backend import identity


def test_a_signed_name_is_read_again() -> None:
    cookie = identity.signed("ab12")
    assert identity.verified(cookie) == "ab12"
    assert identity.verified(f'"{cookie}"') == "ab12"


@pytest.mark.parametrize(
    "cookie",
    ["", ".", "ab12", "ab12.", ".ab12", "ab12.ab12", "ab13." + "A" * 43, "ab12.\u0661", "x" * 10_000, "ab12.\ud800"],
)
def test_a_made_up_name_is_refused(cookie: str) -> None:
    assert identity.verified(cookie) is None


def test_one_name_may_not_wear_another_names_signature() -> None:
    signature = identity.signed("somebody").partition(".")[2]
    assert identity.verified(f"nobody.{signature}") is None


def test_the_key_is_kept_with_the_home_and_read_by_nobody_else(home: Path) -> None:
    cookie = identity.signed("ab12")
    identity._key.cache_clear()  # as after a restart
    assert identity.verified(cookie) == "ab12"
    assert (home / identity.KEY_FILE).stat().st_mode & 0o077 == 0


def test_another_home_signs_otherwise(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = identity.signed("ab12")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    assert identity.verified(cookie) is None


def test_a_truncated_key_is_made_anew(home: Path) -> None:
    identity.signed("ab12")
    (home / identity.KEY_FILE).write_bytes(b"")
    identity._key.cache_clear()
    assert identity.verified(identity.signed("ab12")) == "ab12"


def test_a_home_that_cannot_be_written_has_a_name_for_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file" / "home"))
    assert identity.verified(identity.signed("ab12")) == "ab12"
