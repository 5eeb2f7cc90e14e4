"""Networks read from ONNX files: the app's own exports and files of other hands compute what onnxruntime computes."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from core import data
from core.insight import onnx_reader
from core.insight.loaded_network import load
from core.insight.onnx_reader import OnnxChainError
from core.insight.onnx_writer import exported
from core.insight.own_network import OwnNetworkError, adopt
from core.insight.pretrained import network
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, GlobalPool, Linear, Pool

RNG = np.random.default_rng(0)
MNIST = ["n", 1, 28, 28]


def model(*nodes: onnx.NodeProto, output: str = "out", **tensors: np.ndarray) -> bytes:
    """Return an ONNX file of these nodes, from "in" to `output`."""
    held = [numpy_helper.from_array(np.asarray(tensor), name) for name, tensor in tensors.items()]
    given = helper.make_tensor_value_info("in", TensorProto.FLOAT, MNIST)
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(list(nodes), "network", [given], [result], held)
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(built.SerializeToString())


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def test_the_apps_own_export_comes_back_equal(tmp_path: Path) -> None:
    before = load(network("mnist-cnn").file)
    (tmp_path / "net.onnx").write_bytes(exported(load(network("mnist-cnn").file))[0])
    found = adopt(tmp_path / "net.onnx", "", "mnist-5k", tmp_path / "in.safetensors")
    assert found.notes == ()
    after = load(tmp_path / "in.safetensors")
    pictures = np.array(data.load("mnist-5k").test_images[:8])
    with torch.no_grad():
        wanted = before.logits(before.prepared(pictures))
        torch.testing.assert_close(after.logits(before.prepared(pictures)), wanted, rtol=1e-4, atol=1e-4)


def test_a_file_of_another_hand_is_read_layer_by_layer(tmp_path: Path) -> None:
    content = model(
        helper.make_node("Conv", ["in", "w", "b"], ["1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["1", "scale", "shift", "mean", "var"], ["2"], epsilon=1e-3),
        helper.make_node("Relu", ["2"], ["3"]),
        helper.make_node("MaxPool", ["3"], ["4"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["4"], ["5"]),
        helper.make_node("MatMul", ["5", "m"], ["6"]),
        helper.make_node("Add", ["6", "a"], ["7"]),
        helper.make_node("LogSoftmax", ["7"], ["out"], axis=1),
        w=normal(6, 1, 3, 3),
        b=normal(6),
        scale=normal(6),
        shift=normal(6),
        mean=normal(6),
        var=np.abs(normal(6)),
        m=normal(6 * 49, 10),
        a=normal(10),
    )
    chain = onnx_reader.read(content)
    assert chain.network == (*(Conv(6, 3, 2, 1), BatchNorm(), Activation(), Pool("max", 2), Flatten(), Linear(10)),)
    (tmp_path / "net.onnx").write_bytes(content)
    found = adopt(tmp_path / "net.onnx", "", "mnist-5k", tmp_path / "in.safetensors")  # checked against onnxruntime
    assert len(found.notes) == 1  # the normalization


def test_a_mean_of_planes_and_transposed_weights() -> None:
    chain = onnx_reader.read(
        model(
            helper.make_node("Conv", ["in", "w"], ["1"], kernel_shape=[5, 5], dilations=[2, 2]),
            helper.make_node("ReduceMean", ["1"], ["2"], axes=[2, 3], keepdims=0),
            helper.make_node("Gemm", ["2", "m", "a"], ["out"], transB=1),
            w=normal(4, 1, 5, 5),
            m=normal(10, 4),
            a=normal(10),
        )
    )
    conv = Conv(4, 5, dilation=2, bias=False)
    assert chain.network == (conv, GlobalPool("average"), Flatten(), Linear(10))


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([helper.make_node("Relu", ["in"], ["1"]), helper.make_node("Add", ["in", "1"], ["out"])], "branches"),
        ([helper.make_node("LSTM", ["in"], ["out"])], "'LSTM' is no layer"),
        ([helper.make_node("Relu", ["in"], ["out"])], "No layer with weights"),
        ([helper.make_node("LeakyRelu", ["in"], ["out"], alpha=0.3)], "slope of 0.3"),
        ([helper.make_node("MaxPool", ["in"], ["out"], kernel_shape=[3, 3], pads=[0, 0, 1, 1])], "differs between"),
    ],
)
def test_what_cannot_be_read_is_said(nodes: list[onnx.NodeProto], words: str) -> None:
    with pytest.raises(OnnxChainError, match=words):
        onnx_reader.read(model(*nodes))


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"\x08\x09 no network at all")
    with pytest.raises(OwnNetworkError, match="no whole ONNX file"):
        adopt(tmp_path / "net.onnx", "", "mnist-5k", tmp_path / "in.safetensors")
