"""A layer as a drawing: a picture, K filters, and the block of planes they make, each plane to be lifted out.

A browser component: planes are computed and drawn in the browser, by the rules of
`core.images.layer.convolution_layer`, so that a weight, a bias or a lifted plane answers at once. Python is told what
was changed and which plane is selected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.ui.components.kit import assets, encode_pixels
from core.ui.components.layer_stack.edits import Edit, Edits, from_json, to_json

__all__ = [
    "Edit",
    "Edits",
    "Mix",
    "StackFilter",
    "Twin",
    "edits_of",
    "forget",
    "from_json",
    "layer_stack",
    "select",
    "to_json",
]

Weights = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Mix:
    """How much of one grid falls on red, green and blue."""

    title: str
    shares: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A filter to be shown beside another one."""

    title: str
    why: str
    weights: Weights  # (D, F, F)


@dataclass(frozen=True, slots=True, eq=False)
class StackFilter:
    """One filter as the page gives it: `edits` say what the person has made of it."""

    key: str
    title: str
    why: str  # what it answers to, in a sentence
    weights: Weights  # (D, F, F)
    bias: float = 0.0
    base: Weights | None = None  # (F, F): the grid that `mix` weighs for the three colors
    mix: str = ""
    is_own: bool = False  # whether it was the person's from the beginning
    twin: Twin | None = None


ASSETS = assets(
    Path(__file__).parent,
    script="layer_stack",
    styles="layer_stack",
)
_mount = st.components.v2.component("cnn_lab.layer_stack", css=ASSETS.css, js=ASSETS.js)


def layer_stack(
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
) -> str:
    """Draw the layer and answer the key of the filter whose plane is selected.

    image: (H, W) or (H, W, 3) in [0, 1], at most about 128 px a side; every filter has its depth and one size F.
    `stride` S and the zeros on each side, `border` P, are in pixels. `normalize`: mean and deviation a channel, which a
    network's first layer expects taken away and divided by. `relu` holds for every plane whose edit does not say
    otherwise. `edits`: what `edits_of` answers, so that a change made in the browser is given back to it.
    """
    report = _report(key)
    chosen = _selected(key, report, selected)
    _mount(
        key=key,
        data={
            "image": encode_pixels(image),
            "filters": [_plain(one) for one in filters],
            "selected": chosen,
            "edits": to_json(edits),
            "relu": relu,
            "stride": stride,
            "border": border,
            "normalize": normalize and {"mean": list(normalize[0]), "std": list(normalize[1])},
            "mixes": {name: {"title": mix.title, "shares": mix.shares} for name, mix in (mixes or {}).items()},
            "editable": editable,
            "alt": alt,
            "serial": _serial(key),
            "version": _version(report),
        },
        on_view_change=lambda: None,
    )
    known = [one.key for one in filters]
    return chosen if chosen in known else known[0]


def edits_of(key: str, otherwise: Edits) -> Edits:
    """What the person has changed in the component `key`, checked; `otherwise` before the first change."""
    report = _report(key)
    return from_json(report.get("edits")) if report else otherwise


def select(key: str, filter_key: str) -> None:
    """Select a filter of the component `key`, until the person selects another. For callbacks."""
    st.session_state[f"{key}-selected"] = (_version(_report(key)), filter_key)


def _selected(key: str, report: Mapping[str, Any], otherwise: str) -> str:
    version, wished = st.session_state.get(f"{key}-selected", (None, ""))
    return wished if version == _version(report) else str(report.get("selected", otherwise))


def _version(report: Mapping[str, Any]) -> int:
    """How many changes the person had made when the browser told this."""
    version = report.get("version", 0)
    return version if isinstance(version, int) else 0


def forget(key: str) -> None:
    """Drop what the person has changed. For callbacks: before the component is drawn."""
    st.session_state[f"{key}-serial"] = _serial(key) + 1


def _serial(key: str) -> int:
    """How often the changes were dropped: a report from before the last time does not count."""
    return int(st.session_state.get(f"{key}-serial", 0))


def _report(key: str) -> Mapping[str, Any]:
    report = (st.session_state.get(key) or {}).get("view")
    return report if isinstance(report, Mapping) and report.get("serial") == _serial(key) else {}


def _plain(one: StackFilter) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "why": one.why,
        "weights": one.weights.tolist(),
        "bias": one.bias,
        "base": None if one.base is None else one.base.tolist(),
        "mix": one.mix,
        "isOwn": one.is_own,
        "twin": one.twin and {"title": one.twin.title, "why": one.twin.why, "weights": one.twin.weights.tolist()},
    }
