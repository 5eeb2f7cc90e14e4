"""The drawing of a network that lives while it trains: what the browser component shows of a run as it is now.

The present state comes with the run's summary (`core.training.events.Live`). Runs of before that have no such state:
their last snapshot has the filters and the answers to the first pictures.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ParamSpec

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.data import DataError, DatasetInfo
from core.images.rendering import signed_colors
from core.layers import specs
from core.runs.history_cache import Frames
from core.training.events import LIVE_PICTURES, MAX_LIVE_FILTERS, decode_float16, decode_uint8
from core.ui.backend import redrawn_fragments
from core.ui.backend.redrawn_fragments import Group
from core.ui.components.training_network import training_network
from core.ui.display import image_html, numbers
from core.ui.display.colors import Role
from core.ui.display.network_diagram import network_svg

P = ParamSpec("P")
WAIT_SECONDS = 2.0  # between two looks at whether the pictures are prepared
PICTURE = 32  # px a side of a test picture, about
LARGEST_KERNEL = 11  # px a side: larger ones are the small pictures of dense units
UNIT_TIMES = 2  # px of a pixel of a dense unit's weights
THINNEST, THICKER, THICKEST = 0.15, 0.8, 4.0  # px: of a weight of 0, more for each unit of its size, and at most


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a network at one moment of its training."""

    epoch: float
    rows: Sequence[int]  # of the test pictures that are answered
    answers: Sequence[int]
    shares: Sequence[float]
    filters: NDArray[np.float32] | None  # (K, C, F, F), each from -1 to 1
    dense: Sequence[NDArray[np.float32]]  # (outputs, inputs) of each dense layer


def show(
    layers: specs.Network, role: Role, info: DatasetInfo, frame: Frames | None, *, key: str, notes: str = ""
) -> None:
    """Draw a network as its run left it last, or as it is before a run.

    Args:
        layers: The network.
        role: Its name and color.
        info: The data that it is trained on.
        frame: Its run, if there is one.
        key: Of the component.
        notes: Of the page whose notes are pinned to it; empty for none.
    """
    waits, ready = f"{key}_waits", data.opens_at_once(info.name)
    training_network(described(layers, role, info, state_of(frame)), key=key, notes=notes)
    if ready and st.session_state.get(waits):
        st.session_state[waits] = False
        st.rerun()  # and look no more
    st.session_state[waits] = not ready


def fragment(draw: Callable[P, None], info: DatasetInfo, group: Group) -> Callable[P, None]:
    """Return `draw` as a fragment that is drawn anew with its group, and while its pictures are prepared."""
    if group.every is not None or data.opens_at_once(info.name):
        return group.fragment(draw)
    return redrawn_fragments.fragment(draw, WAIT_SECONDS)


def state_of(frame: Frames | None) -> State | None:
    """Return the latest state of a run; None before its first."""
    if frame is None:
        return None
    if (live := frame.run.summary.get("live")) is not None:
        levels = None if live["filters"] is None else decode_uint8(live["filters"])
        filters = None if levels is None else ((levels.astype(np.float32) - 128) / 127).astype(np.float32)
        dense = [decode_float16(weights) for weights in live["dense"]]
        return State(live["epoch"], live["rows"], live["answers"], live["shares"], filters, dense)
    snapshot = next((event for event in reversed(frame.events) if event["event"] == "snapshot"), None)
    if snapshot is None:
        return None
    answers = np.asarray(snapshot["answers"])[:LIVE_PICTURES]
    found = None if snapshot.get("filters") is None else decode_float16(snapshot["filters"])[:MAX_LIVE_FILTERS]
    if found is not None:
        found = found / np.maximum(np.abs(found).max(axis=(1, 2, 3), keepdims=True), 1e-12)
    best = answers.argmax(axis=1).tolist()
    return State(snapshot["epoch"], range(len(answers)), best, answers.max(axis=1).tolist(), found, ())


def described(layers: specs.Network, role: Role, info: DatasetInfo, state: State | None) -> dict[str, Any]:
    """Return what the component draws."""
    names = info.classes
    digits = info.shape[0] == 1
    answers: list[dict[str, Any]]
    pictures: dict[str, Any] | None = None
    labels: tuple[int, ...] = ()
    ready = data.opens_at_once(info.name)
    if ready:  # else a worker prepares them: here that would hold up all pages
        with suppress(DataError):
            pictures, labels = tested(info.name, tuple(state.rows) if state else first_rows(info.name))
    if not ready:
        answers, caption = [], "The pictures are being prepared."
    elif state is None:
        answers = [{"text": "?", "words": f"{names[label]}: no prediction yet", "wrong": False} for label in labels]
        caption = "Ten test pictures, one of each class: predictions appear once training begins."
    else:
        answers = [
            _answer(names, label, answer, share)
            for label, answer, share in zip(labels, state.answers, state.shares, strict=False)
        ]
        caption = _caption(state, sum(answer["wrong"] for answer in answers), len(answers))
    return {
        "drawing": drawing(layers, info.shape, role),
        "wires": [] if state is None else [_widths(weights) for weights in state.dense],
        "filters": None if state is None or state.filters is None else filters(state.filters, digits),
        "pictures": pictures,
        "answers": answers,
        "caption": caption,
    }


@lru_cache(maxsize=256)
def drawing(layers: specs.Network, shape: tuple[int, ...], role: Role) -> str:
    """Return a drawing of the network as SVG, for the component."""
    return network_svg(layers, shape, color=role.color, title=f"{role.name}, layer by layer", live=True)


@lru_cache(maxsize=16)
def first_rows(name: str) -> tuple[int, ...]:
    """Return the rows of the test pictures that a training will show: the first of each class, as in training.

    Raises:
        DataError: If the dataset is not on this machine.
    """
    labels = data.load(name, exact=True).test_labels
    return tuple(int(row) for row in np.unique(labels, return_index=True)[1][:LIVE_PICTURES])


@lru_cache(maxsize=16)
def tested(name: str, rows: tuple[int, ...]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return test pictures side by side as a sprite, and their labels.

    Raises:
        DataError: If the dataset is not on this machine.
    """
    dataset = data.load(name, exact=True)
    pictures = np.concatenate([np.moveaxis(dataset.test_images[row], 0, 2) for row in rows], axis=1)
    times = max(1, PICTURE // pictures.shape[0])
    levels = np.ascontiguousarray(pictures if pictures.shape[2] == 3 else pictures[:, :, 0])
    return _sprite(levels, times, "Ten test pictures"), tuple(int(dataset.test_labels[row]) for row in rows)


def filters(weights: NDArray[np.float32], digits: bool) -> dict[str, Any]:
    """Return filters (K, C, F, F), each from -1 to 1, as a sprite: in a square, or those of dense units in a row.

    Filters of one channel are blue below zero and orange above; those of three have a color of their own, with gray
    for zero.
    """
    count, channels, side = len(weights), weights.shape[1], weights.shape[2]
    in_row = _in_row(weights)
    across = count if in_row else math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    sheet = np.zeros((down * (side + 1) - 1, across * (side + 1) - 1, 4), np.uint8)  # transparent between them
    for place, filter in enumerate(weights):
        top, left = (side + 1) * (place // across), (side + 1) * (place % across)
        tile = sheet[top : top + side, left : left + side]
        if channels == 3:
            tile[..., :3], tile[..., 3] = np.moveaxis(np.round(127.5 + 127.5 * filter), 0, 2), 255
        else:
            tile[:] = signed_colors(filter.mean(axis=0), 1.0)
    what = "units of the first layer weigh" if in_row else "filters of the first layer weigh"
    scale = "orange above zero, blue below" if channels != 3 else "gray is zero"
    return _sprite(sheet, UNIT_TIMES if in_row else 1, f"What {count} {what} now: {scale}")


def _sprite(levels: NDArray[np.uint8], times: int, alt: str) -> dict[str, Any]:
    height, width = levels.shape[:2]
    return {"url": image_html.data_url(levels), "width": width * times, "height": height * times, "alt": alt}


def _widths(weights: NDArray[np.float32]) -> list[float]:
    """Return the widths of a fan's lines in px, from each input to each output."""
    sizes = np.nan_to_num(weights.T).ravel()
    return [round(float(width), 2) for width in np.minimum(THINNEST + THICKER * sizes, THICKEST)]


def _answer(names: Sequence[str], label: int, answer: int, share: float) -> dict[str, Any]:
    wrong = answer != label
    verdict = f"wrong, it is {names[label]}" if wrong else "right"
    return {"text": names[answer], "words": f"{names[answer]}, {numbers.percent(share, 0)}: {verdict}", "wrong": wrong}


def _caption(state: State, wrong: int, of: int) -> str:
    seen = ["Lines: |weights|"] if state.dense else []
    if state.filters is not None:
        seen.append("squares: first units" if _in_row(state.filters) else "first plane: filters")
    return " ".join(
        [f"Epoch {state.epoch:.1f}: {wrong} of {of} wrong (✕).", f"{'; '.join(seen)}." if seen else ""]
    ).strip()


def _in_row(filters: NDArray[np.float32]) -> bool:
    """Return whether filters are small pictures, of dense units, and not kernels."""
    return bool(filters.shape[-1] > LARGEST_KERNEL)
