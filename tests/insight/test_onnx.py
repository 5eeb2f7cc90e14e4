"""The exported network against torch, run by onnxruntime; what cannot be exported says why."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from core.insight.loaded import load
from core.insight.networks import network
from core.insight.onnx import OnnxError, exported
from core.training.devices import choose
from core.training.evaluation import logits


@pytest.fixture(scope="module")
def cnn() -> tuple[bytes, float]:
    return exported(load(network("cifar-cnn").file))


def test_onnx_equals_torch(cnn: tuple[bytes, float]) -> None:
    content, difference = cnn
    assert difference < 1e-4
    loaded = load(network("cifar-cnn").file)
    pictures = np.random.default_rng(5).integers(0, 256, (33, *loaded.shape), np.uint8)
    with torch.inference_mode():
        wanted = loaded.network.float().cpu()(loaded.normalization(pictures)).numpy()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures.astype(np.float32) / 255})
    scale = max(1.0, np.abs(wanted).max())
    np.testing.assert_allclose(
        found / scale, wanted / scale, atol=1e-4 if loaded.device.precision == "float32" else 2e-2
    )


def test_any_number_of_pictures_goes_in(cnn: tuple[bytes, float]) -> None:
    session = onnxruntime.InferenceSession(cnn[0], providers=["CPUExecutionProvider"])
    for count in (1, 7):
        (found,) = session.run(None, {"pictures": np.zeros((count, 3, 32, 32), np.float32)})
        assert found.shape == (count, 10)


def test_shuffled_pixels_are_refused() -> None:
    loaded = load(network("cifar-cnn").file)
    shuffled = replace(loaded, normalization=replace(loaded.normalization, shuffled=True))
    with pytest.raises(OnnxError, match="shuffled"):
        exported(shuffled)


@pytest.mark.parametrize("views", ["mirror", "mirror+shift"])
def test_the_views_of_a_picture_are_a_part_of_it(views: str) -> None:
    loaded = load(network("cifar-cnn").file)
    several = replace(loaded, experiment=replace(loaded.experiment, test_time=views))
    content, _ = exported(several)
    pictures = np.random.default_rng(7).integers(0, 256, (5, *loaded.shape), np.uint8)
    cpu = choose("cpu", "float32")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures.astype(np.float32) / 255})
    with torch.inference_mode():
        wanted = logits(loaded.network.cpu(), loaded.normalization(pictures), cpu, views).numpy()
        single = logits(loaded.network.cpu(), loaded.normalization(pictures), cpu).numpy()
    np.testing.assert_allclose(found, wanted, atol=2e-3)
    assert np.abs(found - single).max() > 0.1
