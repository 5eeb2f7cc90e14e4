"""A layer's planes with all that made them, for the component that draws them."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ui.components import layer_planes as component
from core.ui.views.anatomy import unit_sum
from core.ui.views.anatomy.forward_pass import Pass
from core.ui.views.anatomy.unit_sum import packed

PAGE = 64  # planes in sight at once


def layer_planes(
    passed: Pass, layer: int, *, first: int, selected: int, key: str, on_choose: Callable[[], None]
) -> None:
    """Draw layer `layer` (from 1): PAGE planes from plane `first` (from 0) on, a flat list whole.

    `selected` is a plane, from 0; after a click `chosen(key)` says which one, in `on_choose`. Raises InferenceError.
    """
    fields = passed.subject.fields[layer - 1]
    is_flat = passed.outputs[layer].ndim == 1
    planes = passed.planes(layer)
    last = len(planes) if is_flat else min(first + PAGE, len(planes))
    component.layer_planes(
        {
            "name": passed.title(layer),
            "flat": is_flat,
            "first": first,
            "total": len(planes),
            "planes": packed(planes[first:last]),
            "limits": passed.limits(layer)[first:last].tolist() if not is_flat else [float(passed.limits(layer)[0])],
            "rows": fields.rows.tolist(),
            "columns": fields.columns.tolist(),
            "source": unit_sum.source(passed, layer, (first, last)),
            "picture": _picture(passed.shown.seen(passed.subject)),
            "alt": passed.shown.alt,
            "names": list(passed.subject.info.classes) if _names_classes(passed, layer) else [],
            "selected": selected,
        },
        key=key,
        on_choose=on_choose,
    )


def _picture(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """(C, H, W) as `decodePixels` of the inspector reads it; of another depth than 1 or 3 the first channel."""
    planes = pixels if len(pixels) in (1, 3) else pixels[:1]
    return {"shape": planes.shape, "encoding": "uint8", "base64": base64.b64encode(planes.tobytes()).decode()}


def _names_classes(passed: Pass, layer: int) -> bool:
    """Whether the layer's units stand for the classes: those of the last layer, and of what it only turns around."""
    size = len(passed.subject.info.classes)
    behind = passed.outputs[layer:]
    return all(out.shape == (size,) for out in behind)
