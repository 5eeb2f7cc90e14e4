"""A drawing of a layer: a picture, K filters, and their block of output planes, from which each can be lifted.

A browser component: planes are computed and drawn in the browser, with the same arithmetic as
`core.images.filter_layer.convolution_layer`, so that edits show immediately. Python receives the edits and the
selected plane.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.ui.components.filter_layer.edits import Edit, Edits, from_json, to_json
from core.ui.components.kit import assets, encode_pixels

__all__ = [
    "Edit",
    "Edits",
    "Mix",
    "SimilarFilter",
    "StackFilter",
    "edits_of",
    "filter_layer",
    "forget",
    "from_json",
    "select",
    "to_json",
]

Weights = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of red, green and blue for one grid."""

    title: str
    shares: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class SimilarFilter:
    """A filter to show next to a similar filter."""

    title: str
    why: str
    weights: Weights  # (D, F, F)


@dataclass(frozen=True, slots=True, eq=False)
class StackFilter:
    """A filter before edits."""

    key: str
    title: str
    why: str  # what it responds to, in a sentence
    weights: Weights  # (D, F, F)
    bias: float = 0.0
    base: Weights | None = None  # (F, F): the grid that `mix` weights for the three channels
    mix: str = ""
    is_own: bool = False  # whether the user created it
    twin: SimilarFilter | None = None


ASSETS = assets(
    Path(__file__).parent,
    script="filter_layer",
    styles="filter_layer",
    notice=True,
    number=True,
    notes=True,
    switch=True,
)
_mount = st.components.v2.component("cnn_lab.filter_layer", css=ASSETS.css, js=ASSETS.js)


def filter_layer(
    image: Picture,
    filters: Sequence[StackFilter],
    *,
    key: str,
    alt: str,
    selected: str,
    edits: Edits,
    relu: bool = False,
    stride: int = 1,
    border: int = 0,
    normalize: tuple[Sequence[float], Sequence[float]] | None = None,
    mixes: Mapping[str, Mix] | None = None,
    editable: bool = False,
    notice: Callable[[str], Sequence[str]] | None = None,
) -> str:
    """Draw the layer and return the key of the filter whose plane is selected.

    Args:
        image: (H, W) or (H, W, 3) in [0, 1], at most about 128 px a side.
        filters: all of one size F and as deep as the image.
        key: key of the component.
        alt: alternative text.
        selected: key of the filter that is selected at first.
        edits: the result of `edits_of`.
        relu: default for planes whose edit has no ReLU setting.
        stride: S, in pixels.
        border: P, zeros on each side, in pixels.
        normalize: mean and standard deviation of each channel, for a network's first layer.
        mixes: choices for the channel weights, by name.
        editable: whether the user can edit the filters.
        notice: returns what to notice while the filter with that key is selected, a sentence and others on demand.
    """
    report = _report(key)
    known = [item.key for item in filters]
    chosen = _selected(key, report, selected)
    chosen = chosen if chosen in known else known[0]
    _mount(
        key=key,
        data={
            "image": encode_pixels(image),
            "filters": [_to_json(item) for item in filters],
            "selected": chosen,
            "edits": to_json(edits),
            "relu": relu,
            "stride": stride,
            "border": border,
            "normalize": normalize and {"mean": list(normalize[0]), "std": list(normalize[1])},
            "mixes": {name: {"title": mix.title, "shares": mix.shares} for name, mix in (mixes or {}).items()},
            "editable": editable,
            "notice": list(notice(chosen)) if notice else [],
            "alt": alt,
            "serial": _serial(key),
            "version": _version(report),
        },
        on_view_change=lambda: None,
    )
    return chosen


def edits_of(key: str, otherwise: Edits) -> Edits:
    """Return the checked edits made in the component `key`; `otherwise` before the first one."""
    report = _report(key)
    return from_json(report.get("edits")) if report else otherwise


def select(key: str, filter_key: str) -> None:
    """Select a filter of the component `key`. For callbacks."""
    st.session_state[f"{key}-selected"] = (_version(_report(key)), filter_key)


def _selected(key: str, report: Mapping[str, Any], otherwise: str) -> str:
    version, requested = st.session_state.get(f"{key}-selected", (None, ""))
    return requested if version == _version(report) else str(report.get("selected", otherwise))


def _version(report: Mapping[str, Any]) -> int:
    """Return the number of changes the user had made at the time of the report."""
    version = report.get("version", 0)
    return version if isinstance(version, int) else 0


def forget(key: str) -> None:
    """Discard all edits. For callbacks: before the component is drawn."""
    st.session_state[f"{key}-serial"] = _serial(key) + 1


def _serial(key: str) -> int:
    """Return how often the edits were discarded; earlier reports do not count."""
    return int(st.session_state.get(f"{key}-serial", 0))


def _report(key: str) -> Mapping[str, Any]:
    report = (st.session_state.get(key) or {}).get("view")
    return report if isinstance(report, Mapping) and report.get("serial") == _serial(key) else {}


def _to_json(filter: StackFilter) -> dict[str, Any]:
    return {
        "key": filter.key,
        "title": filter.title,
        "why": filter.why,
        "weights": filter.weights.tolist(),
        "bias": filter.bias,
        "base": None if filter.base is None else filter.base.tolist(),
        "mix": filter.mix,
        "isOwn": filter.is_own,
        "twin": filter.twin
        and {"title": filter.twin.title, "why": filter.twin.why, "weights": filter.twin.weights.tolist()},
    }
