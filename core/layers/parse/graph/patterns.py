"""What an ONNX graph spells out as several nodes, recognized as one layer at the end of a picture's way.

A node that is a part of such a layer stands on the way as a Fault, which says what it is if nothing completes it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from core.layers.parse.graph.node import Node, fixed
from core.layers.parse.graph.windows import BLUR
from core.layers.parse.trace import Entry, Trace, refusing
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.shape_inference.windows import blur_padding
from core.layers.specs import Activation, ActivationKind, BlurPool, Conv, GroupNorm, LPPool, Pad, Pool

# Activations that a graph spells out as a product, difference or quotient of their input and of what nodes make of it;
# plain numbers on the way are passed over.
PRODUCTS: dict[tuple[str, ...], ActivationKind] = {
    ("Mul", "Sigmoid"): "silu",
    ("Mul", "HardSigmoid"): "hardswish",
    ("Mul", "Clip"): "hardswish",
    ("Mul", "Softplus", "Tanh"): "mish",
    ("Mul", "Erf"): "gelu",
    ("Sub", "Tanh"): "tanhshrink",
    ("Div", "Abs"): "softsign",
    ("Where", "Softplus"): "softplus",  # and the input itself from a threshold on
}
# And those that it spells out as one node after another.
CHAINS: dict[tuple[str, ...], ActivationKind] = {
    ("Neg", "Exp", "Log", "Neg"): "logsigmoid",
    ("Neg", "Softplus", "Neg"): "logsigmoid",
    ("Exp", "Log"): "softplus",
    ("Sigmoid", "Log"): "logsigmoid",
    ("Softmax", "Log"): "log_softmax",
}
LONGEST_CHAIN = max(map(len, CHAINS))
PARTS = {"Abs", "Erf", "Exp", "Greater", "Log", "Neg", "Pow", "Reciprocal", "Sign", "Sqrt"}  # no layers by themselves
NUMBER = "number"  # an entry for arithmetic with a constant, or between two layers
GROUPS, GROUPED = "groups", "normalized groups"  # planes as groups of channels, before and after a normalization


def part(node: Node, trace: Trace) -> Trace:
    """Return a picture's way after a node of PARTS, which may complete an activation or an Lp pooling."""
    reason = f"{node.kind} of a picture is no layer of this app, except as a part of an activation."
    entry = refusing(node.place, node.kind, reason)
    exponent = node.constants.numbers.get(node.others[0], ()) if node.kind == "Pow" and node.others else ()
    if len(exponent) == 1:
        entry = replace(entry, written={"exponent": exponent[0]})
    return completed(Trace((*trace.entries, entry)), node.place)


def completed(trace: Trace, place: int) -> Trace:
    """Return a picture's way with the nodes at its end as one layer, if they are one that is spelled out."""
    nodes = list(islice((entry for entry in reversed(trace.entries) if entry.name != NUMBER), LONGEST_CHAIN))[::-1]

    def before(count: int) -> tuple[Entry, ...]:
        """Return the way up to the last `count` nodes."""
        return trace.entries[: trace.entries.index(nodes[-count])]

    names = [entry.name for entry in nodes]
    if names[-3:] == ["Pow", "AveragePool", "Pow"] and "exponent" in nodes[-3].written:
        (pool,), exponent = nodes[-2].make(()), nodes[-3].written["exponent"]
        if isinstance(pool, Pool) and not pool.padding and isinstance(exponent, float):
            norm = LPPool(exponent, pool.kernel, pool.stride, pool.ceil)
            return Trace((*before(3), fixed(place, "LpPool", norm)))
    if names[-2:] == ["pad", BLUR]:
        (pad,), (conv,) = nodes[-2].make(()), nodes[-1].make(())
        if isinstance(conv, Conv) and isinstance(conv.kernel, int):
            edges = blur_padding(conv.kernel)
            if pad == Pad(edges, edges, "reflect"):
                return Trace((*before(2), fixed(place, "BlurPool", BlurPool(conv.kernel, conv.stride))))
    for chain, kind in CHAINS.items():
        if tuple(names[-len(chain) :]) == chain:
            return Trace((*before(len(chain)), fixed(place, chain[-1], Activation(kind))))
    return trace


def grouped(node: Node, trace: Trace) -> Trace | None:
    """Return a picture's way after a node of a group normalization that is spelled out; None after others.

    The channels are laid out as groups, each group is normalized as a channel, and they are laid out as before.
    """
    last = trace.entries[-1].name if trace.entries else ""
    is_reshape = node.kind == "Reshape"
    if node.kind == "InstanceNormalization" and last == GROUPS:
        return Trace((*trace.entries, refusing(node.place, GROUPED, "groups of channels are no layer's output.")))
    if is_reshape and last == GROUPED:
        count: Any = trace.entries[-2].written["groups"]
        norm = fixed(node.place, "GroupNorm", GroupNorm(count, False), {"scaled": GroupNorm(count)})
        return Trace((*trace.entries[:-2], norm))
    wanted = node.constants.numbers.get(node.others[0], [])[1:] if is_reshape and node.others else []
    if len(wanted) == 2 and wanted[0] > 0 and wanted[1] == -1:
        entry = refusing(node.place, GROUPS, "Reshape changes a picture's shape in a way that cannot be read.")
        return Trace((*trace.entries, replace(entry, written={"groups": int(wanted[0])})))
    return None


def product(kind: str, coming: Sequence[Trace], place: int) -> Trace | None:
    """Return the way behind an activation that is written as a product, difference or quotient with its input.

    Args:
        kind: The node's operation.
        coming: The ways of its inputs.
        place: The node's place in the graph.

    Returns:
        The way, or None if the node is something else.
    """
    if kind == "Where" and len(coming) == 3:
        coming = [trace for trace in coming if not trace.entries or trace.entries[-1].name != "Greater"]
    if kind not in ("Mul", "Sub", "Div", "Where") or len(coming) != 2:
        return None
    first, second = (list(trace.entries) for trace in sorted(coming, key=lambda trace: len(trace.entries)))
    while first and first[-1].name == NUMBER and second[: len(first)] != first:
        first.pop()
    if first and first[-1].name == "Sign" and first[:-1] == second[:-2]:
        return Trace(tuple(first[:-1]))  # the sign times the size
    if second[: len(first)] != first:
        return None
    names = (kind, *(one.name for one in second[len(first) :] if one.name != NUMBER))
    return Trace((*first, fixed(place, names[-1], Activation(PRODUCTS[names])))) if names in PRODUCTS else None


def arithmetic(node: Node, trace: Trace) -> Trace:
    """Return a picture's way after a constant is added to it, or it is multiplied by one: perhaps a bias."""
    shape: Shape = node.constants.shapes.get(node.others[0], ()) if node.others else ()
    last = trace.entries[-1] if trace.entries else None
    completes = {"Mul": "scaled", "Add": "no_bias"}.get(node.kind, "")  # what the layer lacked until now
    if last is not None and completes in last.written and math.prod(shape) > 1:
        layer: Any = last.written[completes]
        written = {"no_bias": layer} if completes == "scaled" else dict(last.written)
        if completes == "no_bias":
            del written["no_bias"]
        return Trace((*trace.entries[:-1], fixed(node.place, last.name, layer, written)))
    note = () if trace.entries else ("Arithmetic before the first layer, as of a normalization, is left out.",)
    return Trace((*trace.entries, Entry(node.place, NUMBER, lambda shape: (), {}, note)))
