"""A network with a softmax of its own: no second one is taken anywhere, and its answers are its own."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from core.insight import activations, invariance
from core.insight.gradcam import gradcam
from core.insight.loaded_network import Loaded, load
from core.insight.onnx_writer import exported
from core.insight.transforms import AffineTransform
from core.layers.specs import Activation, BatchNorm, Conv, Dropout, Flatten, Linear, Network, Pool, Residual
from core.nets.network import build
from core.runs import inference_server, query_checks
from core.runs.inference_client import decode_array, encode_array
from core.training.experiment import Experiment
from core.training.loop import train
from tests.onnx_operators import one_table_of_operators  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow

SHAPE = (1, 28, 28)
SOFTMAX = Activation("softmax")
BODY: Network = (Conv(6, 5), Activation(), Pool("max", 4), Residual((Conv(6, 3, padding=1), BatchNorm())))
PLAIN: Network = (*BODY, Flatten(), Linear(10))
ENDINGS: dict[str, tuple[Network, Network]] = {  # the network, and the same without its softmax
    "softmax": ((*PLAIN, SOFTMAX), PLAIN),
    "dropped": ((*PLAIN, SOFTMAX, Dropout(0.5)), PLAIN),
    "before a flatten": ((*BODY, Conv(10, 6), SOFTMAX, Flatten()), (*BODY, Conv(10, 6), Flatten())),
    "behind a ReLU": ((*PLAIN, Activation(), SOFTMAX), (*PLAIN, Activation())),
}
PICTURES: NDArray[np.uint8] = np.random.default_rng(3).integers(0, 256, (5, *SHAPE), np.uint8)


def written(layers: Network, folder: Path) -> Path:
    """A file of weights as a run leaves it, of a network that is sure of its answers, by its layers' places."""
    torch.manual_seed(0)
    network = build(layers, SHAPE)
    with torch.no_grad():
        last = [module for module in network if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)][-1]
        last.weight.mul_(30)
    about = {
        "experiment": Experiment(layers=layers, data="mnist-5k", precision="float32").to_json(),
        "shape": SHAPE,
        "mean": [0.13],
        "std": [0.31],
    }
    path = folder / "network.safetensors"
    save_file(network.state_dict(), path, {name: json.dumps(value) for name, value in about.items()})
    return path


@pytest.fixture(params=ENDINGS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Loaded, Loaded]:
    """Its file, it, and the network without its softmax with the same weights."""
    layers, without = ENDINGS[request.param]
    path = written(layers, tmp_path)
    (tmp_path / "plain").mkdir()
    plain = written(without, tmp_path / "plain")
    return path, load(path), load(plain)


def own_answers(loaded: Loaded) -> Tensor:
    """What the network itself puts out."""
    with torch.inference_mode():
        return loaded.network(loaded.prepared(PICTURES))


def test_the_certainty_is_that_of_the_networks_own_softmax(both: tuple[Path, Loaded, Loaded]) -> None:
    path, loaded, plain = both
    own = own_answers(loaded).numpy()
    assert own.max() > 0.5  # a second softmax would give 0.232 at most
    found = decode_array(inference_server.probabilities(str(path), encode_array(PICTURES)))
    np.testing.assert_allclose(found, own, atol=1e-6)
    moved = invariance.probabilities(loaded, torch.from_numpy(PICTURES[0]), [AffineTransform()])
    np.testing.assert_allclose(moved[0], own[0], atol=1e-6)
    told = decode_array(inference_server.attention(str(path), encode_array(PICTURES[0]))["probabilities"])
    np.testing.assert_allclose(told, own[0], atol=1e-6)
    np.testing.assert_allclose(own, own_answers(plain).softmax(dim=1).numpy(), atol=1e-6)


def test_grad_cam_is_of_the_logit(both: tuple[Path, Loaded, Loaded]) -> None:
    _, loaded, plain = both
    one, other = gradcam(loaded, PICTURES[0], 3), gradcam(plain, PICTURES[0], 3)
    np.testing.assert_array_equal(one.logits, other.logits)
    maps = dict(zip(one.layers, one.maps, strict=True))
    for place, map_ in zip(other.layers, other.maps, strict=True):
        if loaded.experiment.layers[place] == plain.experiment.layers[place]:
            np.testing.assert_array_equal(maps[place], map_)
    assert max(map_.max() for map_ in one.maps) > 1e-3


def test_a_last_log_softmax_is_left_out_as_a_softmax_is(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    path = written((*PLAIN, Activation("log_softmax")), tmp_path)
    loaded, plain = load(path), load(written(PLAIN, tmp_path / "plain"))
    one, other = gradcam(loaded, PICTURES[0], 3), gradcam(plain, PICTURES[0], 3)
    np.testing.assert_array_equal(one.logits, other.logits)
    np.testing.assert_array_equal(one.maps[0], other.maps[0])  # of log p they would nearly vanish where p is near 1
    found = decode_array(inference_server.probabilities(str(path), encode_array(PICTURES)))
    np.testing.assert_allclose(found, own_answers(loaded).exp().numpy(), atol=1e-6)


def test_the_shift_map_is_that_of_the_network_without(both: tuple[Path, Loaded, Loaded]) -> None:
    _, loaded, plain = both
    digits, _ = invariance.some_pictures(3, 0, "mnist-5k")
    np.testing.assert_array_equal(invariance.shift_map(loaded, digits), invariance.shift_map(plain, digits))


def test_the_onnx_file_puts_out_logits(both: tuple[Path, Loaded, Loaded]) -> None:
    _, loaded, plain = both
    session = onnxruntime.InferenceSession(exported(loaded)[0], providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": PICTURES.astype(np.float32) / 255})
    np.testing.assert_allclose(found, own_answers(plain).numpy(), rtol=1e-4, atol=1e-4)


def test_the_softmax_stays_to_be_looked_at(both: tuple[Path, Loaded, Loaded]) -> None:
    """The anatomy page shows every layer, and names weights by their place."""
    _, loaded, _ = both
    outputs = activations.outputs(loaded, PICTURES[0].copy())
    assert len(outputs) == len(loaded.experiment.layers) + 1
    np.testing.assert_allclose(outputs[-1], own_answers(loaded)[0].numpy(), atol=1e-6)
    assert loaded.logits.state_dict().keys() == loaded.network.state_dict().keys()


def test_a_network_without_planes_has_no_grad_cam(tmp_path: Path) -> None:
    path = written((Flatten(), Linear(10), SOFTMAX), tmp_path)
    with pytest.raises(query_checks.QueryError, match="flattens the picture"):
        inference_server.attention(str(path), encode_array(PICTURES[0]))


def test_training_is_that_of_the_network_without(tmp_path: Path) -> None:
    """To the bit: loss, accuracy and the weights at the end, under the names that they always had."""
    settings = {"data": "mnist-5k", "train_images": 500, "epochs": 2, "batch_size": 50, "precision": "float32"}
    body: Network = (Flatten(), Linear(16), Activation(), Linear(10))
    ends = []
    for layers in (body, (*body, SOFTMAX), (*body, SOFTMAX, Dropout(0.9))):
        events = list(train(Experiment(layers=layers, **settings), "cpu", threads=1))
        checkpoint = [event for event in events if event.kind == "checkpoint"][-1]
        ends.append((events[-1], {name: t for name, t in checkpoint.tensors.items() if name.startswith("model.")}))
    (first, weights), *others = ends
    assert list(weights) == ["model.1.weight", "model.1.bias", "model.3.weight", "model.3.bias"]
    for finished, found in others:
        assert (finished.test_accuracy, finished.test_loss) == (first.test_accuracy, first.test_loss)
        assert all(torch.equal(weights[name], found[name]) for name in weights)
