"""Follow a picture's way through an ONNX graph, node by node."""

from collections.abc import Sequence
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from core.layers.parse.graph.constants import UNREADABLE, Constants
from core.layers.parse.graph.node import Node
from core.layers.parse.graph.nodes import entries_of
from core.layers.parse.graph.patterns import PARTS, arithmetic, completed, grouped, part, product
from core.layers.parse.trace import Entry, ParseError, RefusedError, Trace, join, refusing
from core.layers.shape_inference.inferred_layer import Shape

MAX_NODES = 10_000
PASSED = {"Identity", "Cast", "Dropout"}  # which leave a picture as it is when the network is used
VIEWS = "The graph takes the mean over views of each picture: the network is read as for one of them."


def open_model(data: bytes) -> Any:
    """Return the model in a file. Raises ParseError if the bytes are no ONNX file, or its graph is too large."""
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        raise ParseError(1, "this is no ONNX file that can be read: export it again.", unit="node") from None
    if not model.graph.node or not model.graph.output:
        raise ParseError(1, "this file holds no ONNX graph.", unit="node")
    if len(model.graph.node) > MAX_NODES:
        raise ParseError(1, f"the graph has {len(model.graph.node):,} nodes; the limit is {MAX_NODES:,}.", unit="node")
    return model


def follow(model: Any) -> tuple[tuple[Entry, ...], tuple[Shape, ...], tuple[str, ...]]:
    """Return the layers on a picture's way through a graph, the picture's shape if it is stated, and notes."""
    graph = _Graph(model)
    for place, node in enumerate(model.graph.node, 1):
        try:
            graph.follow(node, place)
        except UNREADABLE:
            raise ParseError(place, "this node has a setting that cannot be read.", unit="node") from None
    ends = [graph.traces[one.name] for one in model.graph.output if one.name in graph.traces]
    if not ends:
        raise ParseError(1, "no output of the graph comes from its picture.", unit="node")
    if len(ends) > 1:
        graph.notes["The graph has several outputs: the first is read."] = None
    picture = graph.picture[1:] if len(graph.picture) == 4 else ()
    return ends[0].entries, (picture,) if picture and all(picture) else (), tuple(graph.notes)


class _Graph:
    """What each tensor of a graph is: a picture on its way, or a constant."""

    def __init__(self, model: Any) -> None:
        """Take in the constants and the picture's shape."""
        self.constants = Constants()
        self.traces: dict[str, Trace] = {}
        self.notes: dict[str, None] = {}
        for constant in model.graph.initializer:
            self.constants.add(constant.name, constant)
        inputs = [one for one in model.graph.input if one.name not in self.constants.shapes]
        if not inputs:
            raise ParseError(1, "this graph has no input.", unit="node")
        self.picture = tuple(size.dim_value for size in inputs[0].type.tensor_type.shape.dim)
        self.traces[inputs[0].name] = Trace()
        if len(inputs) > 1:
            self.notes["The graph has several inputs: the first is taken as the picture."] = None

    def follow(self, proto: Any, place: int) -> None:
        """Follow one node, an onnx.NodeProto."""
        settings = {one.name: onnx.helper.get_attribute_value(one) for one in proto.attribute}
        if proto.op_type == "Constant":
            self.constants.add_node(proto.output[0], settings)
            return
        coming = [self.traces[name] for name in proto.input if name in self.traces]
        if not coming or proto.op_type == "Shape":
            return  # arithmetic with shapes: what it gives is not known
        others = [name for name in proto.input if name not in self.traces]
        node = Node(proto.op_type, place, settings, others, self.constants)
        try:
            going = self._joined(node, coming, proto.name) if len(coming) > 1 else self._after(node, coming[0])
        except RefusedError as error:
            going = Trace((*coming[0].entries, refusing(place, node.kind, str(error))))
        except UNREADABLE:
            reason = f"{node.kind:.40} lacks a setting that is needed, or has one that cannot be read."
            going = Trace((*coming[0].entries, refusing(place, node.kind, reason)))
        for name in proto.output:
            self.traces[name] = going

    def _joined(self, node: Node, coming: Sequence[Trace], name: str) -> Trace:
        """Return what comes of two pictures: a block of their sum, or an activation that is a product."""
        if node.kind == "Concat" and node.settings.get("axis") == 0:
            self.notes[VIEWS] = None
            return min(coming, key=lambda trace: len(trace.entries))
        if node.kind in ("Add", "Sum") and len(coming) == 2:
            return join(coming[0], coming[1], node.place)
        if (activation := product(node.kind, coming, node.place)) is not None:
            return activation
        what = {"Concat": "joined side by side", "Mul": "multiplied"}.get(node.kind, f"joined by {node.kind:.40}")
        called = f" ({name:.60})" if name else ""
        raise RefusedError(f"two pictures are {what} here{called}, which this app's layers cannot express.")

    def _after(self, node: Node, trace: Trace) -> Trace:
        """Return a picture's way after one node."""
        if node.kind == "Transpose" and not trace.entries and list(node.settings["perm"]) == [0, 3, 1, 2]:
            self.picture = tuple(self.picture[axis] for axis in node.settings["perm"]) if len(self.picture) == 4 else ()
            return trace
        if node.kind in PASSED:
            return trace
        if node.kind in PARTS:
            return part(node, trace)
        if (after := grouped(node, trace)) is not None:
            return after
        if node.kind in ("Add", "Sub", "Mul", "Div"):
            return arithmetic(node, trace)
        if node.kind in ("ReduceSum", "ReduceMean") and node.numbers("axes") == [0]:
            return trace  # over the views of a picture
        return completed(Trace((*trace.entries, *entries_of(node))), node.place)
