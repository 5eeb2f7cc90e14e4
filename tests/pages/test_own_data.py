"""A user's own zip of pictures on the pages that train."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.runs.run_files import PREDICTIONS, save_predictions
from core.ui.backend import client
from tests.pages.hostile import HOST
from tests.pages.reading import button, words
from tests.pages.test_hostile import loose

OpenPage = Callable[..., AppTest]


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, tuple[int, ...]], None]:
    """Puts a zip of 10 classes with 12 pictures each, of a shape of NumPy's, where the app looks for them."""
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
    client.own_datasets.clear()

    def make(name: str, shape: tuple[int, ...], classes: Sequence[object] = range(10)) -> None:
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for number in range(120):
                stream = io.BytesIO()
                Image.fromarray(np.full(shape, number, np.uint8)).save(stream, "PNG")
                archive.writestr(f"pets/{classes[number % 10]}/{number}.png", stream.getvalue())

    return make


@pytest.mark.parametrize(("page", "key", "shape"), [("mnist", "m_data", (28, 28)), ("cifar", "ci_data", (32, 32, 3))])
def test_a_set_that_fits_is_offered_and_trained_on(
    open_page: OpenPage, service: Any, bring: Any, page: str, key: str, shape: tuple[int, ...]
) -> None:
    bring("pets", shape)
    bring("large", (40, 40))
    app = open_page(page)
    assert "CNNLAB_DATA" in words(app)
    assert app.selectbox(key=key).options[1:] == ["pets"]
    app.selectbox(key=key).set_value("pets").run()
    assert not app.exception
    assert "There are no test pictures" in words(app)
    button(app, "Train both" if page == "mnist" else "Train").click().run()
    assert not app.exception
    assert {run.experiment.data.partition("@")[0] for run in service.runs.values()} == {"pets"}
    assert {run.experiment.train_images + run.experiment.held_out for run in service.runs.values()} == {100}
    client.own_datasets.clear()


NAMES = (f"www.{HOST}", f"me@{HOST}", "<img src=x>", "[a](b)", ":red[x]", "cat", "dog", "owl", "hen", "fox")


@pytest.mark.parametrize(
    ("page", "shape", "tabs"),
    [("mnist", (28, 28), ("digit", "mistakes")), ("cifar", (32, 32, 3), ("mistakes", "picture"))],
)
def test_results_have_the_names_of_its_classes_and_nothing_else_of_them(
    open_page: OpenPage, service: Any, bring: Any, page: str, shape: tuple[int, ...], tabs: tuple[str, ...]
) -> None:
    bring("pets", shape, NAMES)
    key, service.state = "m" if page == "mnist" else "ci", "finished"
    button(open_page(page, **{f"{key}_data": "pets"}), "Train both" if page == "mnist" else "Train").click().run()
    names = sorted(NAMES)
    labels = np.arange(20) % 10
    probabilities = np.eye(10)[labels]
    probabilities[:3] = np.eye(10)[names.index("[a](b)")]  # the most common mistake is of an attacker's name
    save_predictions(service.folder / PREDICTIONS, probabilities, np.where(np.arange(20) < 3, 0, labels))
    for tab in tabs:
        app = open_page(page, **{f"{key}_data": "pets", f"{key}_tab": tab})
        assert not app.exception
        assert loose(app) == []
        if tab == "mistakes":
            assert "of 20 test pictures; most often" in words(app)
            charts = [chart.proto.SerializeToString() for chart in app.get("vega_lite_chart")]
            assert b"owl" in b"".join(charts)
    client.own_datasets.clear()


def test_without_one_that_fits_there_is_no_choice(open_page: OpenPage, bring: Any) -> None:
    bring("large", (40, 40))
    app = open_page("mnist")
    assert "m_data" not in {box.key for box in app.selectbox}
    app = open_page("mnist", m_data="pets")
    assert not app.exception
    assert app.selectbox(key="m_data").value == "-"
    assert "pets" in words(app)  # that it is not here
    client.own_datasets.clear()


def test_its_pictures_are_picked_on_the_pages_that_show_one(open_page: OpenPage, bring: Any) -> None:
    bring("pets", (30, 40, 3))
    app = open_page("filters", l_picture="pets", l_image="7")
    assert not app.exception
    assert app.session_state["l_picture"] == "pets"
    assert dict(app.query_params) == {"l_picture": "pets", "l_image": "7"}
    strip = next(e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.picture_strip")
    pets = next(shown for shown in json.loads(strip.proto.json)["sets"] if shown["name"] == "pets")
    assert len(pets["thumbnails"]) == 10
    assert "pets:7" in {thumbnail["value"] for thumbnail in pets["thumbnails"]}
    client.own_datasets.clear()
