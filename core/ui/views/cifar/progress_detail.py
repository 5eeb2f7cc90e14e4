"""The network from nearer while it learns: its answers for sixteen pictures, its classes, its first filters."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.data import DataError, DatasetInfo
from core.runs.history_cache import Frames
from core.training.events import WATCHED, unpacked
from core.ui import messages
from core.ui.display import image_html, numbers, scores
from core.ui.views.cifar import run_titles
from core.ui.widgets import tabs

TIMES = 2  # screen pixels a pixel
FILTER_PIXELS = 44
MOST_FILTERS = 48


def show(frames: Frames, info: DatasetInfo) -> None:
    """Draw what was picked, from what the run told last."""
    told = latest(frames)
    if told is None:
        return
    views, tested = scores.tested_at(frames, told["step"])
    tabs.pick(
        "ci_watch",
        "From nearer",
        {
            "Sixteen pictures": lambda: _answers(told, info, views),
            "Class by class": lambda: _classes(told, info, views, tested),
            "First filters": lambda: _filters(told, info),
        },
        names=("pictures", "classes", "filters"),
        help="What is shown of the network while it learns",
    )


def latest(frames: Frames) -> dict[str, Any] | None:
    """The last event of kind "looked"."""
    return next((event for event in reversed(frames.events) if event["event"] == "looked"), None)


def _answers(told: dict[str, Any], info: DatasetInfo, views: str) -> None:
    try:
        shown, labels = watched(info.name)
    except DataError as error:
        messages.line(error)
        return
    answers = np.asarray(told["answers"])
    right = int((answers.argmax(axis=1) == labels[: len(answers)]).sum())
    st.html(gallery(shown, labels, answers, info.classes))
    st.caption(
        f"The first {len(answers)} test pictures, always the same; {right} are named right at epoch "
        f"{told['epoch']:.1f}. {scores.views_note(views)} 32 × 32 pixels, 3 channels, shown {TIMES} times as large. "
        f"{run_titles.standin(info)}".strip()
    )


def gallery(
    shown: Sequence[NDArray[np.uint8]], labels: NDArray[Any], answers: NDArray[Any], names: Sequence[str]
) -> str:
    """Pictures with what the network takes them for, as HTML; wrong answers say what is right."""
    figures = []
    for picture, label, row in zip(shown, labels, answers, strict=False):
        said, truth = int(row.argmax()), int(label)
        wrong = "" if said == truth else f"<br>not {escape(names[truth])}"
        caption = f"<b>{escape(names[said])}</b> {numbers.percent(float(row[said]), 0)}{wrong}"
        figures.append(image_html.figure(picture, TIMES, f"A test picture: {names[truth]}", caption))
    return f'<div class="gallery small">{"".join(figures)}</div>'


@lru_cache(maxsize=8)
def watched(name: str) -> tuple[tuple[NDArray[np.uint8], ...], NDArray[np.uint8]]:
    """The pictures, (32, 32, 3), and the labels, whose answers every run on `name` tells. Raises DataError."""
    dataset = data.load(name, exact=True)
    shown = tuple(np.ascontiguousarray(np.moveaxis(one, 0, 2)) for one in dataset.test_images[:WATCHED])
    return shown, np.array(dataset.test_labels[:WATCHED])


def _classes(told: dict[str, Any], info: DatasetInfo, views: str, tested: int | None) -> None:
    st.html(bars(told["per_class"], info.classes))
    among = f"{numbers.count(tested)} test pictures" if tested else "the test pictures"
    st.caption(
        f"Of each class's pictures among {among}, the share named right: its recall. {scores.views_note(views)} "
        f"{run_titles.standin(info)}".strip()
    )


def bars(shares: Sequence[float | None], names: Sequence[str]) -> str:
    """A bar a class, as HTML."""
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td><div style='width: {100 * (share or 0):.1f}%'></div></td>"
        f"<td>{'—' if share is None else numbers.percent(share, 1)}</td></tr>"
        for name, share in zip(names, shares, strict=True)
    )
    return f'<table class="bars"><caption>Accuracy class by class</caption>{rows}</table>'


def _filters(told: dict[str, Any], info: DatasetInfo) -> None:
    if told["filters"] is None:
        st.markdown("Its first layer is not a convolution of a few small filters, so there are no filters to show.")
        return
    weights = unpacked(told["filters"])  # (K, C, F, F)
    st.html(filters_html(weights))
    size = weights.shape[-1]
    more = f", the first {MOST_FILTERS} of them" if len(weights) > MOST_FILTERS else ""
    st.caption(
        f"The {len(weights)} filters of the first layer{more}, {size} × {size} × {weights.shape[1]}, at epoch "
        f"{told['epoch']:.1f}. Gray is a weight of 0; each filter is drawn at its own full contrast. A whitened first "
        "layer stays as it was computed."
    )


def filters_html(weights: NDArray[np.float32]) -> str:
    """Filters (K, C, F, F) of one or three channels as small pictures, as HTML."""
    times = max(2, FILTER_PIXELS // weights.shape[-1])
    images = []
    for place, one in enumerate(weights[:MOST_FILTERS]):
        limit = float(np.abs(one).max()) or 1.0
        levels = np.moveaxis(np.round(127.5 + 127.5 * one / limit).astype(np.uint8), 0, 2)  # (F, F, C)
        levels = levels if levels.shape[2] == 3 else levels.mean(axis=2).astype(np.uint8)
        images.append(image_html.img(np.ascontiguousarray(levels), times, f"Filter {place + 1}"))
    return f'<div class="filters">{"".join(images)}</div>'
