"""Equivariance and invariance: how each layer's planes change when the input picture is shifted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.data import DataError
from core.insight.transforms import AffineTransform
from core.layers.calculator import Row, analyze
from core.layers.specs import BlurPool, CapsuleLengths, Conv, Linear, Pool, PrimaryCapsules, RoutedCapsules
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import measurements
from core.ui.backend.measurements import Sample
from core.ui.display import image_html
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.invariance import queries
from core.ui.views.invariance.networks import ComparedNetwork
from core.ui.views.invariance.picture import DIGIT, InputPicture, on_screen

SHIFTS = (0, 1, 2, 3, 4)  # px to the right
COUNT, SEED = 200, 0
MEASURED = (Conv, Pool, BlurPool, Linear, PrimaryCapsules, RoutedCapsules, CapsuleLengths)
PLANE_SIDE = 84  # px of a plane on the screen
DEFAULTS = {"i_network": "mnist-cnn", "i_cifar_network": "cifar-cnn", "i_filter": 1, "i_by": 1}


def show(settings: Settings, compared: Sequence[ComparedNetwork], source: InputPicture) -> None:
    """Draw a filter's planes at every shift, and a table of how much each layer changes."""
    named = {net.key: net for net in compared if _shown(_rows(net, source))}
    key = "i_network" if source.kind == DIGIT else "i_cifar_network"
    if settings.defaults[key] not in named:
        messages.info("No network with filters is selected: choose a run above.")
        return
    left, middle, right = column_grid.thirds(align="bottom")
    with left:
        net = named[
            settings.choice(
                key,
                "Network",
                list(named),
                format=lambda key: named[key].name,
                help="The network whose planes are shown",
            )
        ]
    rows = _rows(net, source)
    shown = _shown(rows)
    max_filter = min(_planes(rows[index]) for index in shown)
    with middle:
        number = settings.slider(
            "i_filter", "Filter", 1, max_filter, help="Index of the plane, or the type of capsule, shown in each layer"
        )
    with right:
        by = settings.segments(
            "i_by",
            "Shift in the table",
            SHIFTS[1:],
            format=lambda px: f"{px} px",
            help="Shift of the test pictures in the table",
        )
    moves = measurements.to_array([AffineTransform(dx=dx) for dx in SHIFTS])
    try:
        planes = queries.planes(net.file, net.stamp, source.pixels.tobytes(), source.shape, moves, tuple(shown))
    except (InferenceError, DataError) as error:
        messages.error(error)
        return
    layers = [(layer_label(rows, index), block) for index, block in zip(shown, planes, strict=True)]
    st.html(_table(source, layers, number - 1))
    st.caption(
        f"From left to right the {source.noun} shifts by one pixel. A convolution's plane shifts too: equivariance. "
        "The plane of a pooling or strided layer can shift only by whole pixels of its own, so it stays the same for "
        "small shifts, then jumps: some invariance."
        + " Primary capsules are drawn by their length at each place."
        * _has_capsules(rows)
    )
    if source.tested:
        _show_measurement(net, source, rows, by)


def _show_measurement(net: ComparedNetwork, source: InputPicture, rows: Sequence[Row], by: int) -> None:
    """Draw the table of how much each layer changes, averaged over many test pictures."""
    try:
        sample = Sample(source.tested, COUNT, SEED)
        change, misfit = queries.layer_changes(net.file, net.stamp, by, sample)
    except (InferenceError, DataError) as error:
        messages.error(error)
        return
    st.dataframe(
        layer_table(rows, change, misfit),
        hide_index=True,
        alt="Change and equivariance error of each layer's output",
        column_config={
            "Change": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
            "Equivariance error": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
        },
    )
    noun = source.noun
    st.caption(
        f"Means over {COUNT} test {noun}s shifted right by {by} px, relative to the distance between outputs for two "
        f"different {noun}s: 0 is no difference, 1 as much as between two {noun}s. Equivariant: the output changes, "
        "with a small equivariance error. Invariant: the output does not change. Flattened layers and the digits' "
        "capsules have no spatial axis. "
        f"{sample.caveat}".strip()
    )


def _rows(net: ComparedNetwork, source: InputPicture) -> list[Row]:
    return analyze(net.experiment.layers, source.shape)


def _shown(rows: Sequence[Row]) -> list[int]:
    """Return the indices of the layers whose planes are drawn; none in a network without filters."""
    if not any(isinstance(row.layer, Conv) for row in rows):
        return []
    return [
        index for index, row in enumerate(rows) if isinstance(row.layer, Conv | PrimaryCapsules) or _ends_pooling(row)
    ]


def _planes(row: Row) -> int:
    """Return the number of planes that are drawn of a layer: filters, or types of primary capsules."""
    return row.layer.types if isinstance(row.layer, PrimaryCapsules) else row.output_shape[0]


def _has_capsules(rows: Sequence[Row]) -> bool:
    return any(isinstance(row.layer, PrimaryCapsules) for row in rows)


def _ends_pooling(row: Row) -> bool:
    """Return whether a pooling ends at this layer: with blur pooling, after the blur."""
    return isinstance(row.layer, BlurPool) or (isinstance(row.layer, Pool) and row.layer.stride is None)


def layer_label(rows: Sequence[Row], index: int) -> tuple[str, str]:
    """Return a layer's name, numbered within its kind, and the size of its planes."""
    layer = rows[index].layer
    pooling = f"{layer.kind.capitalize()} pooling" if isinstance(layer, Pool) else ""
    kinds = {
        Conv: "Convolution",
        Pool: pooling,
        BlurPool: "Blur",
        Linear: "Fully connected",
        PrimaryCapsules: "Primary capsules",
        RoutedCapsules: "Routed capsules",
        CapsuleLengths: "Their lengths",
    }
    number = sum(type(row.layer) is type(layer) for row in rows[: index + 1])
    name = kinds[type(layer)]
    return name if isinstance(layer, CapsuleLengths) else f"{name} {number}", _size(rows[index].output_shape)


def _size(shape: tuple[int, ...]) -> str:
    """Return a layer's size without its planes: "24 × 24", "128 capsules of 8", "10 units"."""
    if len(shape) == 3:
        return f"{shape[1]} × {shape[2]}"
    return f"{shape[0]} capsules of {shape[1]}" if len(shape) == 2 else f"{shape[0]} units"


def layer_table(rows: Sequence[Row], change: NDArray[np.float64], misfit: NDArray[np.float64]) -> pd.DataFrame:
    """Return one row per layer of MEASURED; those without positions have no equivariance error."""
    kept = [index for index, row in enumerate(rows) if isinstance(row.layer, MEASURED)]
    return pd.DataFrame(
        {
            "Layer": [layer_label(rows, index)[0] for index in kept],
            "Size": [layer_label(rows, index)[1] for index in kept],
            "Change": change[kept],
            "Equivariance error": misfit[kept],
        }
    )


def _table(source: InputPicture, layers: Sequence[tuple[tuple[str, str], NDArray[np.float32]]], number: int) -> Markup:
    """Return the picture and one plane of each layer at every shift, as an HTML table."""
    head = Markup("").join(Markup("<th scope=col>{} px</th>").format(dx) for dx in SHIFTS)
    _, height, width = source.shape
    moved = [on_screen(np.pad(source.pixels, ((0, 0), (0, 0), (dx, 0)))[..., :width]) for dx in SHIFTS]
    body = [_row(source.noun.capitalize(), f"{height} × {width}", moved, source.title)]
    for (name, size), planes in layers:
        plane = planes[:, number]  # (M, H, W)
        low, high = float(plane.min()), float(np.abs(plane).max())
        gray = [(255 * np.clip((row - low) / ((high - low) or 1.0), 0, 1)).astype(np.uint8) for row in plane]
        body.append(_row(name, size, gray, f"{name}, plane {number + 1}"))
    return Markup(
        '<div class="i-planes" tabindex="0" role="region" aria-label="Planes at every shift"><table>'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(head, Markup("").join(body))


def _row(name: str, size: str, images: Sequence[NDArray[np.uint8]], alt: str) -> Markup:
    times = max(1, PLANE_SIDE // images[0].shape[0])
    cells = Markup("").join(
        Markup("<td>{}</td>").format(
            image_html.img(np.ascontiguousarray(image), times, f"{alt}, shifted right by {dx} px")
        )
        for dx, image in zip(SHIFTS, images, strict=True)
    )
    return Markup("<tr><th scope=row>{}<small>{}</small></th>{}</tr>").format(name, size, cells)
