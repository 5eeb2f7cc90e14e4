"""An app that others reach: sign-in at a real OpenID provider on this machine or by the class code, and a lesson there.

One app for both, since each takes seconds to start.
"""

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import oidc_provider_mock
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import app_paths
from core.classroom import class_codes, lessons
from core.ui.backend import identity
from core.ui.layout import navigation
from core.ui.state.lesson_state import PAGES
from tests.browser.conftest import Server, running
from tests.browser.test_allowed_hosts import handshake
from tests.browser.waiting import settle
from tests.pages.hostile import HOST

LINK = "pooling?p_s=3&p_f=3&p_kind=average"
CODE, INSTRUCTOR_CODE = "blue heron", "gray-owl-7"
CLIENT_SECRET, COOKIE_SECRET = "client-secret-4711", "cookie-secret-4711-of-some-length"
NAME = "class.test"  # by which others reach the app: that makes it a hosted one
EMAIL = "ada@school.test"
LESSON = lessons.load_all(PAGES)[0]["layers"]
SEEN_SECONDS = 2.0  # from the press of the button to the student's screen


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An app that asks for either, and its provider."""
    folder = tmp_path_factory.mktemp("sign_in")
    claims = {"email": EMAIL, "email_verified": True, "name": "Ada"}
    ada = oidc_provider_mock.User(sub="ada", claims=claims)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with oidc_provider_mock.run_server_in_thread(user_claims=[ada]) as provider:
        secrets = folder / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n'
            f'client_id = "cnnlab"\nclient_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "http://localhost:{provider.server_port}/.well-known/openid-configuration"\n'
        )
        options = [f"--secrets.files={secrets}", *(f"--server.allowedHosts={name}" for name in ("127.0.0.1", NAME))]
        variables = {"CNNLAB_CLASS_CODE": CODE, "CNNLAB_INSTRUCTOR_CODE": INSTRUCTOR_CODE, "CNNLAB_INSTRUCTORS": EMAIL}
        with running(folder / "home", *options, port=port, NO_PROXY="localhost", **variables) as app:
            yield app


def is_asked(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is here?")
    assert "p_s" not in page.content()  # nothing of the page below has run


def stands_at_the_link(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(navigation.find("pooling").question)
    settle(page)
    address = urlparse(page.url)
    assert address.path == "/pooling"
    found, wanted = parse_qs(address.query), parse_qs(LINK.partition("?")[2])
    assert {key: found.get(key) for key in wanted} == wanted


def join(page: Page, code: str, name: str) -> None:
    page.get_by_role("textbox", name="Class code").fill(code)
    page.get_by_role("textbox", name="First name or nickname").fill(name)
    page.get_by_role("button", name="Join the class").click()


def test_a_link_is_followed_through_the_sign_in_at_a_provider(hosted: Server, person: BrowserContext) -> None:
    page = person.new_page()
    page.goto(f"{hosted.url}/{LINK}")  # on a server that nobody has visited
    is_asked(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="ada", exact=True).click()
    stands_at_the_link(page)
    who = page.locator(".st-key-who")
    expect(who).to_contain_text("Ada")
    expect(who).to_contain_text("instructor")  # by the host's list of addresses
    content = page.content()
    for secret in (CLIENT_SECRET, COOKIE_SECRET, EMAIL, str(hosted.home), str(app_paths.ROOT)):
        assert secret not in content
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"end_session|127\.0\.0\.1:\d+/$"))
    if "end_session" in page.url:
        page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{hosted.url}/")
    is_asked(page)
    page.goto(f"{hosted.url}/{LINK}")
    is_asked(page)


def test_the_class_code_opens_the_link_for_the_whole_browser(hosted: Server, person: BrowserContext) -> None:
    page = person.new_page()
    page.goto(f"{hosted.url}/{LINK}")
    is_asked(page)
    join(page, "wrong", "Bob")
    expect(page.get_by_role("alert")).to_be_visible()
    is_asked(page)
    join(page, " Blue  HERON", "Bob")
    stands_at_the_link(page)
    expect(page.locator(".st-key-who")).to_contain_text("Bob")
    page.wait_for_function(f"document.cookie.includes('{identity.CLASS_COOKIE}=')")
    (cookie,) = [one for one in person.cookies() if one["name"] == identity.CLASS_COOKIE]
    assert cookie["sameSite"] == "Lax"
    assert 0 < cookie["expires"] - page.evaluate("Date.now() / 1000") <= 12 * 3600 + 5
    other = person.new_page()
    other.goto(f"{hosted.url}/{LINK}")
    stands_at_the_link(other)
    expect(other.locator(".st-key-who")).to_contain_text("Bob")
    other.get_by_role("button", name="Sign out").click()
    is_asked(other)
    assert identity.CLASS_COOKIE not in {one["name"] for one in person.cookies()}


def test_a_made_up_cookie_is_nobody(hosted: Server, person: BrowserContext) -> None:
    """One of the right form for the wrong key, the app's own for a guest, and Streamlit's for a sign-in."""
    person.add_cookies(
        [
            {
                "name": identity.CLASS_COOKIE,
                "value": class_codes.signed(TEACHER, b"x" * 32),
                "url": hosted.url,
            },
            {"name": identity.COOKIE, "value": identity.signed("ab12"), "url": hosted.url},
            {"name": "_streamlit_user", "value": '{"email":"ada@school.test","is_logged_in":true}', "url": hosted.url},
        ]
    )
    page = person.new_page()
    page.goto(f"{hosted.url}/{LINK}")
    is_asked(page)


TEACHER = identity.Person("t1", "T", "instructor", "class code")


def test_other_origins_and_names_are_refused_on_a_hosted_app(hosted: Server) -> None:
    port = urlparse(hosted.url).port
    for name in (f"127.0.0.1:{port}", NAME, f"{NAME}:{port}"):
        assert handshake(hosted, name, f"http://{name}") == 101
    for name in (HOST, f"{NAME}.{HOST}", f"x.{NAME}", "192.168.0.7", f"localhost.{HOST}:{port}"):
        assert handshake(hosted, name, f"http://{name}") == 403
    assert handshake(hosted, NAME, f"http://{HOST}") == 403


def joined(context: BrowserContext, hosted: Server, path: str, code: str, name: str) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{hosted.url}/{path}")
    join(page, code, name)
    page.wait_for_selector(".st-key-title_line")
    settle(page)
    return page


def test_students_see_what_the_instructor_reveals_and_the_answers(
    browser: Browser, person: BrowserContext, hosted: Server
) -> None:
    teacher = joined(person, hosted, "instructor?t_tab=lesson", INSTRUCTOR_CODE, "Grace")
    teacher.get_by_role("combobox", name="The class's lesson").click()
    teacher.get_by_role("option", name=LESSON.title).click()
    teacher.get_by_role("button", name="Begin again").click()  # where the test is tried again
    expect(teacher.get_by_text(f"Step 1 of {len(LESSON.steps)}")).to_be_visible()
    settle(teacher)  # a click while the page is still being drawn is lost
    reveal = teacher.get_by_role("button", name="Reveal the next step")
    reveal.click()
    expect(teacher.get_by_text(f"Step 2 of {len(LESSON.steps)}")).to_be_visible()

    link = f"filters?lesson={LESSON.name}"
    ann, ben = (joined(browser.new_context(), hosted, link, CODE, name) for name in ("Ann", "Ben"))
    poll = LESSON.steps[1].poll
    assert poll
    following = ann.locator(".st-key-lesson_next").get_by_role("button")
    expect(following).to_be_disabled()
    for page, choice in ((ann, 3), (ben, 0)):
        page.locator(".st-key-lesson_poll").get_by_text(poll.choices[choice], exact=True).click()
    expect(teacher.locator(".class-histogram b")).to_have_text(["1", "0", "0", "1"])
    expect(ann.locator(".poll-result")).to_have_count(0)

    reveal.click()
    pressed = time.monotonic()
    expect(following).to_be_enabled(timeout=10_000)
    assert time.monotonic() - pressed < SEEN_SECONDS
    right = ann.locator(".poll-result .right")
    expect(right).to_contain_text("50 %")
    expect(right).to_contain_text("yours")

    teacher.get_by_role("textbox", name="Announcement").fill("Five minutes <b>left</b>")
    teacher.get_by_role("button", name="Announce", exact=True).click()
    expect(ben.locator(".st-key-class_notice")).to_contain_text("Five minutes <b>left</b>", timeout=10_000)
    for page in (ann, ben):
        page.context.close()


def test_the_log_holds_no_secret(hosted: Server) -> None:
    """After all of the above: the last test of the file."""
    log = hosted.log.read_text(errors="replace")
    for secret in (CLIENT_SECRET, COOKIE_SECRET, CODE, "BLUE", INSTRUCTOR_CODE, EMAIL, "id_token", "access_token"):
        assert secret.casefold() not in log.casefold()
    assert "Traceback" not in log
    assert not Path(hosted.home, "secrets.toml").exists()
