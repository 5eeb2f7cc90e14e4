"""A browser has one signed name; a name that this home did not sign is nobody's."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from core.runs.person import guest_name
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


def test_of_a_network_a_digest_is_kept_by_which_it_is_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen_from(address: str | None) -> str:
        monkeypatch.setattr(st, "context", SimpleNamespace(ip_address=address))
        return identity.address()

    here = seen_from("2001:db8:1:2:3::4")
    assert len(here) == 43
    assert "2001" not in here
    assert here == seen_from("2001:db8:1:2::9")
    assert here != seen_from("2001:db8:1:3::9")
    assert seen_from(None) == ""
    cookie = f"network 192.0.2.1.{seen_from('192.0.2.1')}"
    assert identity.verified(cookie) is None, "whoever read one could be somebody with it"


CLAIMS = {"iss": "https://id.school.test", "sub": "4711", "email": "Ada@school.test", "name": "Ada Lovelace"}


def test_a_sign_in_keeps_no_address() -> None:
    person = identity.from_claims(CLAIMS)
    assert (person.shown, person.role, person.source) == ("Ada Lovelace", "student", "openid")
    assert person.id == identity.from_claims(CLAIMS | {"email": "new@school.test"}).id
    assert person.id != identity.from_claims(CLAIMS | {"iss": "https://id.evil.test"}).id
    assert "ada" not in f"{person.id}".casefold()


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({}, "instructor"),
        ({"email_verified": True}, "instructor"),
        ({"email_verified": False}, "student"),
        ({"email_verified": "false"}, "student"),
        ({"email": "bob@school.test"}, "student"),
        ({"email": "bob@school.test", "roles": ["teacher", "instructor"]}, "instructor"),
        ({"email": "bob@school.test", "roles": "instructor"}, "instructor"),
        ({"email": "bob@school.test", "roles": ["no instructor"]}, "student"),
        ({"email": "bob@school.test", "roles": {"x": 1}}, "student"),
        ({"email": "", "roles": None}, "student"),
        ({"email": "ada@school.test.evil.test"}, "student"),
    ],
)
def test_the_role_is_listed_or_claimed(monkeypatch: pytest.MonkeyPatch, claims: dict[str, object], role: str) -> None:
    monkeypatch.setenv("CNNLAB_INSTRUCTORS", " ada@school.test, grace@school.test,")
    assert identity.from_claims(CLAIMS | claims).role == role
    monkeypatch.setenv("CNNLAB_INSTRUCTORS", "")
    assert identity.from_claims({**CLAIMS, "email": ""}).role == "student"


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"name": "x" * 100}, "x" * 24),
        ({"name": "<img src=x>\u202e"}, "<img src=x>"),
        ({"name": None}, "Ada"),
        ({"name": "Student 7"}, None),
        ({"name": "\u200b"}, None),
    ],
)
def test_a_provider_names_nobody_as_it_likes(claims: dict[str, object], shown: str | None) -> None:
    person = identity.from_claims(CLAIMS | claims)
    assert person.shown == (shown or guest_name(person.id))


def test_a_proxy_that_signs_people_in_names_them_by_address() -> None:
    assert identity.from_claims({"email": "ada@school.test"}).id == "ada@school.test"
