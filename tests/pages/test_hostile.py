"""What a link may bring: no value behind any key makes a page fail, or becomes Markdown on it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from core.ui import shell
from tests.pages.conftest import ROOT
from tests.pages.hostile import HOST, PREFIXES, VALUES, keys

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
    assert set(PREFIXES) == {page.name for page in shell.PAGES} - {"home"}
    for page in PREFIXES:
        assert len(keys(page)) >= 5


@pytest.mark.parametrize("page", PREFIXES)
def test_no_value_of_a_link_breaks_the_page(service: Any, page: str) -> None:
    for what, value in VALUES.items():
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        for key in keys(page):
            app.query_params[key] = value
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, (what, [error.value for error in app.exception])
        assert app.title[0].value == shell.find(page).question, what
        assert not loose(app), what
        app.run()
        assert not app.exception, (what, "drawn again", [error.value for error in app.exception])
