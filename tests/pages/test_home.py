"""Home: the map of pages and what this machine has."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.shell import PAGES


def test_home_shows_the_map_and_the_machine(open_page: Callable[..., AppTest]) -> None:
    app = open_page("home")
    links = [element.proto.label for element in app.get("page_link")]
    assert links == [page.question for page in PAGES if page.name != "home"]
    assert [metric.value for metric in app.metric][:3] == ["CPU", app.metric[1].value, "16 GiB"]
    assert any("**MNIST, 5,000 of its digits**: 4,000 training" in text.value for text in app.markdown)
