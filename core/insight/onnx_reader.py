"""Read a network from an ONNX file: a chain of layers of `core.layers.specs`, with its weights. Nothing is executed.

Normalization at the beginning (minus a mean, divided by a deviation) is read as such, as `core.insight.onnx_writer`
writes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from core.layers.specs import (
    Activation,
    ActivationKind,
    BatchNorm,
    Conv,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    PoolKind,
)

MAX_NODES = 2000
EPSILON = 1e-5  # of PyTorch's batch norm, which the app uses
ACTIVATIONS: dict[str, ActivationKind] = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Elu": "elu",
    "Gelu": "gelu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
}
ALPHAS = {"LeakyRelu": 0.01, "Elu": 1.0}  # the slopes that the app's layers have
PASSED_OVER = ("Identity", "Dropout", "LogSoftmax", "Cast")  # they change no class's rank
Floats = NDArray[np.float32]


class OnnxChainError(ValueError):
    """Raised for a file that holds no chain of layers that the app knows; the message is a sentence."""


@dataclass(slots=True)
class OnnxChain:
    """A network that was read."""

    layers: list[Layer] = field(default_factory=list)
    tensors: dict[str, Floats] = field(default_factory=dict)  # named as `core.nets.network.build` names them
    mean: list[float] | None = None  # of each channel, if the file normalizes pictures itself
    std: list[float] | None = None

    @property
    def network(self) -> Network:
        """Return the layers as a network."""
        return tuple(self.layers)

    def add(self, layer: Layer, **tensors: Floats) -> None:
        """Append a layer with its tensors."""
        place = len(self.layers)
        self.layers.append(layer)
        self.tensors |= {f"{place}.{name}": np.array(tensor, np.float32) for name, tensor in tensors.items()}


def looks_like(content: bytes) -> bool:
    """Return whether a file may be ONNX: it begins with its version's tag. In safetensors a brace follows 8 bytes."""
    return content[:1] == b"\x08" and content[8:9] != b"{"


def read(content: bytes) -> OnnxChain:
    """Read a network.

    Raises:
        OnnxChainError: The file is no ONNX file, has a branch, or a layer that the app does not know.
    """
    try:
        graph = onnx.load_from_string(content).graph
        constants = {tensor.name: _numbers(tensor) for tensor in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant":
                constants[node.output[0]] = _numbers(_attributes(node)["value"])
    except Exception as error:  # protobuf's, and onnx's own of many kinds
        raise OnnxChainError("This is no whole ONNX file with its weights inside: export it anew.") from error
    inputs = [value.name for value in graph.input if value.name not in constants]
    if len(inputs) != 1 or not 0 < len(graph.node) <= MAX_NODES:
        raise OnnxChainError("An ONNX network here takes one batch of pictures, and has at most 2,000 nodes.")
    followers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in {name for name in node.input if name not in constants and node.op_type != "Constant"}:
            followers.setdefault(name, []).append(node)
    chain, at = OnnxChain(), inputs[0]
    while at in followers:
        nodes = followers.pop(at)
        if len(nodes) > 1:
            names = " and ".join(node.op_type for node in nodes[:2])
            raise OnnxChainError(f"Here the network branches, into {names}: only a chain of layers can be read.")
        try:
            _translate(chain, nodes[0], constants)
        except OnnxChainError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise OnnxChainError(
                f"The node {nodes[0].op_type!r:.40} lacks weights or a setting, or has one that cannot be read."
            ) from error
        at = nodes[0].output[0]
    if not any(isinstance(layer, Conv | Linear) for layer in chain.layers):
        raise OnnxChainError("No layer with weights was found behind this file's input.")
    return chain


def _numbers(tensor: onnx.TensorProto) -> NDArray[Any]:
    """Return a constant's numbers. Raises ValueError for those of another file, which would be one of this machine."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise ValueError("its numbers are in another file")
    return np.asarray(numpy_helper.to_array(tensor))


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _translate(chain: OnnxChain, node: onnx.NodeProto, constants: Mapping[str, NDArray[Any]]) -> None:
    """Append what one node does."""
    held = [constants[name] for name in node.input if name in constants]
    attributes, kind = _attributes(node), node.op_type
    if kind in PASSED_OVER:
        return
    if kind in ACTIVATIONS:
        if kind in ALPHAS and not np.isclose(attributes.get("alpha", ALPHAS[kind]), ALPHAS[kind]):
            raise OnnxChainError(f"{kind} with a slope of {attributes['alpha']:g} is no layer here.")
        chain.add(Activation(ACTIVATIONS[kind]))
        return
    if kind not in _READERS:
        raise OnnxChainError(f"The node {kind!r:.40} is no layer that can be read here.")
    _READERS[kind](chain, attributes, held)


def _conv(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    weight, *rest = held
    filters, _, *kernel = weight.shape
    if len(kernel) != 2:
        raise OnnxChainError("Only convolutions over pictures can be read, of two dimensions.")
    bias = {"bias": rest[0]} if rest else {}
    layer = Conv(
        int(filters),
        (kernel[0], kernel[1]),
        _pair(attributes, "strides"),
        _padding(attributes),
        _pair(attributes, "dilations"),
        int(attributes.get("group", 1)),
        bool(rest),
    )
    chain.add(layer, weight=weight, **bias)


def _norm(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    scale, shift, mean, variance = held
    variance = variance + attributes.get("epsilon", EPSILON) - EPSILON
    chain.add(BatchNorm(), weight=scale, bias=shift, running_mean=mean, running_var=variance)


def _pool(kind: PoolKind) -> Callable[..., None]:
    def add(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
        padding = _padding(attributes)
        if kind == "average" and padding != (0, 0) and not attributes.get("count_include_pad", 0):
            raise OnnxChainError("An average pooling that leaves its padding out is no layer here.")
        if any(n != 1 for n in attributes.get("dilations", [])):
            raise OnnxChainError("A dilated pooling is no layer here.")
        kernel, stride = _pair(attributes, "kernel_shape"), _pair(attributes, "strides")
        chain.add(Pool(kind, kernel, stride, padding, bool(attributes.get("ceil_mode", 0))))

    return add


def _global(kind: PoolKind) -> Callable[..., None]:
    return lambda chain, attributes, held: chain.add(GlobalPool(kind))


def _mean_of_planes(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    axes = sorted(n % 4 for n in (held[0].tolist() if held else attributes.get("axes", [])))
    if axes != [2, 3]:
        raise OnnxChainError("Only the mean over the whole of each plane can be read.")
    chain.add(GlobalPool("average"))
    if not attributes.get("keepdims", 1):
        chain.add(Flatten())


def _flatten(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    if held and held[0].size == 3 and chain.layers and isinstance(chain.layers[-1], Linear):
        return  # this app's export: one view of the picture, whose weighted mean the two nodes after it take
    if held and held[0].size != 2:
        raise OnnxChainError("A Reshape to anything but a list is no layer here.")
    chain.add(Flatten())


def _gemm(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    if attributes.get("transA", 0) or any(attributes.get(name, 1.0) != 1.0 for name in ("alpha", "beta")):
        raise OnnxChainError("A Gemm with factors is no layer here.")
    weight, *rest = held
    bias = {"bias": rest[0].reshape(-1)} if rest else {}
    weight = weight if attributes.get("transB", 0) else weight.T
    chain.add(Linear(len(weight), bool(rest)), weight=weight, **bias)


def _product(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    if len(held) != 1 or held[0].ndim != 2:
        raise OnnxChainError("A product of two computed tensors, as in attention, is no layer here.")
    _gemm(chain, {}, held)


def _sum(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    """Read a bias that is added by a node of its own."""
    last = chain.layers[-1] if chain.layers else None
    if len(held) != 1 or not isinstance(last, Linear) or last.bias or held[0].size not in (1, last.units):
        raise OnnxChainError("An Add that is no bias of the layer before it cannot be read.")
    chain.layers[-1] = Linear(last.units)
    bias = np.broadcast_to(held[0].reshape(-1), (last.units,))
    chain.tensors[f"{len(chain.layers) - 1}.bias"] = np.array(bias, np.float32)


def _mean(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    chain.mean = _channels(chain, held)


def _deviation(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    chain.std = _channels(chain, held)


def _factor(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    if chain.layers and held and held[0].size == 1 and held[0].item() == 1:
        return
    chain.std = [1 / value if value else 0.0 for value in _channels(chain, held)]


def _views(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    """Pass over the sum over the views of a picture, of which a chain has one."""
    if not held or held[-1].tolist() not in (0, [0]):
        raise OnnxChainError("A sum over parts of the network's numbers is no layer here.")


def _channels(chain: OnnxChain, held: list[NDArray[Any]]) -> list[float]:
    if chain.layers or len(held) != 1 or held[0].size > 4:
        raise OnnxChainError("A sum, difference or factor within the network is no layer here.")
    return [float(value) for value in held[0].reshape(-1)]


def _clip(chain: OnnxChain, attributes: dict[str, Any], held: list[NDArray[Any]]) -> None:
    ends: list[Any] = [float(value) for value in held] or [attributes.get("min"), attributes.get("max")]
    if ends != [0.0, 6.0]:
        raise OnnxChainError("A Clip other than ReLU6, from 0 to 6, is no layer here.")
    chain.add(Activation("relu6"))


_READERS: dict[str, Callable[[OnnxChain, dict[str, Any], list[NDArray[Any]]], None]] = {
    "Conv": _conv,
    "BatchNormalization": _norm,
    "MaxPool": _pool("max"),
    "AveragePool": _pool("average"),
    "GlobalMaxPool": _global("max"),
    "GlobalAveragePool": _global("average"),
    "ReduceMean": _mean_of_planes,
    "ReduceSum": _views,
    "Flatten": _flatten,
    "Reshape": _flatten,
    "Gemm": _gemm,
    "MatMul": _product,
    "Add": _sum,
    "Sub": _mean,
    "Div": _deviation,
    "Mul": _factor,
    "Clip": _clip,
}


def _pair(attributes: Mapping[str, Any], name: str) -> tuple[int, int]:
    values = [int(value) for value in attributes.get(name, (1, 1))]
    if len(values) != 2:
        raise OnnxChainError("Only layers over pictures can be read, of two dimensions.")
    return values[0], values[1]


def _padding(attributes: Mapping[str, Any]) -> tuple[int, int]:
    """Return the padding of a window's layer: the same before and after, on each axis."""
    if attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID", b""):
        raise OnnxChainError("Padding by auto_pad cannot be read: export the network with its padding in numbers.")
    top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        raise OnnxChainError("A padding that differs between the two sides is no layer here.")
    return int(top), int(left)
