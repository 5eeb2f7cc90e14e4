"""Where the host asks for a class code, no page runs without it, and one stays where the link led."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.classroom import class_codes
from core.ui.backend import client, identity, person_names
from core.ui.layout import navigation, sign_in
from core.ui.messages import hosting
from tests.pages.conftest import ROOT, opened

LINK = {"k_kernel": "Sobel x", "other": "1"}
real_owner = identity.owner


@pytest.fixture(autouse=True)
def hosted(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "hosted", lambda: True)
    monkeypatch.setattr(identity, "owner", real_owner)
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "blue heron")
    monkeypatch.setenv("CNNLAB_INSTRUCTOR_CODE", "gray owl")
    st.cache_resource.clear()


def open_link() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in LINK.items():
        app.query_params[key] = value
    return app.run()


def join(app: AppTest, code: str, name: str) -> AppTest:
    app.text_input[0].set_value(code)
    app.text_input[1].set_value(name)
    next(button for button in app.button if button.label == "Join the class").click()
    return app.run()


def home(app: AppTest) -> bool:
    return bool(app.title) and app.title[0].value == navigation.find("home").question


def test_no_page_runs_before_the_code() -> None:
    app = open_link()
    assert not home(app)
    assert [field.label for field in app.text_input] == ["Class code", "First name or nickname"]
    for code, name in (("wrong", "Ada"), ("blue heron", ""), ("", "Ada"), ("blue heron", "Student 7")):
        app = join(app, code, name)
        assert len(app.error) == 1
        assert not home(app)
    for page in ("mnist", "kernels"):  # run by itself, as on a server that nobody has visited
        assert not opened(page, {}).title


def test_the_code_opens_the_page_that_the_link_led_to() -> None:
    app = join(open_link(), "Blue Heron", "Ada")
    assert not app.exception
    assert home(app)
    assert {key: dict(app.query_params)[key] for key in LINK} == LINK
    assert any("Ada" in caption.value and "instructor" not in caption.value for caption in app.sidebar.caption)
    token = app.session_state[identity.TOKEN]
    assert app.run().session_state[identity.TOKEN] == token


def test_the_instructors_code_gives_the_role() -> None:
    app = join(open_link(), "gray owl", "<b>Emmy</b> *x*")
    (caption,) = [caption.value for caption in app.sidebar.caption if "instructor" in caption.value]
    assert r"\<b>Emmy\</b> \*x\*" in caption


def test_who_leaves_is_asked_again() -> None:
    app = join(open_link(), "blue heron", "Ada")
    next(button for button in app.button if button.key == "who_leave").click()
    app = app.run()
    assert not home(app)
    assert not home(app.run())


def test_another_code_ends_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    app = join(open_link(), "blue heron", "Ada")
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "red kite")
    assert not home(app.run())


@pytest.mark.parametrize("cookie", ["", "0" * 24, "a.b.c", "class", "x" * 5000])
def test_a_made_up_cookie_opens_nothing(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    names = {identity.CLASS_COOKIE: cookie, identity.COOKIE: identity.signed("ab12")}  # the latter is real
    monkeypatch.setattr(type(st.context), "cookies", names)
    assert not home(open_link())


def test_a_new_name_is_the_same_person() -> None:
    app = join(open_link(), "blue heron", "Ada")
    before = class_codes.verified(app.session_state[identity.TOKEN], identity._key(Path(identity.app_paths.home())))
    app.text_input(key="who_new_name").set_value("Grace")
    next(button for button in app.button if button.label == "Change").click()
    app = app.run()
    after = class_codes.verified(app.session_state[identity.TOKEN], identity._key(Path(identity.app_paths.home())))
    assert before is not None
    assert after is not None
    assert (before.shown, after.shown) == ("Ada", "Grace")
    assert before.id == after.id


def test_a_host_without_a_code_lets_everybody_in_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNLAB_CLASS_CODE")
    app = open_link()
    assert home(app)
    assert not [button for button in app.button if button.key == "who_leave"]


def test_on_ones_own_machine_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "hosted", lambda: False)
    monkeypatch.setattr(sign_in, "_screen", Mock(side_effect=AssertionError))
    app = open_link()
    assert home(app)
    assert not [button for button in app.button if button.key == "who_leave"]


def test_who_leaves_in_one_tab_leaves_in_all() -> None:
    app = join(open_link(), "blue heron", "Ada")
    token = app.session_state[identity.TOKEN]
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    other.session_state[identity.TOKEN] = token  # as from the browser's cookie, or from a copy of it
    assert home(other.run())
    next(button for button in app.button if button.key == "who_leave").click()
    app.run()
    client.people()._left.forget()
    assert not home(other.run())
    assert other.text_input[0].label == "Class code"


def test_a_sign_in_gives_an_identity_that_nobody_knew_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity that somebody else put into the browser before, for either cookie, is not that of who signs in."""
    planted = identity.Person("e" * 24, "Eve", "student", "class code")
    cookies = {identity.COOKIE: identity.signed(planted.id)}
    monkeypatch.setattr(identity, "_cookie", lambda key: cookies.get(key, ""))
    ids = set()
    for _ in range(2):
        app = join(open_link(), "blue heron", "Ada")
        found = class_codes.verified(app.session_state[identity.TOKEN], identity._key(identity.app_paths.home()))
        assert found is not None
        ids.add(found.id)
    assert len(ids) == 2
    assert planted.id not in ids


def test_guessing_is_slow_for_new_sessions_as_well() -> None:
    for _ in range(class_codes.Attempts.BURST):
        with pytest.raises(class_codes.SignInError, match="board"):
            class_codes.enter("guess", "Eve", "", sign_in._attempts(), sign_in._arrivals())
    app = join(open_link(), "blue heron", "Ada")
    assert "wait" in app.error[0].value
    assert not home(app)


def test_an_instructor_hides_names(monkeypatch: pytest.MonkeyPatch) -> None:
    student = join(open_link(), "blue heron", "Ada")
    assert "who_hides" not in {switch.key for switch in student.toggle}
    token = student.session_state[identity.TOKEN]
    ada = class_codes.verified(token, identity._key(identity.app_paths.home()))
    assert ada is not None
    app = join(open_link(), "gray owl", "Emmy")
    app.toggle(key="who_hides").set_value(True).run()
    assert app.toggle(key="who_hides").value
    for viewer, shown in (("student", "Student 1"), ("instructor", "Ada")):
        person = identity.Person("x", "X", viewer, "class code")  # type: ignore[arg-type]
        monkeypatch.setattr(identity, "person", lambda person=person: person)
        assert person_names.names([ada.id, "x"]) == {ada.id: shown, "x": "You"}
    assert len(client.people().members(person)) == 2
