"""Describe how one unit is computed, so that the browser can show its sum.

A source is plain JSON: the layer's kind and geometry, its input, and weights and biases of the visible planes. That of
a residual block holds one more source for each of its two branches. Numbers are sent as float32, so that the browser
computes what the network did.
"""

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.images.kernels import binomial
from core.layers import specs
from core.layers.calculator import Row
from core.layers.seen_pixels import adaptive_windows, padding_before
from core.layers.shape_inference.windows import blur_padding
from core.layers.specs import pair
from core.ui.display.layer_groups import layer_words
from core.ui.views.anatomy.forward_pass import Floats, ForwardPass, as_planes, in_block, parameters, routing

MAX_WEIGHTS = 1_000_000  # 4 MB: larger layers are sent without weights
ELEMENTWISE = (specs.Activation, specs.BatchNorm, specs.Dropout)
SENTENCES = {  # on a unit of a layer whose sum is not drawn
    "LPPool": "the root of the sum of a window's powers.",
    "Upsample": "between the pixels that lie around this place in the smaller plane.",
    "PixelShuffle": "the value of this place in one of the planes before, unchanged.",
    "Pad": "inside the padding the value that is there, unchanged.",
    "Unflatten": "the value is unchanged; it is given a place again.",
    "GroupNorm": "the input, less the mean of its group of planes, divided by their deviation.",
    "InstanceNorm": "the input, less the mean of its plane, divided by its deviation.",
    "LayerNorm": "the input, less the mean of all that are normalized together, divided by their deviation.",
}
PlaneRange = tuple[int, int]  # the first plane, from 0, and the one after the last


def source(forward: ForwardPass, layer: int, planes: PlaneRange) -> dict[str, Any]:
    """Return the source of layer `layer`, from 1. Raises InferenceError."""
    row = forward.network.rows[layer - 1]
    branches = {"ways": _branches(forward, layer, planes)} if isinstance(row.layer, specs.Residual) else {}
    if isinstance(row.layer, specs.RoutedCapsules) and math.prod(row.input_shape[:1] + row.output_shape) <= MAX_WEIGHTS:
        branches = _routed(forward, layer, planes)
    return {
        **_summed(forward, row, layer, "", planes),
        "input": encode_float32(forward.planes(layer - 1)),
        "inputName": forward.title(layer - 1),
        **branches,
    }


def _routed(forward: ForwardPass, layer: int, planes: PlaneRange) -> dict[str, Any]:
    """Return the coupling coefficients (K, 1, I) and the predictions (K, I, E) behind the visible capsules."""
    pixels = forward.picture.pixels.tobytes()
    coefficients, predictions = routing(forward.network.name, pixels, forward.network.shape, layer, forward.seed)
    shown = slice(*planes)
    return {
        "coefficients": encode_float32(coefficients.T[shown, None, :]),
        "predictions": encode_float32(predictions[shown]),
    }


def encode_float32(values: Floats) -> dict[str, Any]:
    """Encode an array for the browser, as little-endian float32."""
    numbers = np.ascontiguousarray(values, "<f4")
    return {"shape": numbers.shape, "base64": base64.b64encode(numbers.tobytes()).decode()}


def _summed(forward: ForwardPass, row: Row, layer: int, inner: str, planes: PlaneRange) -> dict[str, Any]:
    """Return kind, geometry and weights; `inner` is the path of a layer inside the block at `layer`: "body.3"."""
    first, last = planes
    weights, biases = None, np.zeros(0, np.float32)
    own = isinstance(row.layer, specs.Conv | specs.ConvTranspose | specs.Linear)
    if own and row.weights * (last - first) // row.output_shape[0] <= MAX_WEIGHTS:
        weights, biases = parameters(forward.network.name, layer, forward.seed, inner)
    return {
        "made": _made(row) | _norm(forward, row, layer, inner, planes),
        "total": row.output_shape[0],
        "weights": None if weights is None else encode_float32(weights[first:last]),
        "biases": biases[first:last].tolist(),
    }


def _norm(forward: ForwardPass, row: Row, layer: int, inner: str, planes: PlaneRange) -> dict[str, Any]:
    """Return the factors and offsets of a batch norm, empty for other layers."""
    if not isinstance(row.layer, specs.BatchNorm):
        return {}
    scale, shift = parameters(forward.network.name, layer, forward.seed, inner)
    return {"scale": scale[slice(*planes)].tolist(), "shift": shift[slice(*planes)].tolist()}


def _branches(forward: ForwardPass, layer: int, planes: PlaneRange) -> list[dict[str, Any]]:
    """Return both branches of a block: the last summing layer of each, the layers after it, and their outputs."""
    block = forward.network.rows[layer - 1]
    sizes = [[row.output_shape for row in rows] for rows in (block.body, block.shortcut)]
    pixels = forward.picture.pixels.tobytes()
    passes = in_block(forward.network.name, pixels, forward.network.shape, layer, sizes, forward.seed)
    branches = (("body", block.body, passes[0]), ("shortcut", block.shortcut, passes[1]))
    return [_branch(forward, layer, name, rows, outputs, planes) for name, rows, outputs in branches]


def _branch(
    forward: ForwardPass, layer: int, name: str, rows: Sequence[Row], outputs: Sequence[Floats], planes: PlaneRange
) -> dict[str, Any]:
    """Return one branch. Without a summing layer, it begins with the block's input."""
    last = max((index for index, row in enumerate(rows) if not isinstance(row.layer, ELEMENTWISE)), default=-1)
    stages = [forward.outputs[layer - 1], *outputs]  # stages[n] is the input of the branch's layer n
    sums: dict[str, Any] = {"made": {"kind": "same"}, "total": len(stages[0]), "weights": None, "biases": []}
    if last >= 0:
        sums = _summed(forward, rows[last], layer, f"{name}.{last}", planes)
    steps = [
        {"name": layer_words(row)[0], "made": _made(row) | _norm(forward, row, layer, f"{name}.{index}", planes)}
        for index, row in enumerate(rows)
        if index > last
    ]
    return {
        **sums,
        "name": layer_words(rows[last])[0] if last >= 0 else "",
        "input": encode_float32(as_planes(stages[max(last, 0)])),
        "inputName": f"In the block, after {layer_words(rows[last - 1])[0]}" if last > 0 else forward.title(layer - 1),
        "steps": steps,
        "values": [encode_float32(as_planes(stage)[slice(*planes)]) for stage in stages[last + 1 :]],
    }


def _made(row: Row) -> dict[str, Any]:
    """Return how one unit is computed from the planes before it."""
    match row.layer:
        case specs.Conv() as layer:
            return {
                "kind": "conv",
                "stride": pair(layer.stride),
                "before": (padding_before(layer, 0), padding_before(layer, 1)),
                "dilation": pair(layer.dilation),
                "groups": layer.groups,
            }
        case specs.ConvTranspose() as layer:
            return {
                "kind": "transposed",
                "stride": pair(layer.stride),
                "before": pair(layer.padding),
                "dilation": pair(layer.dilation),
                "groups": layer.groups,
            }
        case specs.Pool(dilation=dilation) if dilation != 1:
            return {"kind": "told", "sentence": "the largest of values that lie apart in the plane."}
        case specs.Pool() as layer:
            stride = layer.kernel if layer.stride is None else layer.stride
            return {
                "kind": layer.kind,
                "window": pair(layer.kernel),
                "stride": pair(stride),
                "before": pair(layer.padding),
            }
        case specs.GlobalPool() as layer:
            return {"kind": layer.kind, "window": row.input_shape[1:], "stride": (1, 1), "before": (0, 0)}
        case specs.AdaptivePool() as layer:
            spans = (
                adaptive_windows(n, count).tolist()
                for n, count in zip(row.input_shape[1:], row.output_shape[1:], strict=True)
            )
            return {"kind": layer.kind, "spans": list(spans)}
        case specs.BlurPool() as layer:
            return {
                "kind": "blur",
                "window": (layer.kernel, layer.kernel),
                "blur": binomial(layer.kernel).ravel().tolist(),
                "stride": pair(layer.stride),
                "before": (blur_padding(layer.kernel)[0],) * 2,
            }
        case specs.Residual():
            return {"kind": "added"}
        case specs.Activation("relu" | "softmax") as layer:
            return {"kind": layer.kind}
        case specs.Flatten():
            return {"kind": "flatten", "capsules": len(row.input_shape) == 2}
        case specs.PrimaryCapsules() | specs.RoutedCapsules():
            return {"kind": "squashed", "routed": isinstance(row.layer, specs.RoutedCapsules)}
        case specs.CapsuleDecoder():
            return {"kind": "unchanged"}
        case specs.CapsuleLengths():
            return {"kind": "length"}
        case specs.Linear():
            return {"kind": "linear"}
        case specs.BatchNorm():
            return {"kind": "norm"}
    if (sentence := SENTENCES.get(type(row.layer).__name__)) is not None:
        return {"kind": "told", "sentence": sentence}
    return {"kind": "each"}
