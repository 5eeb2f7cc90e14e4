"""A layer's planes in large: point at a unit, and see what it sees of the picture and the sum that made it.

A browser component: the planes travel with all that made them (`core.ui.views.anatomy.unit_sum`), so that hovering asks nobody.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.convolution_inspector import read_module
from core.ui.views.anatomy import read_styles, unit_sum
from core.ui.views.anatomy.forward_pass import Pass
from core.ui.views.anatomy.unit_sum import packed

_HERE = Path(__file__).parent
PAGE = 64  # planes in sight at once

_mount = st.components.v2.component(
    "cnn_lab.anatomy_planes",
    css=read_styles(_HERE / "layer_planes.css"),
    js="\n".join(
        (
            read_module("elements", "math", "drawing"),
            *((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("account", "sums", "layer_planes")),
        )
    ),
)


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
            "source": unit_sum.source(passed, layer, (first, last)),
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


def _picture(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """(C, H, W) as `decodePixels` of the inspector reads it; of another depth than 1 or 3 the first channel."""
    planes = pixels if len(pixels) in (1, 3) else pixels[:1]
    return {"shape": planes.shape, "encoding": "uint8", "base64": base64.b64encode(planes.tobytes()).decode()}


def _names_classes(passed: Pass, layer: int) -> bool:
    """Whether the layer's units stand for the classes: those of the last layer, and of what it only turns around."""
    size = len(passed.subject.info.classes)
    behind = passed.outputs[layer:]
    return all(out.shape == (size,) for out in behind)
