"""A page's own source: what is found without running it, and the dialog that shows it."""

import ast
import inspect
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import app_paths
from core.images import convolution, pooling, pooling_windows
from core.ui.layout import source_index
from core.ui.layout.navigation import PAGES

ROOT = Path(__file__).parents[3]
NAMES = [page.name for page in PAGES]


@pytest.mark.parametrize("page", NAMES)
def test_a_page_has_its_whole_source_and_what_it_calls(page: str) -> None:
    """Every part is the text of its file, parses, and leads only to parts that are there; every part is reached."""
    index = source_index.parts(page)
    first = next(iter(index))
    assert first == f"pages/{page}.py"
    assert index[first].source == (ROOT / "pages" / f"{page}.py").read_text().rstrip("\n")
    assert any(name.startswith("core.") for name in index[first].calls)
    for name, part in index.items():
        lines = (ROOT / part.path).read_text().splitlines()
        assert part.source.splitlines() == lines[part.line - 1 : part.line + part.source.count("\n")]
        ast.parse(part.source)
        assert set(part.calls) <= set(index)
        assert name == first or source_index.callers(name, index) or name in index[name].calls, name
        assert not name.startswith("core.runs.")


def test_the_parts_are_the_functions_themselves() -> None:
    """Compared with inspect, for functions that the pages reach through views, aliases and packages."""
    index = source_index.parts("pooling")
    for function in (pooling.pool, pooling_windows.windows, convolution.convolve):
        part = index[f"{function.__module__}.{function.__qualname__}"]
        assert part.source == inspect.getsource(function).rstrip("\n")
        assert part.line == inspect.getsourcelines(function)[1]
    assert "core.ui.views.pooling.controls.show" in index["pages/pooling.py"].calls


def test_a_local_name_is_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument hides a function of its name; an import inside a function counts; a constant is no part."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "core").mkdir()
    (tmp_path / "pages" / "one.py").write_text("from core import two\n\ntwo.outer(two.LIMIT)\n")
    (tmp_path / "core" / "two.py").write_text(
        "LIMIT = 3\n\n\ndef inner():\n    return 1\n\n\ndef outer(inner):\n    return inner() + _late()\n\n\n"
        "def _late():\n    from core.three import far\n\n    return far()\n"
    )
    (tmp_path / "core" / "three.py").write_text("raise SystemExit\n\n\n@staticmethod\ndef far():\n    return far\n")
    monkeypatch.setattr(app_paths, "APP", tmp_path)
    monkeypatch.setattr(app_paths, "ROOT", tmp_path)
    index = source_index.parts("one")
    assert {name: part.calls for name, part in index.items()} == {
        "pages/one.py": ("core.two.outer",),
        "core.two.outer": ("core.two._late",),
        "core.two._late": ("core.three.far",),
        "core.three.far": (),
    }
    assert index["core.three.far"].line == 4
    assert source_index.callers("core.two._late", index) == ("core.two.outer",)


def test_nothing_that_is_shown_is_imported() -> None:
    before = set(sys.modules)
    source_index.parts("cifar")
    assert not {name for name in set(sys.modules) - before if name.startswith("core")}


def test_the_dialog_leads_from_part_to_part() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page("pages/pooling.py").run()
    assert not app.code
    app.button(key="source_open").click().run()
    assert app.code[0].value == source_index.parts("pooling")["pages/pooling.py"].source
    link = next(button for button in app.button if button.label == "controls.show")
    link.click().run()
    assert not app.exception
