"""What the browser is sent of a network while it trains: the present weights, filters and answers of the run."""

from typing import Any

import numpy as np
import pytest

from core.data import DatasetInfo, info
from core.layers.builders import cnn, mlp
from core.runs.history_cache import Frames, framed
from core.runs.run import RUNNING
from core.training.events import encode_float16, encode_uint8
from core.training.experiment import Experiment
from core.ui.backend.redrawn_fragments import Group
from core.ui.display import colors
from core.ui.run_panels import example_runs, live_drawing
from tests.made_runs import made_run

LAYERS = cnn(1, 4, 3, dense=16)


@pytest.fixture
def digits() -> DatasetInfo:
    return info("mnist-5k")


def frame(summary: dict[str, Any], *events: dict[str, Any]) -> Frames:
    experiment = Experiment(layers=LAYERS, data="mnist-5k", train_images=100)
    run = made_run(experiment, RUNNING, summary=summary)
    return framed(run, events)


def live(rows: list[int], answers: list[int]) -> dict[str, Any]:
    levels = np.full((4, 1, 3, 3), 128, np.uint8)
    return {
        "step": 5,
        "epoch": 0.5,
        "rows": rows,
        "answers": answers,
        "shares": [0.62] * len(rows),
        "filters": encode_uint8(levels),
        "dense": [encode_float16(np.full((9, 9), 1.0)), encode_float16(np.zeros((9, 9)))],
    }


def test_before_a_run_there_are_ten_pictures_without_an_answer(digits: DatasetInfo) -> None:
    found = live_drawing.described(LAYERS, colors.CNN, digits, live_drawing.state_of(None))
    assert [answer["text"] for answer in found["answers"]] == ["?"] * 10
    assert [answer["words"][0] for answer in found["answers"]] == list("0123456789")
    assert found["pictures"]["width"] == 10 * 28
    assert (found["wires"], found["filters"]) == ([], None)
    assert found["drawing"].count('class="fan"') == 2


def test_the_latest_state_of_a_run_marks_what_is_wrong(digits: DatasetInfo) -> None:
    rows = list(live_drawing.first_rows("mnist-5k"))
    answers = [*range(9), 4]  # the nine is taken for a four
    state = live_drawing.state_of(frame({"live": live(rows, answers)}))
    found = live_drawing.described(LAYERS, colors.CNN, digits, state)
    assert [answer["wrong"] for answer in found["answers"]] == [False] * 9 + [True]
    assert found["answers"][9]["words"] == "4, 62\u202f%: wrong, it is 9"
    assert "1 of 10 wrong" in found["caption"]
    fans = [set(widths) for widths in found["wires"]]
    assert fans == [{0.95}, {0.15}]  # px, of weights of 1 and of 0
    # as many lines as the drawing has ends: nine units to nine
    assert [len(widths) for widths in found["wires"]] == [81, 81]
    assert found["filters"]["width"] == 2 * 3 + 1


def test_a_run_of_before_shows_its_last_snapshot(digits: DatasetInfo) -> None:
    answers = np.full((16, 10), 0.02)
    answers[:, 7] = 0.82
    kept = {"event": "snapshot", "step": 9, "epoch": 2.0, "filters": encode_float16(np.ones((4, 1, 3, 3)))}
    old = frame(
        {"step": 9}, {**kept, "answers": answers[::-1].tolist(), "epoch": 1.0}, {**kept, "answers": answers.tolist()}
    )
    state = live_drawing.state_of(old)
    assert state is not None
    assert (state.epoch, list(state.answers), state.dense) == (2.0, [7] * 10, ())
    found = live_drawing.described(LAYERS, colors.CNN, digits, state)
    assert len(found["answers"]) == 10
    assert found["wires"] == []
    assert live_drawing.state_of(frame({"step": 9})) is None


def test_an_mlps_units_stand_in_a_row(digits: DatasetInfo) -> None:
    pictures = live_drawing.filters(np.zeros((8, 1, 14, 14), np.float32), True)
    assert (pictures["width"], pictures["height"]) == (2 * (8 * 15 - 1), 28)
    found = live_drawing.described(mlp((16,)), colors.MLP, digits, None)
    assert 'class="front"' not in found["drawing"]


@pytest.mark.parametrize("page", ["m", "ci"])
def test_an_example_is_a_run_with_its_date_and_device(page: str) -> None:
    example = example_runs.load(page)
    assert example is not None
    assert "2026, on CPU, " in example.caption
    for curve in example.curves:
        frames = curve.frames
        assert curve.earlier
        assert frames.run.experiment.data in ("mnist", "cifar10")
        last = frames.evaluated[frames.evaluated["final"] == 1].iloc[-1]
        assert frames.run.summary["test_accuracy"] in frames.evaluated["accuracy"].tolist()
        assert last["pictures"] == frames.run.summary["test_images"]


def test_a_page_prepares_no_data(digits: DatasetInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold up every page of the server for a minute: a worker prepares it, and the page looks again."""
    monkeypatch.setattr(live_drawing.data, "opens_at_once", lambda name: False)
    monkeypatch.setattr(live_drawing.data, "load", lambda *_, **__: pytest.fail("the page loads the data"))
    found = live_drawing.described(LAYERS, colors.CNN, digits, None)
    assert (found["pictures"], found["answers"]) == (None, [])
    monkeypatch.setattr(live_drawing.redrawn_fragments, "fragment", lambda _, every: every)
    assert live_drawing.fragment(print, digits, Group(None)) == live_drawing.WAIT_SECONDS  # type: ignore[comparison-overlap]
    assert callable(live_drawing.fragment(print, digits, Group(0.5))), "it is drawn with the others"
