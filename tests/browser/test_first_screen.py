"""The first screen of every page, in two windows: everything stands where core/ui/layout/page_frame.py says."""

import pytest

from core.ui.layout import navigation
from tests.browser.conftest import Open, Server
from tests.browser.lengths import DESK, PHONE, keeps_its_length, shown

pytestmark = pytest.mark.browser

WINDOWS = [DESK, (1280, 720)]
TITLE_TOP, ROW, STAGE_TOP = 24, 56, 150  # px, as in core/ui/layout/page_frame.py
LONGEST = {  # the tab with which each page is longest; those with trained runs are in the tests of their pages
    "kernels": "k_tab=chain",
    "frequency": "f_tab=aliasing",
    "filters": "l_tab=connectivity",
    "layer_calculator": "c_view=network&c_net_tab=reference",
    "pooling": "p_tab=shift",
    "augmentation": "a_tab=export",
    "invariance": "i_tab=training",
    "capsules": "v_tab=claim",
    "anatomy": "n_tab=3d",
}


@pytest.mark.parametrize("name", [page.name for page in navigation.PAGES])
def test_the_picture_is_the_page(visit: Open, server: Server, name: str) -> None:
    page = visit("" if name == "home" else name)
    page.locator(".st-key-stage").wait_for(timeout=5_000)
    for width, height in WINDOWS:
        found = shown(page, width, height)
        assert found["title"]["top"] == pytest.approx(TITLE_TOP, abs=1)
        assert found["title"]["height"] <= ROW
        if found["controls"]:
            assert found["controls"]["height"] <= ROW
        assert found["stage"]["top"] <= STAGE_TOP
        notice = page.locator(".st-key-notice, .notice").first.bounding_box()  # also inside a component
        assert notice
        assert notice["y"] + notice["height"] <= height
    if name in LONGEST:
        page.goto(f"{server.url}/{name}?{LONGEST[name]}")
        page.get_by_role("button", name="Source code of this page").wait_for()  # the foot, which comes last
    keeps_its_length(page)
    assert shown(page, *PHONE)["wide"] <= 0
