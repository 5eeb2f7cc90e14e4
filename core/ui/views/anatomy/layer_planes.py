"""Prepare a layer's planes, and what their units are made of, for the component that draws them."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.layers.specs import CapsuleDecoder, CapsuleLengths
from core.ui.views.anatomy import unit_sum
from core.ui.views.anatomy.forward_pass import ForwardPass
from core.ui.views.anatomy.unit_sum import encode_float32

PAGE_SIZE = 64  # planes shown at once


def data(forward: ForwardPass, layer: int, *, first: int, selected: int) -> dict[str, Any]:
    """Return layer `layer` (from 1): PAGE_SIZE planes or capsules from number `first` (from 0) on, a flat list whole.

    `selected` is a plane, from 0. Raises InferenceError.
    """
    fields = forward.network.fields[layer - 1]
    is_flat = forward.outputs[layer].ndim == 1
    planes = forward.planes(layer)
    last = len(planes) if is_flat else min(first + PAGE_SIZE, len(planes))
    return {
        "name": forward.title(layer),
        "flat": is_flat,
        "capsules": forward.outputs[layer].ndim == 2,
        "first": first,
        "total": len(planes),
        "planes": encode_float32(planes[first:last]),
        "limits": forward.limits(layer)[first:last].tolist() if not is_flat else [float(forward.limits(layer)[0])],
        "rows": fields.rows.tolist(),
        "columns": fields.columns.tolist(),
        "depth": fields.depth if is_flat else 1,
        "source": unit_sum.source(forward, layer, (first, last)),
        "picture": _picture(forward.picture.as_seen_by(forward.network)),
        "alt": forward.picture.alt,
        "names": list(forward.network.info.classes) if _names_classes(forward, layer) else [],
        "selected": selected,
    }


def _picture(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Encode a picture (C, H, W) for `decodePixels` of the inspector; for a depth other than 1 or 3, one channel."""
    planes = pixels if len(pixels) in (1, 3) else pixels[:1]
    return {"shape": planes.shape, "encoding": "uint8", "base64": base64.b64encode(planes.tobytes()).decode()}


def _names_classes(forward: ForwardPass, layer: int) -> bool:
    """Return whether the layer's units or capsules stand for the classes: in the end, or if they are still the same."""
    size, out = len(forward.network.info.classes), forward.outputs[layer]
    following = zip(forward.network.rows[layer:], forward.outputs[layer + 1 :], strict=True)
    kept = (CapsuleDecoder, CapsuleLengths)
    same = all(isinstance(row.layer, kept) or after.shape == (size,) for row, after in following)
    return out.ndim < 3 and len(out) == size and same
