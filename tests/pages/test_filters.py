"""The page "How do filters become a layer?": every control and what it changes; links, also damaged ones; networks."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.images.sample_pictures import SAMPLES
from core.insight import pretrained
from core.runs import run_files
from core.runs.run import FINISHED, StoreUnavailable
from core.training.presets import PRESETS
from core.ui.views.filters import layer, layer_controls, learned_filters
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
COUNT, LEARNED, CONNECT = "shapes", "learned", "connectivity"


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "info", "error", "warning", "latex")
    return " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))


def shown(app: AppTest, place: int = 0) -> dict[str, Any]:
    """What the page gives to the drawing: the page's own, or (1) the learned one below it."""
    stacks = [e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.filter_layer"]
    return json.loads(stacks[place].proto.json)


def noticed(app: AppTest) -> str:
    """What to notice, as the page gives it to its drawing."""
    return " ".join(shown(app)["notice"])


def in_the_browser(app: AppTest, key: str = layer_controls.KEY, **changed: Any) -> None:
    """What the drawing reports after a person has changed something in it."""
    serial = int(app.session_state[f"{key}-serial"]) if f"{key}-serial" in app.session_state else 0
    app.session_state[key] = {"view": {"serial": serial, "version": 1, "selected": "sobel_x", "edits": {}, **changed}}


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("filters")
    assert app.title[0].value == "How do filters become a layer?"
    assert "5 filters of 1 × 3 × 3 make 5 planes of 85 × 128" in noticed(app)
    assert [one["key"] for one in shown(app)["filters"]] == list(layer_controls.DEFAULT_FILTERS)
    assert "5 · 3 · 3 · 1 + 5 = 50" in words(app)
    assert "5 · 3 · 3 · 3 + 5 = 140" in words(app)
    assert not {key for key in app.query_params if key.startswith("l_")}


def test_every_picture(open_page: OpenPage) -> None:
    app = open_page("filters")
    for key in SAMPLES:
        set_state(app, l_picture=key)
        assert not app.exception, key
        assert not app.error, key
        assert max(shown(app)["image"]["shape"]) <= 128


def test_a_digit(open_page: OpenPage) -> None:
    app = open_page("filters")
    set_state(app, l_picture="mnist")
    assert "5 planes of 28 × 28" in noticed(app)
    assert "This picture is gray" in words(app)
    set_state(app, l_image=9)
    assert not app.exception


def test_color(open_page: OpenPage) -> None:
    app = open_page("filters", l_depth="Color")
    assert "5 filters of 3 × 3 × 3 make 5 planes of 85 × 128" in noticed(app)
    assert "color channels are combined" in noticed(app)
    given = shown(app)
    assert given["image"]["shape"] == [3, 85, 128]
    assert all(len(one["weights"]) == 3 for one in given["filters"])
    assert set(given["mixes"]) == set(layer.MIXES)


def test_relu(open_page: OpenPage) -> None:
    app = open_page("filters")
    assert "Without ReLU" in noticed(app)
    app.toggle(key="l_relu").set_value(True).run()
    assert shown(app)["notice"][0].startswith("ReLU keeps positive values")
    assert shown(app)["relu"] is True
    app.segmented_control(key="l_size").set_value(5).run()
    assert shown(app)["notice"][0].startswith("5 filters of 1 × 5 × 5")


@pytest.mark.parametrize("size", layer.SIZES)
def test_size_stride_and_padding(open_page: OpenPage, size: int) -> None:
    app = open_page("filters", l_size=str(size))
    given = shown(app)
    assert len(given["filters"][0]["weights"][0]) == size
    assert given["border"] == size // 2
    app.segmented_control(key="l_padding").set_value("valid").run()
    assert shown(app)["border"] == 0
    assert f"5 planes of {86 - size} × {129 - size}" in noticed(app)
    app.segmented_control(key="l_stride").set_value(2).run()
    assert shown(app)["stride"] == 2
    assert f"5 planes of {(85 - size) // 2 + 1} × {(128 - size) // 2 + 1}" in noticed(app)
    assert not app.exception


def test_every_filter_of_the_catalogue(open_page: OpenPage) -> None:
    app = open_page("filters")
    for first in range(0, len(layer.KERNELS), layer_controls.MAX_FILTERS):
        keys = list(layer.KERNELS)[first : first + layer_controls.MAX_FILTERS]
        app.multiselect(key="l_filters").set_value(keys).run()
        assert not app.exception
        assert [one["key"] for one in shown(app)["filters"]] == keys


def test_one_filter_and_none(open_page: OpenPage) -> None:
    app = open_page("filters")
    app.multiselect(key="l_filters").set_value(["box"]).run()
    assert "1 filter of 1 × 3 × 3" in noticed(app)
    app.multiselect(key="l_filters").set_value([]).run()
    assert not app.exception
    assert "A layer needs at least one filter" in words(app)
    assert [button.label for button in app.button if button.label == "Start afresh"]  # the page keeps its foot


def test_draw_one(open_page: OpenPage) -> None:
    app = open_page("filters")
    app.button(key="l_draw").click().run()
    given = shown(app)
    assert given["filters"][-1]["title"] == "Your filter A"
    assert given["filters"][-1]["weights"] == [[[0.0] * 3] * 3]
    assert given["selected"] == "own_a"
    in_the_browser(app, selected="own_a", edits={"own_a": {"weights": [[[0, 0, 0], [0, 2, 0], [0, 0, 0]]]}})
    app.run()
    assert "2.0" in app.query_params["l_edits"]
    assert shown(app)["notice"][0].startswith("You changed Your filter A: its weights add up to 2,")
    app.button(key="l_draw").click().run()
    assert shown(app)["filters"][-1]["title"] == "Your filter B"
    assert app.button(key="l_draw").disabled


def test_what_the_person_changes_is_said_kept_in_the_link_and_dropped(open_page: OpenPage) -> None:
    app = open_page("filters")
    in_the_browser(app, selected="gaussian", edits={"gaussian": {"bias": -0.25}})
    app.run()
    assert shown(app)["notice"][0].startswith("The bias of Gaussian blur adds −0.25")
    assert json.loads(app.query_params["l_edits"]) == {"gaussian": {"bias": -0.25}}
    assert app.query_params["l_plane"] == "gaussian"
    others = app.multiselect(key="l_filters").set_value(["sobel_x"]).run()
    assert json.loads(others.query_params["l_edits"]) == {"gaussian": {"bias": -0.25}}  # chosen again, it is as edited
    again = open_page("filters", l_edits=app.query_params["l_edits"], l_plane="gaussian")
    assert "The bias of Gaussian blur adds −0.25" in noticed(again)
    assert shown(again)["edits"] == {"gaussian": {"bias": -0.25}}
    next(button for button in again.button if button.label == "Reset all filters").click().run()
    assert "The bias is one number per plane" in noticed(again)
    assert "l_edits" not in again.query_params
    assert shown(again)["serial"] == 1


BROKEN = {"l_plane": "<script>", "l_filters": "nonsense", "l_size": "4", "l_stride": "-1", "l_depth": "x"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"l_edits": "{", "l_picture": "../../etc/passwd", **BROKEN},
        {"l_edits": "[" * 10_000, "l_tab": LEARNED, "l_network": "../weights", "l_learned": "99"},
        {
            **{"l_edits": '{"sobel_x":{"bias":1e400,"weights":[[[1,2],[3]]]}}'},
            **{"l_tab": CONNECT, "l_side": "10000", "l_wiring": "x"},
        },
    ],
)
def test_a_damaged_link_shows_the_page(open_page: OpenPage, parameters: dict[str, str]) -> None:
    app = open_page("filters", **parameters)
    assert "make 5 planes of 85 × 128" in noticed(app)
    assert not app.error


def test_shapes_and_parameters(open_page: OpenPage) -> None:
    app = open_page("filters", l_stride="2")
    assert r"\frac{128 - 3 + 2 \cdot 1}{2}" in words(app)
    assert r"K \cdot F \cdot F \cdot D_{\text{in}} + K" in words(app)
    assert "MACs" not in words(app)
    assert "This block, in a second layer, 5 × 85 × 128" in words(app)


@pytest.mark.parametrize("name", learned_filters.PRETRAINED)
def test_a_network_that_comes_with_the_app(open_page: OpenPage, name: str) -> None:
    app = open_page("filters", l_tab=LEARNED)
    app.selectbox(key="l_network").set_value(name).run()
    weights = pretrained.first_layer(name)
    given = shown(app, 1)
    assert len(given["filters"]) == len(weights) == 16
    assert given["filters"][3]["weights"] == weights[3].tolist()
    assert given["filters"][3]["twin"]["weights"]
    assert given["image"]["shape"][0] == weights.shape[1]
    assert given["normalize"]["mean"] == list(pretrained.network(name).mean)
    assert re.search(rf"training adjusted {weights.size:,} random weights", words(app))
    assert f"of {weights.shape[1]} × {weights.shape[-1]} × {weights.shape[-1]} drawn at random" in words(app)


def test_a_learned_filter_is_kept_in_the_link(open_page: OpenPage) -> None:
    app = open_page("filters", l_tab=LEARNED)
    in_the_browser(app, "l_learned_cifar-cnn", selected="7")
    app.run()
    assert app.query_params["l_learned"] == "7"
    assert shown(open_page("filters", l_tab=LEARNED, l_learned="7"), 1)["selected"] == "7"


def test_a_network_of_the_mnist_page_comes_first(open_page: OpenPage, service: Any, tmp_path: Path) -> None:
    """A finished CNN of the store is offered; an MLP, one of shuffled pixels and one that trains are not."""
    cnn = pretrained.network("mnist-cnn").experiment
    shutil.copy(pretrained.network("mnist-cnn").file, tmp_path / run_files.WEIGHTS)
    for other in (PRESETS["mnist-mlp"].experiment, replace(cnn, shuffle_pixels=True), cnn):
        service.put(other, FINISHED, "me")
    service.put(replace(cnn, seed=1), "running", "me")
    service.recent = lambda limit=50: list(service.runs.values())
    app = open_page("filters", l_tab=LEARNED)
    network = app.selectbox(key="l_network")
    assert network.value == cnn.key
    assert network.options[0].startswith("Trained here: CNN, 16 filters of 3 × 3, 96.2")
    assert len(network.options) == 1 + len(learned_filters.PRETRAINED)
    assert shown(app, 1)["filters"][0]["weights"] == pretrained.first_layer("mnist-cnn")[0].tolist()
    (tmp_path / run_files.WEIGHTS).write_bytes(b"broken")
    broken = open_page("filters", l_tab=LEARNED)
    assert "missing or broken" in broken.error[0].value


def test_a_store_that_cannot_be_read_leaves_the_networks_of_the_app(open_page: OpenPage, service: Any) -> None:
    def recent(limit: int = 50) -> list[Any]:
        raise StoreUnavailable("The disk is full.")

    service.recent = recent
    app = open_page("filters", l_tab=LEARNED)
    assert app.selectbox(key="l_network").value == learned_filters.PRETRAINED[0]


def test_locally_and_fully_connected(open_page: OpenPage) -> None:
    app = open_page("filters", l_tab=CONNECT)
    assert "| Convolution | 9 | **9** |" in words(app)
    assert "| Locally connected | 9 | **7,056** |" in words(app)
    assert "| Fully connected | 784 | **614,656** |" in words(app)
    assert "Sobel x at every position" in words(app)
    app.select_slider(key="l_side").set_value(64).run()
    assert "| Fully connected | 4,096 | **16,777,216** |" in words(app)
    assert "larger than to scale" in words(app)
    for way in ("local", "full"):
        app.segmented_control(key="l_wiring").set_value(way).run()
        assert not app.exception
        assert "Random weights" in words(app)


def test_the_ten_units_of_the_linear_classifier(open_page: OpenPage) -> None:
    app = open_page("filters", l_tab=CONNECT)
    assert words(app).count("The weights of the unit for") == 10
    assert f"{100 * pretrained.network('mnist-linear').accuracy:.1f}" in words(app)


@pytest.fixture(autouse=True)
def _no_runs(service: Any) -> None:
    service.recent = lambda limit=50: []
