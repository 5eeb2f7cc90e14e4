"""What a person set stays: over other pages, in links, and until they start afresh. What cannot be is named."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.state.kept_page import PREFIXES
from tests.pages.conftest import opened
from tests.pages.hostile import NEVER, keys

Open = Callable[..., AppTest]
EDIT = '{"filters":[{"grids":[[[0,0,0],[0,2,0],[0,0,0]]],"name":"","padding":"reflect"}]}'
SET: dict[str, dict[str, str]] = {
    "instructor": {"t_tab": "lesson"},
    "kernels": {"k_kernel": "box", "k_size_box": "5", "k_picture": "cat", "k_tab": "chain", "k_then_2": "sobel_x"},
    "frequency": {"f_waves": "20-45-80-10", "f_radius": "40", "f_pass": "high", "f_tab": "aliasing", "f_every": "3"},
    "filters": {
        "l_filters": "gaussian,own_a",
        "l_edits": '{"own_a":{"bias":0.5}}',
        "l_plane": "own_a",
        "l_stride": "2",
    },
    "layer_calculator": {
        "c_w": "20",
        "c_k": "16",
        "c_net": '[[1,28,28],["Flatten"],["Linear",10]]',
        "c_tab": "inverse",
    },
    "pooling": {"p_kind": "average", "p_f": "3", "p_tab": "shift", "p_curves": "min,l2"},
    "mnist": {"m_epochs": "7", "m_images": "2000", "m_rate": "0.001", "m_third": "true", "m_aug_shift": "4"},
    "augmentation": {"a_seed": "12", "a_pipeline": "none", "a_tab": "cost"},
    "invariance": {"i_dx": "3", "i_scale": "1.5", "i_along": "rotate", "i_tab": "equivariance", "i_filter": "2"},
    "capsules": {"v_scene": "face", "v_iterations": "2"},
    "anatomy": {"n_layer": "4", "n_plane": "2", "n_image": "3", "n_tab": "prediction"},
    "cifar": {"ci_aim": "cifar-exercise", "ci_epochs": "9", "ci_seed": "4", "ci_tab": "ablation"},
    "runs": {"r_axis": "seconds", "r_group": "r_rate", "r_states": "running,failed", "r_find": "late"},
}


def go(app: AppTest, page: str, **link: str) -> AppTest:
    """Go to a page as a browser does: with the parameters of a link, or with none."""
    app.query_params.clear()
    app.query_params.update(link)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, [error.value for error in app.exception]
    return app


@pytest.mark.parametrize("page", PREFIXES)
def test_home_and_back_loses_nothing_until_the_page_is_started_afresh(open_page: Open, page: str) -> None:
    app = open_page(page, **SET[page])
    assert dict(app.query_params) == SET[page]
    assert not app.warning
    assert not dict(go(app, "home").query_params)
    assert dict(go(app, page).query_params) == SET[page]
    assert dict(app.run().query_params) == SET[page]
    app.button(key="start_afresh").click().run()
    assert not app.exception
    assert not dict(app.query_params)
    assert not dict(go(go(app, "home"), page).query_params)


def test_a_link_wins_over_what_the_session_holds(open_page: Open) -> None:
    app = open_page("kernels", k_kernel="box", k_picture="cat")
    go(go(app, "home"), "kernels", k_kernel="gaussian")
    assert dict(app.query_params) == {"k_kernel": "gaussian"}
    assert app.session_state["k_picture"] != "cat"


def test_a_widget_out_of_sight_keeps_its_value(open_page: Open) -> None:
    app = open_page("mnist", m_third="true", m_aug_shift="4")
    app.toggle(key="m_third").set_value(False).run()
    assert not dict(app.query_params)
    app.toggle(key="m_third").set_value(True).run()
    assert app.slider(key="m_aug_shift").value == 4
    assert dict(app.query_params) == {"m_third": "true", "m_aug_shift": "4"}


def test_an_edited_kernel_comes_back_with_its_kernel(open_page: Open) -> None:
    app = open_page("kernels", k_edit=EDIT)
    edited = app.query_params["k"]
    assert edited == "0,0,0,0,2,0,0,0,0"
    app.selectbox(key="k_kernel").set_value("laplacian_8").run()
    assert "k" not in app.query_params
    app.selectbox(key="k_kernel").set_value("sobel_x").run()
    assert app.query_params["k"] == edited


def test_a_value_that_cannot_be_is_named_and_leaves_the_url(open_page: Open) -> None:
    app = open_page("mnist", m_epochs="999999", m_budget="Nope", m_batch="64")
    (warning,) = [one.value for one in app.warning]
    assert re.search(r"Epochs 999999 is more than 20: 3 is used", warning)
    assert "Nope" in warning
    assert dict(app.query_params) == {"m_batch": "64"}
    app.slider(key="m_epochs").set_value(4).run()
    assert dict(app.query_params) == {"m_batch": "64", "m_epochs": "4"}


LONGEST_QUERY = 500_000  # characters, encoded; Streamlit passes over a query string of more than 524,288


@pytest.mark.nightly
@pytest.mark.parametrize("page", PREFIXES)
def test_no_key_takes_what_cannot_be(service: Any, page: str) -> None:
    """One value in all keys at once; by default each key has another (tests/pages/test_hostile.py)."""
    most = min(7_000, LONGEST_QUERY // (len(quote("[")) * len(keys(page))))
    for text in NEVER:
        app = opened(page, dict.fromkeys(keys(page), text[:most]))
        assert app.warning or app.error, text[:40]
        assert text[:most] not in dict(app.query_params).values(), text[:40]


@pytest.mark.parametrize(
    ("page", "key"),
    [("layer_calculator", "c_pasted"), ("augmentation", "a_json"), ("mnist", "m_load_text"), ("cifar", "ci_load_text")],
)
def test_a_pasted_text_waits_until_it_is_loaded_or_the_page_started_afresh(
    open_page: Open, page: str, key: str
) -> None:
    app = open_page(page, **({"c_view": "network"} if page == "layer_calculator" else {}))
    app.text_area(key=key).set_value("not read yet").run()
    go(go(app, "home"), page)
    assert app.text_area(key=key).value == "not read yet"
    app.button(key="start_afresh").click().run()
    assert not any(one.value for one in app.text_area)
    assert key not in app.session_state or not app.session_state[key]
