"""The columns of all pages: core/ui/layout/column_grid.py alone makes them, so that edges line up (docs/design.md)."""

import ast
from pathlib import Path

import pytest

from core import app_paths

GRID = app_paths.APP / "core" / "ui" / "layout" / "column_grid.py"
FILES = [file for folder in ("core/ui", "pages") for file in sorted((app_paths.APP / folder).rglob("*.py"))]


def calls(file: Path) -> list[str]:
    """Return where a file makes columns: "name.py:12"."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        f"{file.name}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "columns"
    ]


def test_nothing_else_makes_columns() -> None:
    assert calls(GRID)
    assert not [place for file in FILES if file != GRID for place in calls(file)]


@pytest.mark.parametrize("ratio", ["[2, 1]", "[1, 2]"])
def test_the_grid_has_two_uneven_ratios(ratio: str) -> None:
    text = GRID.read_text(encoding="utf-8")
    assert text.count(f"st.columns({ratio}") == 1
    assert text.count("st.columns([") == 2
