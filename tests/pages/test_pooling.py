"""The pooling page: every control and what it changes, every tab, links, and pictures too small for any window."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from streamlit.testing.v1 import AppTest

from core.images.drawn_pictures import dot
from core.images.shifts import ShiftResponse, shift_response
from core.ui.views.pooling import alternatives, blur_pooling, lost_detail
from core.ui.views.pooling import shift_response as pooling_shifts
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.shift_response import CURVE_STYLES, MEASURES, MOVERS
from core.ui.widgets import picture_picker
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
TABS = ("detail", "size", "shift", "alternatives", "blur", "global", "limits")


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "error", "latex")
    return " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))


def staged(app: AppTest) -> dict[str, Any]:
    """The settings that the page gives to its stage."""
    stage = next(e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.pooling_stage")
    settings: dict[str, Any] = json.loads(stage.proto.json)["settings"]
    return settings


def numbers_after(app: AppTest) -> int:
    """How many numbers the page says are left."""
    found = re.search(r"numbers become ([\d,]+)", words(app))
    assert found
    return int(found[1].replace(",", ""))


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("pooling")
    assert app.title[0].value == "What does pooling throw away?"
    assert "784 numbers become 196" in words(app)
    assert staged(app)["operation"] == "max"
    assert (staged(app)["window"], staged(app)["stride"]) == ([2, 2], [2, 2])
    assert "+ 1 = 14" in words(open_page("pooling", p_tab="size"))
    assert not dict(app.query_params)


@pytest.mark.parametrize(
    ("window", "stride", "padding", "ceil"),
    [(3, 2, 0, False), (3, 2, 0, True), (4, 4, 2, True), (8, 3, 4, True), (5, 7, 1, False), (2, 1, 1, False)],
)
def test_sizes_are_pytorchs(open_page: OpenPage, window: int, stride: int, padding: int, ceil: bool) -> None:
    settings = {"p_f": str(window), "p_s": str(stride), "p_p": str(padding), "p_ceil": str(ceil).lower()}
    app = open_page("pooling", p_tab="size", **settings)
    theirs = F.max_pool2d(torch.zeros(1, 1, 28, 28), window, stride, padding, ceil_mode=ceil)
    assert numbers_after(app) == theirs.numel()
    given = staged(app)
    assert (given["window"], given["stride"], given["amount"]) == ([window] * 2, [stride] * 2, [padding] * 2)
    assert given["ceil"] is ceil
    assert f"= {theirs.shape[-1]}" in app.latex[0].value


def test_every_kind_is_shown_and_explained(open_page: OpenPage) -> None:
    app = open_page("pooling")
    seen = set()
    for kind, name in NAMES.items():
        app.segmented_control(key="p_kind").set_value(kind).run()
        assert staged(app)["operation"] == kind
        assert f"{name} pooling of it" in words(app)
        assert lost_detail.EXPLANATIONS[kind] in words(app)
        seen.add(words(app))
    assert len(seen) == len(NAMES)


def test_the_sentence_answers_the_last_change(open_page: OpenPage) -> None:
    app = open_page("pooling")
    app.session_state["p_s"] = 3  # as the stage reports it
    app.run()
    assert "Stride S 2 → 3: 784 numbers become 81, 10" in words(app)
    app.segmented_control(key="p_kind").set_value("l2").run()
    assert "Max → L2: 784 numbers become 81" in words(app)
    same = re.findall(r"they give (\d+)\W%", words(app))
    app.segmented_control(key="p_kind").set_value("min").run()
    assert re.findall(r"they give (\d+)\W%", words(app)) != same
    app.session_state["p_picture"] = "coffee"  # as the strip reports it
    app.run()
    assert re.search(r"Another picture: [\d,]+ numbers become", words(app))


def test_the_padding_follows_the_window(open_page: OpenPage) -> None:
    app = open_page("pooling", p_f="8", p_p="4")
    assert staged(app)["amount"] == [4, 4]
    app.session_state["p_f"] = 5
    app.run()
    assert (staged(app)["window"], staged(app)["amount"]) == ([5, 5], [2, 2])


def test_links_reopen_the_page_and_nonsense_in_them_is_dropped(open_page: OpenPage) -> None:
    app = open_page("pooling", p_kind="L2", p_f="3", p_tab="blur", p_blur="5 × 5", p_picture="Coffee")
    assert staged(app)["operation"] == "l2"
    assert staged(app)["scale"] == "own"
    assert app.session_state["p_blurring-given"][1]["window"] == (5, 5)
    assert "64 × 64" in words(app).replace("\u00a0", " ")
    app = open_page("pooling", p_kind="median", p_f="99", p_s="-1", p_p="2", p_tab="x", p_ceil="perhaps")
    assert numbers_after(app) == 196


def test_what_is_pooled(open_page: OpenPage) -> None:
    app = open_page("pooling", p_picture="Photographer")
    assert "4,096 numbers become 1,024" in words(app)
    app.segmented_control(key="p_side").set_value(32).run()
    assert "1,024 numbers become 256" in words(app)
    app.selectbox(key="p_plane").set_value("sobel_x").run()
    assert "Sobel x of Photographer" in words(app)
    rectified = words(app)
    app.toggle(key="p_relu").set_value(False).run()
    assert words(app) != rectified
    set_state(app, p_picture="coffee")
    assert "1,024 numbers become 256" in words(app)  # a feature plane is one plane
    app.selectbox(key="p_plane").set_value("picture").run()
    assert "3,072 numbers become 768" in words(app)


@pytest.mark.parametrize("tab", TABS)
def test_tabs_load_on_opening_and_every_picture_has_words(open_page: OpenPage, tab: str) -> None:
    app = open_page("pooling", p_tab=tab)
    marks = dict(
        zip(
            TABS,
            (
                "root-mean-square",
                "Output size from input width",
                "Outputs at every shift",
                "Springenberg",
                "ResNet-18",
                "Global max pooling**",
                "Capsules",
            ),
            strict=True,
        )
    )
    said = words(app)
    assert {name for name, mark in marks.items() if mark in said} == {tab}
    for picture in re.findall("<img.*?>", said):
        assert re.search(r'alt="[^"]{4,}"', picture), picture


def test_moving_things(open_page: OpenPage) -> None:
    app = open_page("pooling", p_tab="shift", p_f="4", p_s="4")
    assert "does not change at shifts of 1, 2, 3, 5, 6 and 7\u202fpx" in words(app)
    assert "141\u202f%" in words(app)
    seen = {words(app)}
    for mover in list(MOVERS)[1:]:
        app.segmented_control(key="p_move").set_value(mover).run()
        seen.add(words(app))
    assert len(seen) == len(MOVERS)
    for measure, what in MEASURES.items():
        app.segmented_control(key="p_measure").set_value(measure).run()
        assert what in app.get("vega_lite_chart")[0].proto.spec
    app.pills(key="p_curves").set_value([]).run()
    assert not app.exception


def test_the_strided_convolutions_kernel(open_page: OpenPage) -> None:
    app = open_page("pooling", p_tab="alternatives")
    before = words(app)
    app.selectbox(key="p_kernel").set_value("sobel_y").run()
    assert words(app) != before
    assert "Strided convolution with Sobel y" in words(app)


def test_global_pooling_stays_as_it_is_when_the_picture_moves(open_page: OpenPage) -> None:
    app = open_page("pooling", p_tab="global")
    before, figures = words(app), re.findall("<table.*?</table>", words(app))
    app.slider(key="p_roll").set_value(5).run()
    assert len(figures) == 6
    assert re.findall("<table.*?</table>", words(app)) == figures
    assert words(app) != before


def test_both_faces_give_the_same_answers(open_page: OpenPage) -> None:
    text = words(open_page("pooling", p_tab="limits"))
    assert text.count("largest 1.00") == 6
    assert text.count("<i style=") == 8  # three parts on each, the eye twice


NIGHTLY_SHAPES = [pytest.param(shape, marks=pytest.mark.nightly) for shape in ((1, 1), (2, 2))]


@pytest.mark.parametrize("shape", [(1, 300), (3, 2, 3), *NIGHTLY_SHAPES])
def test_a_picture_smaller_than_the_window(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    tiny = picture_picker.PickedPicture("own", "Your picture", "The picture you gave", np.full(shape, 0.5, np.float32))
    monkeypatch.setattr(picture_picker, "pick", lambda settings, prefix: tiny)
    app = open_page("pooling", p_f="8")
    assert f"does not fit on {shape[0]} × {1 if shape == (1, 300) else shape[1]} pixels" in app.error[0].value
    for tab in TABS:
        assert len(open_page("pooling", p_tab=tab).error) <= 1


def test_published_figures() -> None:
    assert blur_pooling.CONSISTENCY == (0.851, 0.884)
    assert "0.4 points" in alternatives.ALEXNET


def test_how_much_is_lost_in_words() -> None:
    gone = np.array([[0.0, -0.5], [0.5, 0.0]])
    text = lost_detail.summarize(gone)
    assert "50\u202f% of the pixels are unchanged" in text
    assert "25\u202f% too bright" in text
    assert "25\u202f% too dark" in text
    assert "0.35" in text  # sqrt((0.25 + 0.25) / 4)


def test_shifts_in_words() -> None:
    def described(*steps: float) -> str:
        step = np.array([0, *steps])
        response = ShiftResponse(np.arange(step.size), step, step, step)
        return pooling_shifts.describe_changes(Pooling("max", 2, 2, 0, False), response, response)

    assert "does not change at shifts of 1 and 3\u202fpx, and changes most at 2\u202fpx: by 90" in described(0, 0.9, 0)
    assert "changes its output at every shift, by 20" in described(0.2, 0.201, 0.2)
    assert "changes at every shift, and changes most at 2\u202fpx: by 40" in described(0.2, 0.4, 0.1)
    assert "the same output at every shift" in described(0, 0, 0)


def test_the_table_of_the_curves() -> None:
    responses = {kind: shift_response(dot(24), kind, 4) for kind in CURVE_STYLES}
    table = pooling_shifts.table(responses, "step")
    points, labels = table[table["part"] == "point"], table[table["part"] == "label"]
    assert len(points) == 8 * len(CURVE_STYLES)  # nothing comes before a shift of 0
    steps = points[points["method"] == "Max"].set_index("shift")["value"]
    np.testing.assert_allclose(steps[[1, 2, 3, 4]], [0, 0, 0, 100 * 2**0.5])
    assert list(labels["method"]) == [style.name for style in CURVE_STYLES.values()]
    gaps = np.diff(np.sort(labels["value"]))
    assert gaps.min() > 0.99 * pooling_shifts.LABEL_GAP / pooling_shifts.HEIGHT * points["value"].max()
    assert len(pooling_shifts.table(responses, "change").query("part == 'point'")) == 9 * len(CURVE_STYLES)
    assert pooling_shifts.table({}, "error").empty


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 2), (8, 1), (2, 5)])
def test_the_drawing_of_the_windows(window: int, stride: int) -> None:
    svg = alternatives.windows(window, stride)
    readers = [int(count) for count in re.findall(r">(\d+)</text>", svg)]
    count = F.avg_pool1d(torch.zeros(1, 1, alternatives.ROW_PIXELS), window, stride).shape[-1]
    assert sum(readers) == count * window
    assert len(readers) == alternatives.ROW_PIXELS
    assert svg.count("<rect") == count + alternatives.ROW_PIXELS
