"""Detail lost by pooling: the input minus the unpooled output."""

import numpy as np
import streamlit as st

from core.images.pictures import Picture, to_gray
from core.images.pooling import PoolingLoss, PoolKind
from core.ui.display import numbers
from core.ui.display.image_colors import on_page
from core.ui.views.pooling.controls import Pooling
from core.ui.views.pooling.figures import Plane, describe_size, figure, frames, sign, zoom

FIGURE_SIDE = 224  # screen pixels: four fit side by side
TOLERANCE = 1e-6  # a pixel that differs by less is unchanged

UNREAD_NOTE = " Pixels that no window reads become 0."
EXPLANATIONS: dict[PoolKind, str] = {
    "max": "A window's largest value is brighter than its other pixels: where they differ, max pooling brightens.",
    "average": "Within a window the differences cancel: the mean keeps brightness and loses detail.",
    "min": "A window's smallest value is darker than its other pixels: where they differ, min pooling darkens.",
    "l2": "Each output is unpooled as its window's root mean square, which is above the mean: bright pixels dominate.",
}


def show(plane: Plane, pooling: Pooling, loss: PoolingLoss) -> None:
    """Draw the input, the pooled output, the unpooled output and their difference, and quantify it."""
    pooled, unpooled, lost = loss.pooled, loss.kept, to_gray(loss.difference)
    limit = float(np.abs(lost).max())
    scale = zoom(plane.image.shape, FIGURE_SIDE)
    pooled_limit = float(np.abs(pooled).max()) if pooling.kind == "l2" else plane.limit
    end = numbers.rounded(limit, 2)
    quantity = "difference in brightness" if plane.image.ndim == 3 else "difference"
    st.html(
        frames(
            figure(plane.screen(plane.image), scale, plane.alt, f"{plane.title}: {describe_size(plane.image)}"),
            sign("→"),
            figure(
                plane.screen(pooled, pooled_limit), scale, f"{pooling.name} of it", f"Pooled: {describe_size(pooled)}"
            ),
            sign("→"),
            figure(
                plane.screen(unpooled),
                scale,
                "The unpooled output, in blocks",
                f"Unpooled: {describe_size(unpooled)}",
            ),
            figure(
                on_page(lost, limit),
                scale,
                "Input minus unpooled output: blue below zero, orange above",
                f"Lost detail: input {numbers.MINUS} unpooled output, the {quantity} from {numbers.MINUS}{end} (blue) "
                f"to {end} (orange)",
            ),
        )
    )
    unread = any(pooling.row(plane.image).unused) or pooling.stride > pooling.window
    st.markdown(f"{EXPLANATIONS[pooling.kind]} {summarize(lost)}{UNREAD_NOTE if unread else ''}")


def summarize(lost: Picture) -> str:
    """Return a sentence: the shares of pixels with zero, negative and positive difference, and the error."""
    same, dark = float((np.abs(lost) <= TOLERANCE).mean()), float((lost > TOLERANCE).mean())
    error = float(np.sqrt((lost**2).mean()))
    return (
        f"Here {numbers.percent(same, 0)} of the pixels are unchanged, "
        f"{numbers.percent(1 - same - dark, 0)} too bright (blue) and {numbers.percent(dark, 0)} too dark (orange); "
        f"the root-mean-square error is {numbers.rounded(error, 2)}."
    )
