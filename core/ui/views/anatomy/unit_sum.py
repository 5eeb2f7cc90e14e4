"""How one unit comes from what came in: what the browser needs to tell the sum that made it.

A source is plain JSON: the layer's kind and geometry, what came in, and weights and biases of the planes in sight. That
of a residual block holds one more source for each of the two ways that it adds. Numbers travel as float32, so that
what the browser adds up is what the network did.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.images.pooling import binomial
from core.layers.calculator import Row
from core.layers.receptive_field import adaptive_windows, padding_before
from core.layers.shape_inference import blur_padding
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Pool,
    Residual,
    pair,
)
from core.ui.display.network_stages import layer_words
from core.ui.views.anatomy.forward_pass import Floats, Pass, in_block, parameters

MOST_WEIGHTS = 1_000_000  # 4 MB: of a larger layer the sums are not told
EACH = (Activation, BatchNorm, Dropout)  # each number by itself
Sight = tuple[int, int]  # planes: the first one, from 0, and the one after the last


def source(passed: Pass, layer: int, sight: Sight) -> dict[str, Any]:
    """Of layer `layer`, from 1. Raises InferenceError."""
    row = passed.subject.rows[layer - 1]
    ways = {"ways": _ways(passed, layer, sight)} if isinstance(row.layer, Residual) else {}
    return {
        **_summed(passed, row, layer, "", sight),
        "input": packed(passed.planes(layer - 1)),
        "inputName": passed.title(layer - 1),
        **ways,
    }


def packed(values: Floats) -> dict[str, Any]:
    """An array as the browser unpacks it: little-endian float32."""
    numbers = np.ascontiguousarray(values, "<f4")
    return {"shape": numbers.shape, "base64": base64.b64encode(numbers.tobytes()).decode()}


def _summed(passed: Pass, row: Row, layer: int, inner: str, sight: Sight) -> dict[str, Any]:
    """Kind, geometry and weights; `inner` is the place in the block at `layer`, "body.3", of a layer within one."""
    first, last = sight
    weights, biases = None, np.zeros(0, np.float32)
    own = isinstance(row.layer, Conv | ConvTranspose | Linear)
    if own and row.weights * (last - first) // row.output_shape[0] <= MOST_WEIGHTS:
        weights, biases = parameters(passed.subject.name, layer, passed.seed, inner)
    return {
        "made": _made(row) | _norm(passed, row, layer, inner, sight),
        "total": row.output_shape[0],
        "weights": None if weights is None else packed(weights[first:last]),
        "biases": biases[first:last].tolist(),
    }


def _norm(passed: Pass, row: Row, layer: int, inner: str, sight: Sight) -> dict[str, Any]:
    """What a batch norm multiplies each plane with and adds to it."""
    if not isinstance(row.layer, BatchNorm):
        return {}
    scale, shift = parameters(passed.subject.name, layer, passed.seed, inner)
    return {"scale": scale[slice(*sight)].tolist(), "shift": shift[slice(*sight)].tolist()}


def _ways(passed: Pass, layer: int, sight: Sight) -> list[dict[str, Any]]:
    """Both ways through a block: the last layer of each that sums, the layers behind it, and what each puts out."""
    block = passed.subject.rows[layer - 1]
    sizes = [[row.output_shape for row in rows] for rows in (block.body, block.shortcut)]
    pixels = passed.shown.pixels.tobytes()
    passes = in_block(passed.subject.name, pixels, passed.subject.shape, layer, sizes, passed.seed)
    ways = (("body", block.body, passes[0]), ("shortcut", block.shortcut, passes[1]))
    return [_way(passed, layer, name, rows, outputs, sight) for name, rows, outputs in ways]


def _way(
    passed: Pass, layer: int, name: str, rows: Sequence[Row], outputs: Sequence[Floats], sight: Sight
) -> dict[str, Any]:
    """One of them. A way without a layer that sums begins with what came into the block."""
    last = max((place for place, row in enumerate(rows) if not isinstance(row.layer, EACH)), default=-1)
    stages = [passed.outputs[layer - 1], *outputs]  # stages[n] goes into the way's layer n
    sums: dict[str, Any] = {"made": {"kind": "same"}, "total": len(stages[0]), "weights": None, "biases": []}
    if last >= 0:
        sums = _summed(passed, rows[last], layer, f"{name}.{last}", sight)
    steps = [
        {"name": layer_words(row)[0], "made": _made(row) | _norm(passed, row, layer, f"{name}.{place}", sight)}
        for place, row in enumerate(rows)
        if place > last
    ]
    return {
        **sums,
        "name": layer_words(rows[last])[0] if last >= 0 else "",
        "input": packed(_planes(stages[max(last, 0)])),
        "inputName": f"In the block, after {layer_words(rows[last - 1])[0]}" if last > 0 else passed.title(layer - 1),
        "steps": steps,
        "values": [packed(_planes(stage)[slice(*sight)]) for stage in stages[last + 1 :]],
    }


def _planes(values: Floats) -> Floats:
    """A flat list as planes of one unit each."""
    return values if values.ndim == 3 else values[:, None, None]


def _made(row: Row) -> dict[str, Any]:
    """How one unit comes from the planes before it."""
    match row.layer:
        case Conv() as layer:
            return {
                "kind": "conv",
                "stride": pair(layer.stride),
                "before": (padding_before(layer, 0), padding_before(layer, 1)),
                "dilation": pair(layer.dilation),
                "groups": layer.groups,
            }
        case ConvTranspose() as layer:
            return {
                "kind": "transposed",
                "stride": pair(layer.stride),
                "before": pair(layer.padding),
                "dilation": pair(layer.dilation),
                "groups": layer.groups,
            }
        case Pool() as layer:
            stride = layer.kernel if layer.stride is None else layer.stride
            return {
                "kind": layer.kind,
                "window": pair(layer.kernel),
                "stride": pair(stride),
                "before": pair(layer.padding),
            }
        case GlobalPool() as layer:
            return {"kind": layer.kind, "window": row.input_shape[1:], "stride": (1, 1), "before": (0, 0)}
        case AdaptivePool() as layer:
            spans = (
                adaptive_windows(n, count).tolist()
                for n, count in zip(row.input_shape[1:], row.output_shape[1:], strict=True)
            )
            return {"kind": layer.kind, "spans": list(spans)}
        case BlurPool() as layer:
            return {
                "kind": "blur",
                "window": (layer.kernel, layer.kernel),
                "blur": binomial(layer.kernel).ravel().tolist(),
                "stride": pair(layer.stride),
                "before": (blur_padding(layer.kernel)[0],) * 2,
            }
        case Residual():
            return {"kind": "added"}
        case Activation("relu" | "softmax") as layer:
            return {"kind": layer.kind}
        case Flatten():
            return {"kind": "flatten"}
        case Linear():
            return {"kind": "linear"}
        case BatchNorm():
            return {"kind": "norm"}
    return {"kind": "each"}
