"""The user's edits of a layer's filters: checked JSON from the browser or a link, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.images.kernels import MAX_KERNEL_SIZE, KernelError, check_kernel

MAX_BIAS = 2.0
MAX_EDITS = 64


@dataclass(frozen=True, slots=True)
class Edit:
    """The edits of one filter; None for unchanged settings."""

    bias: float | None = None
    relu: bool | None = None
    mix: str | None = None
    weights: tuple[tuple[tuple[float, ...], ...], ...] | None = None  # (D, F, F)

    def array(self) -> NDArray[np.float64] | None:
        """Return the weights, (D, F, F)."""
        return None if self.weights is None else np.array(self.weights)


Edits = Mapping[str, Edit]


def to_json(edits: Edits) -> dict[str, dict[str, Any]]:
    """Return JSON data without unchanged settings."""
    named = {
        key: {name: getattr(edit, name) for name in ("bias", "relu", "mix", "weights")} for key, edit in edits.items()
    }
    return {key: {name: value for name, value in edit.items() if value is not None} for key, edit in named.items()}


def from_json(data: object) -> dict[str, Edit]:
    """Return the edits that `to_json` wrote, without invalid ones: a browser or a link may contain anything."""
    if not isinstance(data, Mapping) or len(data) > MAX_EDITS:
        return {}
    edits = {str(key)[:40]: _edit(entry) for key, entry in data.items() if isinstance(entry, Mapping)}
    return {key: edit for key, edit in edits.items() if edit != Edit()}


def _edit(entry: Mapping[str, Any]) -> Edit:
    bias, relu, mix = entry.get("bias"), entry.get("relu"), entry.get("mix")
    number = isinstance(bias, int | float) and not isinstance(bias, bool) and abs(bias) <= MAX_BIAS
    return Edit(
        bias=float(bias) if number else None,  # type: ignore[arg-type]
        relu=relu if isinstance(relu, bool) else None,
        mix=mix if isinstance(mix, str) and len(mix) <= 40 else None,
        weights=_weights(entry.get("weights")),
    )


def _weights(planes: object) -> tuple[tuple[tuple[float, ...], ...], ...] | None:
    if not isinstance(planes, list | tuple) or len(planes) not in (1, 3):
        return None
    try:
        grids = [check_kernel(plane, largest=MAX_KERNEL_SIZE) for plane in planes]
    except (KernelError, ValueError):
        return None
    if len({grid.shape for grid in grids}) > 1:
        return None
    return tuple(tuple(tuple(row) for row in grid.tolist()) for grid in grids)
