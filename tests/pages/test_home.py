"""Home: the map of pages and what this machine has."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.layout import visited_pages
from core.ui.layout.navigation import NAVIGATED, PAGES
from tests.pages.conftest import ROOT


def opened(open_page: Callable[..., AppTest]) -> AppTest:
    """Home with the line on this machine open."""
    app = open_page("home")
    app.session_state["machine_details"] = True
    return app.run()


def test_home_shows_the_map_and_the_machine(open_page: Callable[..., AppTest]) -> None:
    app = open_page("home")
    assert [element.proto.page for element in app.get("page_link")] == [
        *(page.name for page in PAGES[1:]),
        "instructor",  # at the foot, as this machine has its own app
    ]
    assert not app.metric  # until the line is opened
    app = opened(open_page)
    assert [metric.value for metric in app.metric][:3] == ["CPU", app.metric[1].value, "16 GiB"]
    assert any("**MNIST, 5,000 of its digits**: 4,000 training" in text.value for text in app.markdown)


def test_visited_pages_are_ticked_and_fill_the_line_under_the_word_mark(service: object) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not [element for element in app.get("page_link") if "✓" in element.proto.label]
    app.switch_page("pages/pooling.py").run()
    assert app.session_state[visited_pages.KEY] == {"pooling"}
    app.switch_page("pages/home.py").run()
    (ticked,) = [element for element in app.get("page_link") if "✓" in element.proto.label]
    assert ticked.proto.page == "pooling"


def test_every_page_is_opened_from_home_and_leads_to_the_next(service: object) -> None:
    """One visit to all pages, the last of which leads home. The other tests open pages directly."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert app.title[0].value == PAGES[0].question
    pages = [page for page in PAGES if page.name != "home"]
    for page, onward in zip(pages, [*(page.name for page in pages[1:]), ""], strict=True):
        app.switch_page(f"pages/{page.name}.py").run()
        assert not app.exception, page.name
        assert app.title[0].value == page.question
        assert app.get("page_link")[-1].proto.page == onward


@pytest.mark.parametrize("navigated", [False, True])
def test_a_page_comes_up_whole_whether_app_py_has_run_or_not(service: object, navigated: bool) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    if navigated:
        app.session_state[NAVIGATED] = True
    app.query_params["p_f"] = "3"
    app.switch_page("pages/pooling.py").run()
    assert not app.exception
    assert app.title[0].value == "What does pooling throw away?"
    assert app.session_state[NAVIGATED]


def test_home_names_a_data_folder_that_is_not_there(
    open_page: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "nowhere"))
    listed = " ".join(text.value for text in opened(open_page).markdown)
    assert "**CNNLAB_DATA** cannot be used." in listed
    assert str(tmp_path) not in listed  # no path of the server
    assert "nowhere, which is not a folder on this machine" in listed


def test_home_says_how_much_room_runs_and_data_take(open_page: Callable[..., AppTest]) -> None:
    captions = [text.value for text in opened(open_page).caption]
    (line,) = [text for text in captions if text.startswith("Stored runs: 2.")]
    assert "uses 1.20\u202fGB of at most 5.00\u202fGB" in line
