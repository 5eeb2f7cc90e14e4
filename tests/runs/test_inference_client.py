import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

import core.data
from core.layers.limits import size_of
from core.layers.specs import Conv, Flatten, GlobalPool, Linear
from core.runs.inference_client import InferenceClient, InferenceError, decode_array, encode_array
from core.runs.onnx_export import onnx
from core.runs.run import Run
from core.runs.run_files import load_predictions, rows_of
from core.runs.service import RunService


@pytest.fixture(scope="module")
def runs(service: RunService, lab: Any) -> list[Run]:
    """Two finished runs, the second on pictures with shuffled pixels."""
    submitted = [service.submit(lab.tiny(epochs=4, shuffle_pixels=shuffled), "me") for shuffled in (False, True)]
    return [lab.ended(service, run) for run in submitted]


@pytest.fixture(scope="module")
def inference(service: RunService) -> Iterator[InferenceClient]:
    inference = InferenceClient(service.home)
    yield inference
    inference.stop()


@pytest.mark.parametrize("number", [0, 1], ids=["as they are", "shuffled"])
def test_answers_are_those_of_the_end_of_training(runs: list[Run], inference: InferenceClient, number: int) -> None:
    images = core.data.load("mnist-5k").test_images[:200]
    answers = inference.probabilities(runs[number].id, np.ascontiguousarray(images))
    assert answers.shape == (200, 10)
    assert answers.dtype == np.float32
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(answers, load_predictions(runs[number].folder)[0][:200], atol=0.02)  # float16, bf16
    flat = inference.probabilities(runs[number].id, np.ascontiguousarray(images[:3, 0]))
    np.testing.assert_allclose(flat, answers[:3], atol=0.02)


def test_a_network_that_comes_with_the_app_answers_as_well(inference: InferenceClient) -> None:
    digits = core.data.load("mnist-5k")
    answers = inference.probabilities("mnist-cnn", np.ascontiguousarray(digits.test_images))
    assert (answers.argmax(axis=1) == digits.test_labels).mean() > 0.98


@pytest.mark.parametrize(
    ("run", "images", "words"),
    [
        ("0" * 16, np.zeros((1, 28, 28), np.uint8), "no trained network yet"),
        ("../../../etc/abcd", np.zeros((1, 28, 28), np.uint8), "There is no run"),
        (None, np.zeros((1, 3, 32, 32), np.uint8), "takes pictures of 1 × 28 × 28 .*these are 3 × 32 × 32"),
        (None, np.zeros((1, 28, 28), np.float32), "whole numbers"),
        (None, np.zeros((0, 28, 28), np.uint8), "1 to 10,000"),
    ],
    ids=["no run", "a path", "another shape", "floats", "nothing"],
)
def test_what_cannot_be_answered_says_why(
    runs: list[Run], inference: InferenceClient, run: str | None, images: Any, words: str
) -> None:
    with pytest.raises(InferenceError, match=words):
        inference.probabilities(run or runs[0].id, images)


@pytest.mark.clock
def test_a_probe_really_trains(inference: InferenceClient, lab: Any) -> None:
    narrow, wide = (lab.tiny(batch_size=size) for size in (1, 250))
    assert inference.images_per_second(wide, 0.1) > 5 * inference.images_per_second(narrow, 0.1) > 0


def test_a_probe_of_what_cannot_be_trained_says_why(inference: InferenceClient, lab: Any) -> None:
    with pytest.raises(InferenceError, match="no-such-data"):
        inference.images_per_second(lab.tiny(data="no-such-data"))


def test_a_slow_question_is_stopped_and_the_process_answers_others(
    runs: list[Run], inference: InferenceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference.probabilities("mnist-cnn", np.zeros((1, 28, 28), np.uint8))
    process = inference._server.child.pid
    monkeypatch.setattr(inference._server, "limit", 1.0)
    values = {"experiment": runs[0].experiment.to_json(), "seconds": 300.0, "device": "cpu"}
    with pytest.raises(InferenceError, match="took too long and was stopped"):
        inference.for_owner("slow").query("images_per_second", **values)
    assert inference.for_owner("other").probabilities("mnist-cnn", np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
    assert inference._server.child.pid == process


def test_the_time_of_a_huge_network_is_told_from_its_work_alone(lab: Any, tmp_path: Path) -> None:
    layers = (*(Conv(640, 3, padding=1) for _ in range(6)), GlobalPool(), Flatten(), Linear(10))
    inference = InferenceClient(tmp_path)
    with pytest.raises(InferenceError, match=r"needs 14\.5 billion multiply-adds .* 2 billion"):
        inference.images_per_second(lab.tiny(layers=layers))
    assert inference._server.child is None


def test_a_question_about_many_pictures_comes_in_parts(
    inference: InferenceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def query(self: InferenceClient, question: str, **values: Any) -> str:
        asked.append(question)
        return encode_array(np.zeros((len(decode_array(values["images"])), 10), np.float32))

    monkeypatch.setattr(InferenceClient, "query", query)
    work = size_of(rows_of(Path(inference.file("mnist-cnn")))).work
    monkeypatch.setattr("core.runs.inference_client.PART_WORK", 30 * work)
    assert inference.probabilities("mnist-cnn", np.zeros((100, 28, 28), np.uint8)).shape == (100, 10)
    assert len(asked) == 4


def test_arrays_travel_unchanged_and_nothing_is_unpickled() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(decode_array(encode_array(array)), array)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        encode_array(np.array([object()]))


def test_grad_cam_comes_from_the_process_that_answers(inference: InferenceClient) -> None:
    picture = np.ascontiguousarray(core.data.load("cifar10-standin").test_images[0])
    file = inference.file("cifar-cnn")
    found = inference.query("attention", network=file, picture=encode_array(picture))
    predicted = decode_array(found["probabilities"])
    assert found["answer"] == predicted.argmax()
    np.testing.assert_allclose(predicted, inference.probabilities("cifar-cnn", picture[None])[0], atol=0.02)  # bf16
    assert decode_array(found["maps"][0]).shape[0] > decode_array(found["maps"][-1]).shape[0]
    assert len(found["layers"]) == len(found["maps"])
    with pytest.raises(InferenceError, match="10 classes"):
        inference.query("attention", network=file, picture=encode_array(picture), answer=10)
    with pytest.raises(InferenceError, match="takes pictures of 3 × 32 × 32"):
        inference.query("attention", network=file, picture=encode_array(picture[:1]))


def test_a_killed_process_is_replaced_and_a_hung_one_given_up(
    runs: list[Run], inference: InferenceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last test of the process, which it leaves dead."""
    picture = np.zeros((1, 28, 28), np.uint8)
    before = inference.probabilities(runs[0].id, picture)
    first = inference._server.child.pid
    os.kill(first, signal.SIGKILL)
    assert np.array_equal(inference.probabilities(runs[0].id, picture), before)
    second = inference._server.child.pid
    assert first != second
    os.kill(second, signal.SIGSTOP)
    monkeypatch.setattr(inference._server, "limit", 0.5)
    monkeypatch.setattr("core.runs.inference_client.GRACE_SECONDS", 0.5)
    with pytest.raises(InferenceError, match="took too long and was stopped"):
        inference.probabilities(runs[0].id, picture)
    assert not Path(f"/proc/{second}").exists()


def test_a_run_becomes_onnx_once(runs: list[Run], service: RunService) -> None:
    content = onnx(service.home, runs[0].folder)
    made = (runs[0].folder / "exported.onnx").stat().st_mtime_ns
    assert onnx(service.home, runs[0].folder) == content
    assert (runs[0].folder / "exported.onnx").stat().st_mtime_ns == made
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape[1:] == [1, 28, 28]


def test_what_cannot_become_onnx_says_why(runs: list[Run], service: RunService, tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="shuffled pixels is not exported"):
        onnx(service.home, runs[1].folder)
    with pytest.raises(InferenceError, match="can no longer be read: train the run again"):
        onnx(service.home, tmp_path)
