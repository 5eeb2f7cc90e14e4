"""The kernel page: every kernel, every picture, every tab; links that reopen it, and links that are damaged."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.images.filter_chain import Chain, Filter
from core.images.kernel_catalogue import CATALOGUE
from core.images.rendering import GRAY_PROJECTIONS
from core.images.sample_pictures import SAMPLES
from core.ui.display import numbers
from core.ui.views.kernels import filter_chain, pixel_inspector
from core.ui.views.kernels.kernel_picker import COLORS
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
TABS = (
    "whole",
    "kernel",
    "color",
    "gradient",
    "profile",
    "chain",
    "export",
)


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "info", "error", "warning")
    return " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))


def set_in_the_browser(app: AppTest, **changes: Any) -> None:
    """What the inspector reports after a person has changed something in it."""
    serial, given = app.session_state[f"{pixel_inspector.KEY}-given"]
    app.session_state[pixel_inspector.KEY] = {"view": {"serial": serial, "settings": {**given, **changes}}}


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("kernels")
    assert app.title[0].value == "What does a kernel see?"
    assert "The weights sum to **0**" in words(app)
    assert not dict(app.query_params)
    assert "**Separable**, rank 1" in words(open_page("kernels", k_tab="kernel"))


def test_every_kernel_of_the_catalogue(open_page: OpenPage) -> None:
    app = open_page("kernels", k_picture="Step edge")
    for key, entry in CATALOGUE.items():
        app.selectbox(key="k_kernel").set_value(key).run()
        assert not app.exception, key
        _, given = app.session_state[f"{pixel_inspector.KEY}-given"]
        np.testing.assert_allclose(given["kernel"], [entry.kernel()])
        if len(entry.sizes) > 1:
            app.select_slider(key=f"k_size_{key}").set_value(entry.sizes[-1]).run()
        if entry.parameter:
            app.slider(key=f"k_value_{key}").set_value(entry.parameter.high).run()
        assert not app.exception, key
        assert not app.error, key


def test_every_picture(open_page: OpenPage) -> None:
    app = open_page("kernels")
    for key in SAMPLES:
        set_state(app, k_picture=key)
        assert not app.exception, key
        assert not app.error, key


def test_a_digit_and_a_small_picture(open_page: OpenPage) -> None:
    app = open_page("kernels")
    set_state(app, k_picture="mnist", k_image=7)
    assert not app.exception
    assert "This picture is gray" in words(app)
    set_state(app, k_picture="cifar10")
    set_state(app, k_image=8)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("colors", COLORS)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_with_every_color(open_page: OpenPage, colors: str, tab: str) -> None:
    app = open_page("kernels", k_colors=COLORS[colors], k_tab=tab)
    assert app.segmented_control(key="k_colors").value == colors
    assert not app.error
    assert not app.exception


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_on_a_gray_picture(open_page: OpenPage, tab: str) -> None:
    app = open_page("kernels", k_picture="Coins", k_tab=tab)
    assert not app.error


def test_the_planes_of_a_deep_filter(open_page: OpenPage) -> None:
    app = open_page("kernels", k_colors=COLORS["depth"])
    for key, (_, shares) in GRAY_PROJECTIONS.items():
        app.selectbox(key="k_planes").set_value(key).run()
        _, given = app.session_state[f"{pixel_inspector.KEY}-given"]
        sobel = CATALOGUE["sobel_x"].kernel()
        np.testing.assert_allclose(given["kernel"], [sobel * share for share in shares])


def test_what_is_changed_in_the_inspector_is_in_the_link_and_comes_back(open_page: OpenPage) -> None:
    app = open_page("kernels")
    set_in_the_browser(app, kernel=[[[0.5, 0.5]]], window=[1, 2], stride=[2, 2], padding="wrap")
    app.run()
    assert "The weights sum to **1**" in words(app)
    link = {"k": "1x2:0.5,0.5", "k_stride": "2", "k_padding": "wrap"}
    assert dict(app.query_params) == link
    old = Chain((Filter((((0.5, 0.5),),), stride=2, padding="wrap"),)).to_json()
    for parameters in (link, {"k_edit": old}, {"k_edit": old, "k_tab": "The kernel itself"}):
        again = open_page("kernels", **parameters)
        assert "The weights sum to **1**" in words(again)
        assert dict(again.query_params).items() >= link.items()
    set_in_the_browser(again, kernel=[CATALOGUE["sobel_x"].kernel().tolist()], window=[3, 3])  # "Put it back"
    again.run()
    assert "The weights sum to **0**" in words(again)
    assert "k" not in again.query_params


def test_another_kernel_is_as_it_is_and_the_changes_wait_for_their_own(open_page: OpenPage) -> None:
    app = open_page("kernels")
    set_in_the_browser(app, kernel=[[[3.0]]], window=[1, 1])
    app.run()
    app.selectbox(key="k_kernel").set_value("sobel_y").run()
    assert "The weights sum to **0**" in words(app)
    app.selectbox(key="k_kernel").set_value("sobel_x").run()
    assert app.query_params["k"] == "3"
    assert f"The weights sum to **{numbers.rounded(3.0)}**" in words(app)


@pytest.mark.parametrize("link", ["", '{"filters":[{"grids":[[[1e308]]]}]}', "[" * 10_000])
def test_a_damaged_link_is_a_sentence_and_the_page_stands(open_page: OpenPage, link: str) -> None:
    """What else may be damaged: tests/images/test_filter_chain.py."""
    for parameters in ({"k_edit": link}, {"k": link}):
        app = open_page("kernels", **parameters, k_kernel="no such", k_picture="none")
        assert "The weights sum to **0**" in words(app)
        assert "The page shows the kernel of the catalogue instead." in words(app) or not link
        assert "k" not in app.query_params


def test_a_filter_that_does_not_fit_says_so(open_page: OpenPage) -> None:
    app = open_page("kernels", k_picture="MNIST digit")
    set_in_the_browser(app, kernel=[[[1.0] * 11] * 11], window=[11, 11], padding="valid", dilation=[4, 4])
    app.run()
    assert "use a smaller kernel" in app.error[0].value
    assert not app.exception


def test_filters_in_a_row(open_page: OpenPage) -> None:
    app = open_page("kernels", k_tab="chain")
    app.selectbox(key="k_then_2").set_value("gaussian").run()
    app.selectbox(key="k_then_3").set_value("laplacian_4").run()
    assert not app.exception
    assert not app.error


def test_examples_of_filters_in_a_row(open_page: OpenPage) -> None:
    app = open_page("kernels", k_tab="chain")
    for title, names in filter_chain.EXAMPLES.items():
        app.button(key=f"question_row_{title}").click().run()
        assert not app.exception
        assert [app.selectbox(key=key).value for key in filter_chain.DEFAULTS] == [*names, *["none"] * (4 - len(names))]
        assert set(names) <= {*CATALOGUE, "page"}


def test_blur_then_edges_blurs_first(open_page: OpenPage) -> None:
    """Whatever the page's kernel is: here it finds edges itself."""
    app = open_page("kernels", k_tab="chain", k_kernel="Sobel x")
    assert app.selectbox(key="k_then_1").value == "page"
    app.button(key="question_row_Blur, then edges").click().run()
    first, second, *rest = (app.selectbox(key=key).value for key in filter_chain.DEFAULTS)
    assert CATALOGUE[str(first)].kernel().sum() == pytest.approx(1)
    assert CATALOGUE[str(second)].kernel().sum() == pytest.approx(0)
    assert rest == ["none", "none"]


def test_the_colors_are_in_the_link(open_page: OpenPage) -> None:
    app = open_page("kernels")
    kernel = CATALOGUE["sobel_x"].kernel()
    kernel[0, 0] = -3
    set_in_the_browser(app, kernel=[kernel.tolist()], scale="shared")
    app.run()
    assert app.query_params["k"] == "-3,0,1,-2,0,2,-1,0,1"
    assert "shared" in app.query_params["k_scale"]
    again = open_page("kernels", k_scale="shared")
    _, given = again.session_state[f"{pixel_inspector.KEY}-given"]
    assert given["scale"] == "shared"
    assert "k_scale" in again.query_params


def test_the_pinned_pixel_is_in_the_link(open_page: OpenPage) -> None:
    app = open_page("kernels")
    set_in_the_browser(app, pinned=[82, 69])
    app.run()
    assert app.query_params["k_at"] == "83,70"
    again = open_page("kernels", k_at="83,70")
    assert again.session_state[f"{pixel_inspector.KEY}-given"][1]["pinned"] == (82, 69)
    again.selectbox(key="k_kernel").set_value("box").run()
    assert again.session_state[f"{pixel_inspector.KEY}-given"][1]["pinned"] == (82, 69)
    set_in_the_browser(again, pinned=None)
    again.run()
    assert "k_at" not in again.query_params
    for wrong in ("0,1", "1", "a,b", "1,2,3", "1000,1"):
        assert "Pinned pixel" in open_page("kernels", k_at=wrong).warning[0].value


def test_a_plane_of_zeros_has_no_rank(open_page: OpenPage) -> None:
    app = open_page("kernels", k_tab="kernel", k_colors=COLORS["depth"], k_planes="red_green")
    assert "27 weights" in words(app)
    assert "rank 1" in words(app)
    app.segmented_control(key="k_plane").set_value("blue").run()
    assert app.query_params["k_plane"] == "blue"
    assert "the filter ignores blue" in words(app)
    assert "rank 1" not in words(app)


def test_the_link_names_all_that_was_set(open_page: OpenPage) -> None:
    app = open_page("kernels", k_tab="export", k_picture="Coffee", k_kernel="Emboss")
    link = app.code[-1].value
    assert "k_picture=coffee" in link
    assert "k_kernel=emboss" in link
    assert [b.proto.label for b in app.get("download_button")] == ["Picture", "Kernel as Python"]
