"""What a training tells of its network for the drawing that lives: little, seldom, and what it is."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core import data
from core.layers.builders import cnn, mlp
from core.layers.specs import Conv, Flatten, Linear, Network
from core.runs.recorder import summarized
from core.training.clock import Clock
from core.training.events import Checkpoint, Event, Live, Snapshot, decode_float16, decode_uint8
from core.training.experiment import RANGE, Experiment
from core.training.loop import train
from core.training.network_snapshot import LivePace

DIGITS = Experiment(layers=mlp((12,)), data="mnist-5k", train_images=256, epochs=2, batch_size=64, learning_rate=0.003)


def run(experiment: Experiment) -> list[Event]:
    return list(train(experiment, "cpu", threads=1))


def test_the_first_is_of_the_untrained_network_and_the_last_of_the_finished_one() -> None:
    events = run(DIGITS)
    live = [event for event in events if isinstance(event, Live)]
    weights = [event for event in events if isinstance(event, Checkpoint)][-1].tensors["model.1.weight"].numpy()
    assert (live[0].step, live[-1].step) == (0, 8)
    labels = data.load("mnist-5k").test_labels
    assert labels[live[0].rows].tolist() == list(range(10))
    assert all(label not in labels[:row] for row, label in zip(live[0].rows, range(10), strict=True))
    assert all(0 <= share <= 1 for share in live[-1].shares)
    # every ninth of the 784 inputs and of the 12 units, times the root of the inputs
    rows, columns = ([int((i + 0.5) * units / 9) for i in range(9)] for units in (12, 784))
    found = decode_float16(live[-1].dense[0])
    np.testing.assert_allclose(found, np.abs(weights[rows][:, columns]) * 28, rtol=2e-3, atol=1e-3)
    assert decode_float16(live[-1].dense[1]).shape == (9, 9)
    # the first layer is dense: each unit's weights as a small picture with a contrast of its own
    assert live[-1].filters is not None
    pictures = decode_uint8(live[-1].filters)
    assert pictures.shape == (12, 1, 14, 14)
    assert (np.abs(pictures.astype(int) - 128).max(axis=(1, 2, 3)) == 127).all()


def test_the_answers_are_those_of_the_last_test() -> None:
    events = run(replace(DIGITS, layers=cnn(1, 4, 3)))
    live = [event for event in events if isinstance(event, Live)][-1]
    answers = np.array([event for event in events if isinstance(event, Snapshot)][-1].answers)
    both = [(place, row) for place, row in enumerate(live.rows) if row < len(answers)]
    assert len(both) >= 5
    assert [live.answers[place] for place, _ in both] == [int(answers[row].argmax()) for _, row in both]
    assert live.filters is not None
    assert decode_uint8(live.filters).shape == (4, 1, 3, 3)


@pytest.mark.parametrize(
    "layers",
    [(Conv(64, 9), Flatten(), Linear(10)), mlp((300,) * 5), (Flatten(), Linear(10))],
    ids=["large filters", "deep", "linear"],
)
def test_it_is_small_whatever_the_network_and_the_summary_holds_the_latest_alone(layers: Network) -> None:
    live = [event for event in run(replace(DIGITS, layers=layers, epochs=1)) if isinstance(event, Live)]
    summary: dict[str, Any] = {}
    for event in live:
        summary |= summarized(event.to_dict())
    assert len(json.dumps(summary)) < 6_500
    assert summary["live"]["step"] == live[-1].step


def test_a_range_test_has_none() -> None:
    assert not any(isinstance(event, Live) for event in run(replace(DIGITS, schedule=RANGE, epochs=1)))


def test_it_is_due_when_its_cost_is_a_hundredth_of_the_training_since() -> None:
    clock = Clock()
    pace = LivePace(clock)
    pace._cost = 0.02
    due = []
    for clock.train in (0.1, 0.5, 1.9, 2.1):
        due.append(pace.is_due())
    assert due == [False, False, False, True]
