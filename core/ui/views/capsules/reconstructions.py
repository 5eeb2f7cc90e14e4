"""Sixteen test digits as a run's decoder redraws them after every evaluation."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core import data
from core.data import DataError
from core.layers.specs import CapsuleDecoder
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.events import SNAPSHOT_PICTURES, decode_uint8
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html
from core.ui.display.english import with_article

ZOOM = 2  # screen pixels per pixel of the latest reconstructions
SHEETS = "v_t_sheets"  # widget key of all evaluations' reconstructions
ACROSS = 4  # digits side by side on a contact sheet
Pictures = NDArray[np.uint8]


def show(experiment: Experiment) -> None:
    """Draw the latest reconstructions of an experiment's run, and those of all its evaluations."""
    if not any(isinstance(layer, CapsuleDecoder) for layer in experiment.layers):
        st.caption("Switch Reconstruction on to see the digits as the network's capsules describe them.")
        return
    try:
        frames = client.feed().frames([experiment.key]).get(experiment.key)
        digits, labels = watched(experiment.data)
    except (StoreUnavailable, DataError) as error:
        messages.line(error)
        return
    looks = snapshots(frames)
    st.html(pairs(digits, labels, looks[-1] if looks else None))
    if not looks:
        st.caption(
            f"The first {len(digits)} test digits, 28 × 28 pixels. While the network trains, each appears below itself "
            "as the decoder redraws it from the numbers of its longest capsule."
        )
        return
    redrawn = decode_uint8(looks[-1]["redrawn"])[:, 0]
    squared = float(np.square(redrawn / 255 - digits / 255.0).mean())
    st.caption(
        f"Above: test digits. Below: redrawn from the numbers of the longest capsule, whose length is given, at epoch "
        f"{looks[-1]['epoch']:.1f}. Mean squared error {squared:.3f}; a black picture has "
        f"{float(np.square(digits / 255.0).mean()):.3f}."
    )
    folded = st.expander("After every evaluation", key=SHEETS, on_change="rerun")
    if folded.open:
        with folded:
            st.html(sheets(digits, looks))


def snapshots(frames: Frames | None) -> list[dict[str, Any]]:
    """Return a run's snapshots with reconstructions, oldest first."""
    events = frames.events if frames else ()
    return [event for event in events if event["event"] == "snapshot" and event.get("redrawn")]


@lru_cache(maxsize=4)
def watched(name: str) -> tuple[Pictures, NDArray[np.uint8]]:
    """Return the digits (16, 28, 28) of every run's snapshots on the dataset `name`, and their labels.

    Raises:
        DataError: If the dataset is not on this machine.
    """
    dataset = data.load(name, exact=True)
    digits = np.ascontiguousarray(dataset.test_images[:SNAPSHOT_PICTURES, 0])
    return digits, np.array(dataset.test_labels[:SNAPSHOT_PICTURES])


def pairs(digits: Pictures, labels: NDArray[np.uint8], snapshot: Mapping[str, Any] | None) -> Markup:
    """Return each digit above its reconstruction as HTML, with the answer and its length; wrong ones have a cross."""
    redrawn = decode_uint8(snapshot["redrawn"])[:, 0] if snapshot else [None] * len(digits)
    answers = np.asarray(snapshot["answers"]) if snapshot else [None] * len(digits)
    figures = []
    for digit, label, drawn, lengths in zip(digits, labels, redrawn, answers, strict=False):
        pictures = image_html.img(digit, ZOOM, f"A test digit: {label}")
        caption = Markup("{}").format(label)
        if drawn is not None and lengths is not None:
            answer = int(lengths.argmax())
            pictures += image_html.img(np.ascontiguousarray(drawn), ZOOM, f"Redrawn from the capsule of {answer}")
            wrong = (
                "" if answer == label else Markup(' <span title="This is {}">✗</span>').format(with_article(str(label)))
            )
            caption = Markup("<b>{}</b> {:.2f}{}").format(answer, float(lengths[answer]), wrong)
        figures.append(Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(pictures, caption))
    return Markup('<div class="redrawn">{}</div>').format(Markup("").join(figures))


def sheets(digits: Pictures, looks: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the digits, and their reconstructions at every evaluation, as contact sheets in HTML."""
    drawn = [(decode_uint8(look["redrawn"])[:, 0], f"epoch {look['epoch']:.1f}") for look in looks]
    figures = [
        image_html.figure(sheet(pictures), 1, f"Sixteen digits: {name}", name)
        for pictures, name in [(digits, "the digits"), *drawn]
    ]
    return Markup('<div class="sheets">{}</div>').format(Markup("").join(figures))


def sheet(pictures: Pictures) -> Pictures:
    """Return pictures (N, H, W) as one, ACROSS in each row."""
    _, height, width = pictures.shape
    grid = pictures.reshape(-1, ACROSS, height, width).swapaxes(1, 2)
    return np.ascontiguousarray(grid.reshape(-1, ACROSS * width))
