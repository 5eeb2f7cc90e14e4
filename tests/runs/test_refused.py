"""Networks that cannot learn, and networks with a softmax of their own, from the click on: with real workers."""

from typing import Any

import numpy as np
import pytest

import core.data
from core.insight.loaded_network import load
from core.layers.specs import Activation, AdaptivePool, BatchNorm, Dropout, Flatten, Linear, Network
from core.runs.child_process import Inbox
from core.runs.onnx_export import _reason
from core.runs.run_files import WEIGHTS, load_predictions
from core.runs.service import RunService
from core.runs.worker import warm_up

REFUSED: list[tuple[Network, str]] = [
    ((AdaptivePool("max", (2, 5)), Flatten()), "no weights, so there is nothing to learn"),
    ((Flatten(), Dropout(1.0), Linear(10)), "layer 2: Dropout with probability 1"),
    ((Flatten(), Linear(10), Activation("sigmoid")), "layer 3: Sigmoid keeps the network's logits between 0 and 1"),
]


@pytest.mark.parametrize(("layers", "words"), REFUSED)
def test_a_network_that_cannot_learn_fails_in_words_and_nothing_starts(
    service: RunService, lab: Any, layers: Network, words: str
) -> None:
    run = lab.ended(service, service.submit(lab.tiny(layers=layers), "me"))
    assert run.state == "failed"
    assert words in str(run.reason)
    assert "error in the program" not in str(run.reason)
    assert run.attempts == 1
    assert service.history(run.id) == []


def test_batch_norm_of_single_values_fails_in_words_and_nothing_starts(service: RunService, lab: Any) -> None:
    layers = (Flatten(), Linear(8), BatchNorm(), Linear(10))
    run = lab.ended(service, service.submit(lab.tiny(layers=layers, batch_size=1), "me"))
    assert run.state == "failed"
    assert "layer 3: BatchNorm" in str(run.reason)
    assert service.history(run.id) == []


def test_the_link_to_such_a_network_ends_no_worker(lab: Any, inbox: Inbox) -> None:
    warm_up(
        [lab.tiny(layers=layers).to_json() for layers, _ in REFUSED], 1, inbox
    )  # what a page's visit makes idle workers do


def test_what_is_kept_of_a_run_are_the_answers_of_its_own_softmax(service: RunService, lab: Any) -> None:
    layers = (Flatten(), Linear(32), Activation(), Linear(10), Activation("softmax"))
    experiment = lab.tiny(layers=layers, epochs=8, train_images=2000, precision="float32")
    run = lab.ended(service, service.submit(experiment, "me"))
    assert run.state == "finished"
    kept, _ = load_predictions(run.folder)
    loaded = load(run.folder / WEIGHTS)
    own = loaded.network(loaded.prepared(core.data.load("mnist-5k").test_images.copy())).detach().numpy()
    np.testing.assert_allclose(kept, own, atol=1e-3)  # kept as float16
    assert np.median(kept.max(axis=1)) > 0.6  # through a second softmax, 0.232 is the most


@pytest.mark.parametrize(
    ("code", "output", "words"),
    [
        (
            1,
            "Traceback\n__main__.OnnxError: Layer 3 (X) has no form in ONNX: a: b",
            "Layer 3 (X) has no form in ONNX: a: b",
        ),
        (1, "core.layers.setting_checks.LayerError: layer 2: too large", "layer 2: too large"),
        (1, "MemoryError", "more memory than"),
        (-9, "", "more memory than"),
        (1, "ZeroDivisionError: secret", "error in the program"),
        (1, "", "error in the program"),
    ],
)
def test_why_an_export_failed_is_a_sentence(code: int, output: str, words: str) -> None:
    assert words in _reason(code, output)
    assert "secret" not in _reason(code, output)
