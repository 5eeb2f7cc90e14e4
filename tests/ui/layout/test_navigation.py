"""The registry of pages, and what stands around them."""

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core import app_paths
from core.ui.display import colors
from core.ui.layout import course_map, navigation
from core.ui.views.mnist.scenarios import QUESTIONS


@pytest.mark.parametrize("page", [*navigation.PAGES, navigation.INSTRUCTOR], ids=lambda page: page.name)
def test_every_page_is_built_and_begins_as_it_must(page: navigation.Page) -> None:
    source = (app_paths.ROOT / "pages" / f"{page.name}.py").read_text()
    calls = [node for node in ast.parse(source).body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    assert ast.unparse(calls[0]).startswith(f"page_frame.page('{page.name}'")
    assert page.icon.startswith(":material/")
    assert page.sentence.endswith(".")


def test_every_built_page_is_registered() -> None:
    built = {path.stem for path in (app_paths.ROOT / "pages").glob("*.py")}
    assert built == {page.name for page in (*navigation.PAGES, navigation.INSTRUCTOR)}


@pytest.mark.parametrize("file", sorted(course_map.VIGNETTES.glob("*.svg")), ids=lambda file: file.stem)
def test_a_drawing_of_the_map_is_a_small_picture_and_nothing_else(file: Path) -> None:
    root = ElementTree.fromstring(file.read_text())
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()}
    assert tags <= {"svg", "g", "path", "rect", "text"}
    assert root.get("viewBox") == "0 0 168 84"
    assert len(file.read_bytes()) < 10_000


def test_home_comes_first_and_sections_are_in_one_piece() -> None:
    sections = [page.section for page in navigation.PAGES]
    assert navigation.PAGES[0].name == "home"
    assert sections == sorted(sections, key=sections.index)


def test_questions_set_only_settings_that_there_are() -> None:
    from core.ui.views.mnist import comparison, networks, training_settings

    known = {*networks.DEFAULTS, *training_settings._DEFAULTS, *comparison.COMPARISON.defaults}
    for question in QUESTIONS:
        assert set(question.settings) <= known


def test_the_papers_are_those_of_the_theme() -> None:
    import tomllib

    theme = tomllib.loads((app_paths.ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    assert {name: theme[name]["backgroundColor"] for name in ("light", "dark")} == colors.PAPER
