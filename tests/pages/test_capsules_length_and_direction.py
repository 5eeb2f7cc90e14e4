"""The claim's part of the capsules page, over networks whose lengths and directions the test decides."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.insight.transforms import sample_indices
from core.runs.inference_client import InferenceError, decode_array, encode_array
from core.runs.measurement_cache import MeasurementCache
from core.ui.backend import client, measurements
from core.ui.display import numbers
from core.ui.views.capsules.length_and_direction_measurement import STEPS
from core.ui.views.capsules.length_and_direction_sentences import reading
from core.ui.widgets import progressive
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]


class FakeInference:
    """Capsules whose length stays at 0.9 and that turn as far as the digit; a CNN that loses 0.01 for each degree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, int]] = []
        self.refused = ""

    def warm_up(self) -> None:
        """Nothing to start."""

    def file(self, network: str) -> str:
        path = self.folder / network
        if not path.exists():
            path.write_text(network)
        return str(path)

    def query(self, question: str, **values: Any) -> Any:
        if self.refused:
            raise InferenceError(self.refused)
        self.asked.append((question, len(values.get("moves", []))))
        return getattr(self, question)(**values)

    def followed(self, network: str, dataset: str, count: int, seed: int, moves: list[list[float]]) -> dict[str, str]:
        angles = np.array([[move[2]] for move in moves], np.float32)
        noise = np.linspace(-0.01, 0.01, count, dtype=np.float32)
        fall = 0.01 * np.abs(angles) * ("cnn" in network)
        turned = np.abs(angles) * np.ones(count, np.float32)
        steps = np.abs(np.diff(angles, axis=0)) * np.ones(count, np.float32)
        if "cnn" in network:  # all of its way in one step
            steps = np.where(angles[1:] == 7.5, steps * 24, 0).astype(np.float32)
        found = {"estimates": 0.9 - fall + noise, "turned": turned, "steps": steps, "others": 20 + noise}
        return {name: encode_array(values.astype(np.float32)) for name, values in found.items()}

    def moved_pictures(self, picture: str, moves: list[list[float]]) -> str:
        return encode_array(np.stack([decode_array(picture)] * len(moves)))

    def affnist_answers(self, network: str, dataset: str, count: int, seed: int) -> dict[str, str]:
        whole = measurements.test_set(dataset).test_labels
        labels = whole[sample_indices(len(whole), count, seed)].astype(np.uint8)
        wrong = np.arange(len(labels)) % (4 if "capsule" in network else 10) == 0
        return {
            "placed": encode_array(labels),
            "affnist": encode_array(np.where(wrong, (labels + 1) % 10, labels).astype(np.uint8)),
            "pictures": encode_array(np.zeros((8, 40, 40), np.uint8)),
        }


@pytest.fixture
def inference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: object) -> FakeInference:
    fake = FakeInference(tmp_path)
    monkeypatch.setattr(client, "inference", lambda: fake)
    kept = MeasurementCache(tmp_path)
    monkeypatch.setattr(client, "measures", lambda: kept)
    monkeypatch.setattr(progressive, "CHUNK_SECONDS", 60.0)  # AppTest has no ticks
    return fake


def text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown).replace(numbers.SPACE, " ")


def test_the_verdict_is_what_was_measured(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="claim")
    page = text(app)
    assert "from 0.90 to 0.90: **it stays**. It keeps within 0.05 from −90° to 90°." in page
    assert "from 0.90 to 0.45: it falls by 0.45 more, and keeps within 0.05 only where it is unmoved." in page
    assert "turned by 45°; two digits of a class differ by 20°" in page
    assert "largest step is 1.0 times the mean one: **it turns smoothly**" in page
    assert "with steps of up to 24.0 times the mean" in page
    table = app.dataframe[0].value.set_index("Network")
    assert table.loc["CNN", "Falls by"] == "0.45 (0.45 to 0.45)"
    assert "At equal accuracy on digits that are only shifted (capsules 100.0 %, CNN 100.0 %)" in page
    assert re.search(r"on digits like affNIST's the capsules are 15.0 points behind \(1[12].\d to 1[78].\d\)", page)
    assert len(app.get("vega_lite_chart")) == 3
    assert [count for question, count in inference.asked if question == "followed"] == 8 * [STEPS + 1]


def test_another_motion_is_measured_and_another_digit_is_not(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("capsules", v_tab="claim", v_claim_move="Shift")
    assert "Shifted right by 4 px" in text(app)
    asked = len(inference.asked)
    set_state(app, v_claim_example=2)  # as the strip reports it
    assert app.query_params["v_claim_example"] == "2"
    assert {question for question, _ in inference.asked[asked:]} == {"moved_pictures"}
    assert not app.exception


def test_what_is_known_is_drawn_while_the_rest_is_on_its_way(
    inference: FakeInference, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progressive, "CHUNK_SECONDS", 0.0)
    app = open_page("capsules", v_tab="claim")
    assert [bar.proto.text for bar in app.get("progress")] == ["0 of 25 places measured", "0 of 2 networks measured"]
    assert [question for question, _ in inference.asked].count("followed") == 2  # a part of each network
    app.run()
    assert app.get("progress")[0].proto.text == "13 of 25 places measured"  # once more as the record is whole
    assert len(app.get("vega_lite_chart")) == 3
    assert not app.dataframe


def test_a_query_without_an_answer_is_a_sentence(inference: FakeInference, open_page: OpenPage) -> None:
    inference.refused = "There was no answer within 60 seconds. Try again."
    app = open_page("capsules", v_tab="claim")
    assert inference.refused in [error.value for error in app.error]


def test_places_that_hold_around_the_unmoved_one() -> None:
    still, estimates = 2, np.array([0.2, 0.88, 0.9, 0.89, 0.86, 0.7, 0.9])[:, None] * np.ones(5)
    found = {
        "estimates": estimates,
        "turned": np.zeros((7, 5)),
        "steps": np.ones((6, 5)),
        "others": np.ones(5),
    }
    assert reading(found, 0, still).stays == (1, 4)
