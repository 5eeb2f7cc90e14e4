"""What a link may bring: no value behind any key makes a page fail, or becomes Markdown on it."""

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from core.layers.specs import Flatten, Linear
from core.runs.run import StoreUnavailable
from core.runs.store_errors import why_unavailable
from core.training.experiment import Experiment
from core.ui.layout import navigation
from core.ui.messages import escaped, hosting
from core.ui.run_panels import score_card
from core.ui.state.kept_page import PREFIXES
from tests.pages.conftest import ROOT, opened
from tests.pages.hostile import FREE_TEXT, HOST, MARKDOWN, NEVER, PICTURE, VALUES, files_opened, keys

RENDERED = {"body", "label", "help", "caption", "text", "description"}  # Streamlit makes Markdown of these
LOOSE = re.compile(rf"(?<!\\)\]\(|(?<!\\)<img|https://{HOST}|www\.{HOST}|me@{HOST}|:red\[")  # not escaped


def written(message: Message) -> Iterator[str]:
    """Every text of an element that is rendered."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for one in value if isinstance(value, list) or hasattr(value, "add") else [value]:
                if isinstance(one, Message):
                    yield from written(one)
        elif field.name in RENDERED and isinstance(value, str):
            yield value


def loose(app: AppTest) -> list[str]:
    """Texts on the page in which the attacker's Markdown still works."""
    shown = [one.proto for one in app.main if one.proto is not None and one.type not in ("code", "html")]
    return [text for proto in shown for text in written(proto) if LOOSE.search(text)]


def test_every_page_has_its_keys() -> None:
    assert set(PREFIXES) == {page.name for page in (*navigation.PAGES, navigation.INSTRUCTOR)} - {"home"}
    for page in PREFIXES:
        assert len(keys(page)) >= (1 if page == navigation.INSTRUCTOR.name else 5), page


ROUNDS = 3  # a page is opened with each key at another of the values, and then two more times with the next ones


def unbroken(page: str, what: str, query: dict[str, str]) -> None:
    """Open a page with these keys and draw it again: nothing breaks, no Markdown of the link works, no path is opened.

    What no key can take is said, and stands in the URL no longer.
    """
    app = opened(page, query, timeout=60)
    assert not app.exception, (what, [error.value for error in app.exception])
    assert app.title[0].value == navigation.find(page).question, what
    assert not loose(app), what
    assert app.warning or app.error, what
    kept = {key: text for key, text in dict(app.query_params).items() if key not in FREE_TEXT}
    assert not set(NEVER) & set(kept.values()), what
    app.run()
    assert not app.exception, (what, "drawn again", [error.value for error in app.exception])
    assert not files_opened, what


def test_an_opened_path_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("")
    assert files_opened == [str(tmp_path / "passwd")]
    files_opened.clear()


@pytest.mark.parametrize("page", PREFIXES)
def test_no_value_of_a_link_breaks_the_page(service: Any, page: str) -> None:
    """One page takes all values at once, each behind another key."""
    values = list(VALUES.values())
    for first in range(0, len(values), len(values) // ROUNDS):
        query = {key: values[(first + place) % len(values)] for place, key in enumerate(sorted(keys(page)))}
        unbroken(page, f"from value {first} on", query)


@pytest.mark.parametrize(
    ("page", "shown"), [("capsules", {"v_tab": "training"}), ("mnist", {"m_capsules": "true", "m_third": "true"})]
)
def test_no_value_of_a_link_breaks_what_is_shown_on_request(service: Any, page: str, shown: dict[str, str]) -> None:
    values = list(VALUES.values())
    for first in range(2):
        query = {key: values[(first + place) % len(values)] for place, key in enumerate(sorted(keys(page)))}
        unbroken(page, f"from value {first} on", query | shown)


@pytest.mark.nightly
@pytest.mark.parametrize("what", VALUES)
@pytest.mark.parametrize("page", PREFIXES)
def test_no_value_in_all_keys_breaks_the_page(service: Any, page: str, what: str) -> None:
    unbroken(page, what, dict.fromkeys(keys(page), VALUES[what]))


def test_a_pasted_network_is_no_markdown(service: Any) -> None:
    app = opened("layer_calculator", {"c_view": "network"})
    for text in (
        f"nn.Sequential(nn.{PICTURE})",
        f"nn.Sequential(nn.Linear('{MARKDOWN}', 10))",
        f'{{"layers": [{{"layer": "{PICTURE}"}}]}}',
        f'{{"input": ["{PICTURE}", 1, 1], "layers": []}}',
        MARKDOWN,
        '{"input": [1, 28, 28], "layers": [{"layer": "\\ud800"}]}',
    ):
        app.text_area(key="c_pasted").set_value(text)
        app.button(key="c_read").click().run()
        assert not app.exception, text
        assert app.error or app.warning, text
        assert not loose(app), text


def test_a_pasted_augmentation_is_no_markdown(service: Any) -> None:
    app = opened("augmentation", {})
    for text in (f'[{{"step": "{PICTURE}"}}]', f'["{PICTURE}"]', MARKDOWN, '["\\ud800"]'):
        app.text_area(key="a_json").set_value(text)
        app.button(key="a_use").click().run()
        assert not app.exception, text
        assert app.error, text
        assert not loose(app), text


@pytest.mark.parametrize("hosted", [True, False])
def test_a_visitor_reads_no_path_of_the_server(
    service: Any, hosted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who runs the app on their own machine is told which folder it is."""
    monkeypatch.setattr(hosting, "hosted", lambda: hosted)
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    sentence = why_unavailable(tmp_path / "home", PermissionError(errno.EACCES, "denied"))
    monkeypatch.setattr(service, "counts", Mock(side_effect=StoreUnavailable(sentence)))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    told = sentence.replace(str(tmp_path / "home"), "home") if hosted else sentence
    assert [error.value for error in app.error] == [escaped(told)]
    service.reason = sentence
    service.put(Experiment(layers=(Flatten(), Linear(10))), "failed", "me")
    assert (str(tmp_path) in score_card.describe_state(next(iter(service.runs.values())))[1]) is not hosted
