"""Progress in detail during training: predictions for sixteen pictures, accuracy by class, first-layer filters."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core import data
from core.data import DataError, DatasetInfo
from core.runs.history_cache import Frames
from core.size_text import format_shape
from core.training.events import SNAPSHOT_PICTURES, decode_float16
from core.ui import messages
from core.ui.display import image_html, numbers, run_accuracies
from core.ui.views.cifar import run_titles
from core.ui.widgets import tabs

ZOOM = 2  # screen pixels per pixel
FILTER_PIXELS = 44
MAX_FILTERS = 48


def show(frames: Frames, info: DatasetInfo) -> None:
    """Draw the selected detail of the run's latest snapshot."""
    snapshot = latest(frames)
    if snapshot is None:
        return
    views, tested = run_accuracies.tested_at(frames, snapshot["step"])
    tabs.pick(
        "ci_watch",
        "Progress in detail",
        {
            "Sixteen pictures": lambda: _predictions(snapshot, info, views),
            "Accuracy by class": lambda: _classes(snapshot, info, views, tested),
            "First filters": lambda: _filters(snapshot, info),
        },
        names=("pictures", "classes", "filters"),
        help="Details of the network during training",
    )


def latest(frames: Frames) -> dict[str, Any] | None:
    """Return the last event of kind "snapshot"."""
    return next((event for event in reversed(frames.events) if event["event"] == "snapshot"), None)


def _predictions(snapshot: dict[str, Any], info: DatasetInfo, views: str) -> None:
    try:
        pictures, labels = watched(info.name)
    except DataError as error:
        messages.line(error)
        return
    probabilities = np.asarray(snapshot["answers"])
    right = int((probabilities.argmax(axis=1) == labels[: len(probabilities)]).sum())
    st.html(gallery(pictures, labels, probabilities, info.classes))
    st.caption(
        f"The first {len(probabilities)} test pictures, always the same; {right} are classified correctly at epoch "
        f"{snapshot['epoch']:.1f}. {run_accuracies.views_note(views)} 32 × 32 pixels, 3 channels."
    )


def gallery(
    pictures: Sequence[NDArray[np.uint8]], labels: NDArray[Any], probabilities: NDArray[Any], names: Sequence[str]
) -> Markup:
    """Return pictures with the network's predictions as HTML; wrong predictions show the true class too."""
    figures = []
    for picture, label, row in zip(pictures, labels, probabilities, strict=False):
        predicted, truth = int(row.argmax()), int(label)
        wrong = "" if predicted == truth else Markup("<br>not {}").format(names[truth])
        percent = numbers.percent(float(row[predicted]), 0)
        caption = Markup("<b>{}</b> {}{}").format(names[predicted], percent, wrong)
        figures.append(image_html.figure(picture, ZOOM, f"A test picture: {names[truth]}", caption))
    return Markup('<div class="gallery small">{}</div>').format(Markup("".join(figures)))


@lru_cache(maxsize=8)
def watched(name: str) -> tuple[tuple[NDArray[np.uint8], ...], NDArray[np.uint8]]:
    """Return the pictures, (32, 32, 3), and labels of the snapshots of every run on the dataset `name`.

    Raises:
        DataError: If the dataset is not on this machine.
    """
    dataset = data.load(name, exact=True)
    pictures = tuple(
        np.ascontiguousarray(np.moveaxis(picture, 0, 2)) for picture in dataset.test_images[:SNAPSHOT_PICTURES]
    )
    return pictures, np.array(dataset.test_labels[:SNAPSHOT_PICTURES])


def _classes(snapshot: dict[str, Any], info: DatasetInfo, views: str, tested: int | None) -> None:
    st.html(bars(snapshot["per_class"], info.classes))
    among = f"{numbers.count(tested)} test pictures" if tested else "the test pictures"
    st.caption(
        f"Recall: the share of each class's pictures, among {among}, that are predicted as it. "
        f"{run_accuracies.views_note(views)} {run_titles.standin(info)}".strip()
    )


def bars(shares: Sequence[float | None], names: Sequence[str]) -> Markup:
    """Return a bar for each class, as HTML."""
    rows = Markup("").join(
        Markup("<tr><th scope=row>{}</th><td><div style='width: {:.1f}%'></div></td><td>{}</td></tr>").format(
            name, 100 * (share or 0), "—" if share is None else numbers.percent(share, 1)
        )
        for name, share in zip(names, shares, strict=True)
    )
    return Markup('<table class="bars"><caption>Accuracy by class</caption>{}</table>').format(rows)


def _filters(snapshot: dict[str, Any], info: DatasetInfo) -> None:
    if snapshot["filters"] is None:
        st.markdown("The first layer is not a convolution with a few small filters, so there are no filters to show.")
        return
    weights = decode_float16(snapshot["filters"])  # (K, C, F, F)
    st.html(filters_html(weights))
    more = f" (the first {MAX_FILTERS} are shown)" if len(weights) > MAX_FILTERS else ""
    st.caption(
        f"The {len(weights)} filters of the first layer{more}, {format_shape(weights.shape[1:])}, at epoch "
        f"{snapshot['epoch']:.1f}. Gray is a weight of 0; each filter has its own contrast. A whitened first layer is "
        "not trained."
    )


def filters_html(weights: NDArray[np.float32]) -> Markup:
    """Return filters (K, C, F, F) of one or three channels as small pictures, as HTML."""
    zoom = max(2, FILTER_PIXELS // weights.shape[-1])
    images = []
    for index, kernel in enumerate(weights[:MAX_FILTERS]):
        limit = float(np.abs(kernel).max()) or 1.0
        levels = np.moveaxis(np.round(127.5 + 127.5 * kernel / limit).astype(np.uint8), 0, 2)  # (F, F, C)
        levels = levels if levels.shape[2] == 3 else levels.mean(axis=2).astype(np.uint8)
        images.append(image_html.img(np.ascontiguousarray(levels), zoom, f"Filter {index + 1}"))
    return Markup('<div class="filters">{}</div>').format(Markup("".join(images)))
