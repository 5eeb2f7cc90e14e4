"""The capsules page's trained network, over the network that comes with the app, asked in this process."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import data
from core.images.digit_reader import PEN_WIDTHS, draw_digit
from core.insight import capsules
from core.insight.loaded_network import load
from core.insight.pretrained import FOLDER, PAIRS, network
from core.runs.inference_client import InferenceError, decode_array
from core.runs.inference_server import QUERIES
from core.runs.measurement_cache import MeasurementCache
from core.ui.backend import client
from core.ui.components import drawing_pad
from core.ui.display import numbers
from core.ui.views.capsules import trained_pairs
from core.ui.views.capsules.trained_digit import NETWORK
from core.ui.widgets import progressive
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
ONE = np.array([[140.0, 40.0], [140.0, 240.0]])  # the stroke of a 1


class Direct:
    """Answers as the inference process does, in this one."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.refused = ""

    def warm_up(self) -> None:
        """Nothing to start."""

    def file(self, name: str) -> str:
        return str(FOLDER / f"{name}.safetensors")

    def query(self, question: str, **values: Any) -> Any:
        self.questions.append(question)
        if self.refused:
            raise InferenceError(self.refused)
        return QUERIES[question](**values)


@pytest.fixture
def inference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: object) -> Direct:
    direct, kept = Direct(), MeasurementCache(tmp_path)
    monkeypatch.setattr(client, "inference", lambda: direct)
    monkeypatch.setattr(client, "measures", lambda: kept)
    monkeypatch.setattr(progressive, "CHUNK_SECONDS", 60.0)  # AppTest has no ticks
    return direct


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html")).replace(numbers.SPACE, " ")


def words(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown).replace(numbers.SPACE, " ")


def lengths(app: AppTest) -> list[float]:
    return [float(text) for text in re.findall(r"<td>(\d\.\d\d)</td></tr>", html(app))]


def vectors(pixels: np.ndarray) -> np.ndarray:
    return capsules.look(load(network(NETWORK).file), pixels).vectors  # pixels: (1, 28, 28)


def test_the_lengths_are_those_of_torch_and_their_sum_is_told(inference: Direct, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="network")
    whole = data.load("mnist")
    found = np.linalg.norm(vectors(whole.test_images[1]), axis=1)
    assert lengths(app) == pytest.approx(found.tolist(), abs=0.0051)
    assert f"add up to **{found.sum():.2f}**" in words(app)
    assert f"Capsule {found.argmax()} is **{found.max():.2f}** long" in words(app)
    assert not app.error
    assert dict(app.query_params) == {"v_tab": "network"}
    set_state(app, v_net_digit=2)  # as the strip reports it
    assert app.query_params["v_net_digit"] == "2"
    assert lengths(app) == pytest.approx(np.linalg.norm(vectors(whole.test_images[2]), axis=1).tolist(), abs=0.0051)


def test_a_drawn_digit_is_asked_as_mnist_has_it(
    inference: Direct, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("capsules", v_tab="network", v_net_source="draw")
    assert not lengths(app)  # nothing drawn yet
    assert not inference.questions
    monkeypatch.setattr(drawing_pad, "pad", lambda *_: [ONE])
    app.run()
    assert not app.exception
    expected = np.linalg.norm(vectors(draw_digit([ONE], PEN_WIDTHS[drawing_pad.DEFAULT_PEN])[None]), axis=1)
    assert lengths(app) == pytest.approx(expected.tolist(), abs=0.0051)
    assert expected.argmax() == 1


def test_the_grid_moves_each_number_in_the_papers_steps(inference: Direct, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="network", v_net_part="grid")
    assert not app.exception
    assert "of the 16 numbers of capsule" in words(app)


def test_effects_are_measured_in_parts_and_kept(inference: Direct, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="network", v_net_part="effects")
    labels = data.load("mnist").test_labels
    digit = int(labels[1])
    count = min(200, int((labels == digit).sum()))
    assert f"over {count} test digits labeled {digit}" in html(app)
    assert len(re.findall(r"<th scope=row>\d+</th>", html(app))) == 16
    asked = inference.questions.count("capsule_effects")
    assert asked == -(-count // 25)
    open_page("capsules", v_tab="network", v_net_part="effects")
    assert inference.questions.count("capsule_effects") == asked  # from the cache


def test_coefficients_of_each_iteration_are_shown(inference: Direct, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="network", v_net_part="routing", v_net_iteration="1")
    cells = re.findall(r'<td style="[^"]+">(\.\d\d)</td>', html(app))
    assert len(cells) == 160  # ten classes at 4 x 4 positions
    assert set(cells) == {".10"}
    app.slider(key="v_net_iteration").set_value(5).run()
    later = [float(cell) for cell in re.findall(r'<td style="[^"]+">(\.\d\d)</td>', html(app))]
    assert max(later) > 0.1
    assert app.query_params["v_net_iteration"] == "5"


def test_pairs_tell_how_often_both_are_found(inference: Direct, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="network", v_net_part="pairs", v_net_pair="7")
    whole = data.load("mnist")
    both = []
    for file in (FOLDER / f"{PAIRS}.safetensors", network(NETWORK).file):
        measured = QUERIES["capsule_pairs"](str(file), whole.info.name, 200, 0)
        found, labels = (np.sort(decode_array(measured[name]), axis=1) for name in ("found", "labels"))
        both.append(float((found == labels).all(axis=1).mean()))
    assert both[0] > 0.5 > both[1]
    for share in both:
        assert f"in **{numbers.percent(share, 0)}**".replace(numbers.SPACE, " ") in words(app)
    assert html(app).count("<figure>") == 5
    assert len(lengths(app)) == 10


def test_two_colors_add_up() -> None:
    mixed = trained_pairs.two_colors(np.array([[1.0, 0.0, 1.0]]), np.array([[0.0, 0.5, 1.0]]))
    assert mixed[0, 0].tolist() == [0xE6, 0x9F, 0x00]
    assert mixed[0, 1].tolist() == [43, 90, 116]  # half of 56 B4 E9
    assert mixed[0, 2].tolist() == [255, 255, 233]


@pytest.mark.parametrize("part", ["sliders", "grid", "effects", "routing", "pairs"])
def test_a_bad_link_and_a_silent_network_are_sentences(inference: Direct, open_page: OpenPage, part: str) -> None:
    inference.refused = "The network does not answer."
    bad = {"v_net_digit": "-1", "v_net_iteration": "9", "v_net_pair": "x", "v_net_source": "camera"}
    app = open_page("capsules", v_tab="network", v_net_part=part, **bad)
    assert [error.value for error in app.error] == ["The network does not answer."]
    used = {"sliders": "v_net_digit", "pairs": "v_net_pair"}.get(part, "v_net_source")
    assert used not in app.query_params
    assert len(app.warning) == 1
