"""A layer's planes in large: point at a unit, and see what it sees of the picture and the sum that made it.

A browser component: planes, the planes before them and the weights travel as whole numbers of 16 bits with a scale, so
that hovering asks nobody.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.layers.fields import before
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
    Layer,
    Linear,
    Pool,
    Residual,
    pair,
)
from core.ui.anatomy import read_styles
from core.ui.anatomy.passing import Floats, Pass, parameters
from core.ui.inspector import read_module

_HERE = Path(__file__).parent
PAGE = 64  # planes in sight at once
MOST_WEIGHTS = 1_500_000  # 3 MB: of a larger layer the sums are not told

_mount = st.components.v2.component(
    "cnn_lab.anatomy_planes",
    css=read_styles(_HERE / "planes.css"),
    js="\n".join(
        (
            read_module("elements", "math", "drawing"),
            *((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("sums", "planes")),
        )
    ),
)


def layer_planes(
    passed: Pass, layer: int, *, first: int, selected: int, key: str, on_choose: Callable[[], None]
) -> None:
    """Draw layer `layer` (from 1): PAGE planes from plane `first` (from 0) on, a flat list whole.

    `selected` is a plane, from 0; after a click `chosen(key)` says which one, in `on_choose`. Raises InferenceError.
    """
    row, fields = passed.subject.rows[layer - 1], passed.subject.fields[layer - 1]
    is_flat = passed.outputs[layer].ndim == 1
    planes = passed.planes(layer)
    last = len(planes) if is_flat else min(first + PAGE, len(planes))
    weights, biases = _weights(passed, layer, first, last)
    _mount(
        key=key,
        data={
            "name": passed.title(layer),
            "flat": is_flat,
            "first": first,
            "total": len(planes),
            "planes": packed(planes[first:last]),
            "limits": passed.limits(layer)[first:last].tolist() if not is_flat else [float(passed.limits(layer)[0])],
            "rows": fields.rows.tolist(),
            "columns": fields.columns.tolist(),
            "input": packed(passed.planes(layer - 1)),
            "inputName": passed.title(layer - 1),
            "inputFlat": passed.outputs[layer - 1].ndim == 1,
            "weights": None if weights is None else packed(weights),
            "biases": biases.tolist(),
            "made": _made(row.layer, row.input_shape),
            "picture": _picture(passed.shown.seen(passed.subject)),
            "alt": passed.shown.alt,
            "names": list(passed.subject.info.classes) if _names_classes(passed, layer) else [],
            "selected": selected,
        },
        on_chosen_change=on_choose,
    )


def chosen(key: str) -> int | None:
    """The plane that was clicked, from 0, as the browser tells it."""
    number = (st.session_state.get(key) or {}).get("chosen")
    return number if isinstance(number, int) else None


def packed(values: Floats) -> dict[str, Any]:
    """An array as the browser unpacks it: little-endian int16, times a scale."""
    scale = float(np.abs(values).max(initial=0)) / 32767 or 1.0
    levels = np.rint(values / scale).astype("<i2")
    return {"shape": values.shape, "scale": scale, "base64": base64.b64encode(levels.tobytes()).decode()}


def _weights(passed: Pass, layer: int, first: int, last: int) -> tuple[Floats | None, Floats]:
    """Weights, (k, D, F, F) or (k, N), and biases, (k,), of the planes in sight, where sums can be told."""
    none = np.zeros(0, np.float32)
    row = passed.subject.rows[layer - 1]
    if not isinstance(row.layer, Conv | Linear) or row.weights * (last - first) // row.output_shape[0] > MOST_WEIGHTS:
        return None, none
    weights, biases = parameters(passed.subject.name, layer, passed.seed)
    return weights[first:last], biases[first:last]


def _made(layer: Layer, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """How one unit comes from the planes before it."""
    match layer:
        case Conv():
            return {
                "kind": "conv",
                "stride": pair(layer.stride),
                "before": (before(layer, 0), before(layer, 1)),
                "dilation": pair(layer.dilation),
                "groups": layer.groups,
            }
        case Pool():
            stride = layer.kernel if layer.stride is None else layer.stride
            return {
                "kind": layer.kind,
                "window": pair(layer.kernel),
                "stride": pair(stride),
                "before": pair(layer.padding),
            }
        case GlobalPool():
            return {"kind": layer.kind, "window": input_shape[1:], "stride": (1, 1), "before": (0, 0)}
        case Linear():
            return {"kind": "linear"}
        case Flatten():
            return {"kind": "flatten"}
        case Activation("softmax"):
            return {"kind": "other", "how": "e to the power of what came in, divided by the sum of all of those"}
        case Activation("relu"):
            return {"kind": "relu"}
        case Activation() | BatchNorm() | Dropout():
            return {"kind": "each"}
        case AdaptivePool():
            return {"kind": "other", "how": "the mean or the largest of an evenly spread window of the plane before"}
        case BlurPool():
            return {
                "kind": "other",
                "how": "a window of the plane before, blurred: a mean in which the middle counts most",
            }
        case ConvTranspose():
            return {"kind": "other", "how": "the filters stamped enlarged on it, one for each value before, and summed"}
        case Residual():
            return {"kind": "other", "how": "two ways through, added: the layers of the block, and the way past them"}


def _picture(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """(C, H, W) as `decodePixels` of the inspector reads it; of another depth than 1 or 3 the first channel."""
    planes = pixels if len(pixels) in (1, 3) else pixels[:1]
    return {"shape": planes.shape, "encoding": "uint8", "base64": base64.b64encode(planes.tobytes()).decode()}


def _names_classes(passed: Pass, layer: int) -> bool:
    """Whether the layer's units stand for the classes: those of the last layer, and of what it only turns around."""
    size = len(passed.subject.info.classes)
    behind = passed.outputs[layer:]
    return all(out.shape == (size,) for out in behind)
