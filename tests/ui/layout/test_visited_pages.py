"""Which pages were visited, and how that is drawn."""

from types import SimpleNamespace

import pytest

from core.ui.layout import visited_pages


def test_a_cookie_names_pages_of_the_course_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = {visited_pages.COOKIE: '"kernels.<script>.home.cifar."'}
    monkeypatch.setattr(visited_pages.st, "context", SimpleNamespace(cookies=cookies))
    assert visited_pages._stored() == {"kernels", "cifar"}


def test_the_line_has_a_segment_for_each_page_within_its_width() -> None:
    drawing = visited_pages._drawing(frozenset({"kernels", "cifar"}), "#123456")
    segments = [part for part in drawing.split("<rect ")[1:]]
    assert len(segments) == len(visited_pages.COURSE) == 12
    assert [index for index, part in enumerate(segments) if 'fill-opacity="1"' in part] == [0, 10]
    x, wide = (float(segments[-1].split(f'{name}="')[1].split('"')[0]) for name in ("x", "width"))
    assert x + wide == pytest.approx(visited_pages.WIDTH, abs=0.2)
    assert "INK" not in drawing
    assert "SEGMENTS" not in drawing
