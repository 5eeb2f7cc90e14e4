"""Equivariance against invariance: planes that move with the picture, and planes that hold still for a while."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.transforms import AffineTransform
from core.layers.calculator import Row, analyse
from core.layers.specs import BlurPool, Conv, Linear, Pool
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.display import image_html
from core.ui.state.settings import Settings
from core.ui.views.invariance import queries
from core.ui.views.invariance.networks import Entrant
from core.ui.views.invariance.picture import DIGIT, Subject, on_screen
from core.ui.views.invariance.queries import Sample

SHIFTS = (0, 1, 2, 3, 4)  # px to the right
COUNT, SEED = 200, 0
CELL = 84  # screen pixels of a plane
DEFAULTS = {"i_network": "mnist-cnn", "i_cifar_network": "cifar-cnn", "i_filter": 1, "i_by": 1}


def show(settings: Settings, entrants: Sequence[Entrant], subject: Subject) -> None:
    """Draw a filter's planes at every shift, and how far each layer changes."""
    named = {one.key: one for one in entrants if _shown(_rows(one, subject))}
    key = "i_network" if subject.kind == DIGIT else "i_cifar_network"
    if settings.defaults[key] not in named:
        messages.info("There is no network with filters to look into yet: choose a run above.")
        return
    left, middle, right = st.columns(3, gap="medium", vertical_alignment="bottom")
    with left:
        one = named[
            settings.choice(
                key, "Network", list(named), format=lambda key: named[key].name, help="Whose planes are shown"
            )
        ]
    rows = _rows(one, subject)
    shown = _shown(rows)
    fewest = min(rows[place].output_shape[0] for place in shown)
    with middle:
        number = settings.slider("i_filter", "Filter", 1, fewest, help="The plane of this number in each layer")
    with right:
        by = settings.segments(
            "i_by", "Shift in the table", SHIFTS[1:], format=lambda px: f"{px} px", help="How far they are moved"
        )
    moves = queries.listed([AffineTransform(dx=dx) for dx in SHIFTS])
    try:
        planes = queries.planes(one.file, one.stamp, subject.pixels.tobytes(), subject.shape, moves, tuple(shown))
    except (InferenceError, DataError) as error:
        messages.error(error)
        return
    layers = [(told(rows, place), at) for place, at in zip(shown, planes, strict=True)]
    st.html(_table(subject, layers, number - 1))
    st.caption(
        f"From left to right the {subject.noun} moves by one pixel. A convolution's plane moves with it: that is "
        "equivariance. A pooled plane, and a convolution's with a stride, can only move by whole pixels of its own, so "
        "it holds still, then jumps: a little invariance."
    )
    if subject.tested:
        _measured(one, subject, rows, by)


def _measured(one: Entrant, subject: Subject, rows: Sequence[Row], by: int) -> None:
    """The table of how far each layer changes, over many test pictures."""
    try:
        sample = Sample(subject.tested, COUNT, SEED)
        change, misfit = queries.layer_changes(one.file, one.stamp, by, sample)
    except (InferenceError, DataError) as error:
        messages.error(error)
        return
    st.dataframe(
        measured(rows, change, misfit),
        hide_index=True,
        alt="How far each layer's output changes, and how far it is from having moved along",
        column_config={
            "Changes by": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
            "Off from moving along": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
        },
    )
    noun = subject.noun
    st.caption(
        f"Means over {COUNT} test {noun}s moved right by {by} px, in units of the distance between two {noun}s' "
        f"outputs: 0 is no difference, 1 as much as between one {noun} and another. Equivariant: it changes, and is "
        "not off from moving along. Invariant: it does not change. A flat list has no places along which to move. "
        f"{sample.caveat}".strip()
    )


def _rows(one: Entrant, subject: Subject) -> list[Row]:
    return analyse(one.experiment.layers, subject.shape)


def _shown(rows: Sequence[Row]) -> list[int]:
    """The layers whose planes are drawn; none in a network without filters."""
    if not any(isinstance(row.layer, Conv) for row in rows):
        return []
    return [place for place, row in enumerate(rows) if isinstance(row.layer, Conv) or _pooled(rows, place)]


def _pooled(rows: Sequence[Row], place: int) -> bool:
    """Whether a pooling ends there: with blur pooling, after the blur."""
    layer = rows[place].layer
    return isinstance(layer, BlurPool) or (isinstance(layer, Pool) and layer.stride is None)


def told(rows: Sequence[Row], place: int) -> tuple[str, str]:
    """A layer's name, numbered among its kind, and its planes' size."""
    layer = rows[place].layer
    pooling = f"{layer.kind.capitalize()} pooling" if isinstance(layer, Pool) else ""
    kinds = {Conv: "Convolution", Pool: pooling, BlurPool: "Blur", Linear: "Fully connected"}
    alike = [at for at in range(place + 1) if type(rows[at].layer) is type(layer)]
    shape = rows[place].output_shape
    size = f"{shape[1]} × {shape[2]}" if len(shape) == 3 else f"{shape[0]} units"
    return f"{kinds[type(layer)]} {len(alike)}", size


def measured(rows: Sequence[Row], change: NDArray[np.float64], misfit: NDArray[np.float64]) -> pd.DataFrame:
    """A row a layer that does something of its own; of flat ones the second figure is missing."""
    kept = [place for place, row in enumerate(rows) if isinstance(row.layer, Conv | Pool | BlurPool | Linear)]
    return pd.DataFrame(
        {
            "Layer": [told(rows, place)[0] for place in kept],
            "Size": [told(rows, place)[1] for place in kept],
            "Changes by": change[kept],
            "Off from moving along": misfit[kept],
        }
    )


def _table(subject: Subject, layers: Sequence[tuple[tuple[str, str], NDArray[np.float32]]], number: int) -> str:
    """The picture, and one filter's plane of each layer, at every shift, as HTML."""
    head = "".join(f"<th scope=col>{dx} px</th>" for dx in SHIFTS)
    _, height, width = subject.shape
    moved = [on_screen(np.pad(subject.pixels, ((0, 0), (0, 0), (dx, 0)))[..., :width]) for dx in SHIFTS]
    body = [_row(subject.noun.capitalize(), f"{height} × {width}", moved, subject.title)]
    for (name, size), planes in layers:
        plane = planes[:, number]  # (M, H, W)
        low, high = float(plane.min()), float(np.abs(plane).max())
        gray = [(255 * np.clip((at - low) / ((high - low) or 1.0), 0, 1)).astype(np.uint8) for at in plane]
        body.append(_row(name, size, gray, f"{name}, plane {number + 1}"))
    return (
        '<div class="i-planes" tabindex="0" role="region" aria-label="Planes at every shift"><table>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _row(name: str, size: str, images: Sequence[NDArray[np.uint8]], alt: str) -> str:
    times = max(1, CELL // images[0].shape[0])
    cells = "".join(
        f"<td>{image_html.img(np.ascontiguousarray(image), times, f'{alt}, moved right by {dx} px')}</td>"
        for dx, image in zip(SHIFTS, images, strict=True)
    )
    return f"<tr><th scope=row>{name}<small>{size}</small></th>{cells}</tr>"
