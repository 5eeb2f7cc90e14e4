"""What pooling throws away, as a picture: the picture less what its pooled answers still say of it."""

import numpy as np
import streamlit as st

from core.images.pictures import Picture, to_grey
from core.images.pooling import PoolKind, pooling_loss
from core.ui.display import numbers
from core.ui.display.image_colors import on_page
from core.ui.views.pooling.controls import Pooling
from core.ui.views.pooling.figures import Plane, figure, frames, sign, size, times

SIDE = 224  # screen pixels: four stand side by side
SAME = 1e-6  # a pixel that differs by less came back as it was

UNREAD = " Pixels that no window reads come back as 0."
WHY: dict[PoolKind, str] = {
    "max": "A window's largest value is brighter than its other pixels: where they differ, max pooling brightens.",
    "average": "Within a window the differences cancel: the mean keeps the brightness and loses the detail.",
    "min": "A window's smallest value is darker than its other pixels: where they differ, min pooling darkens.",
    "l2": "Each answer is spread back as the root of the mean square, which lies above the mean: bright pixels win.",
}


def show(plane: Plane, pooling: Pooling) -> None:
    """Draw the picture, its pooled answers, these spread back, and the difference; say how much it is."""
    pooled, kept, difference = pooling_loss(plane.image, *pooling.arguments)
    gone = to_grey(difference)
    limit = float(np.abs(gone).max())
    scale = times(plane.image.shape, SIDE)
    answers = float(np.abs(pooled).max()) if pooling.kind == "l2" else plane.limit
    end = numbers.rounded(limit, 2)
    what = "difference in brightness" if plane.image.ndim == 3 else "difference"
    st.html(
        frames(
            figure(plane.screen(plane.image), scale, plane.alt, f"{plane.title}: {size(plane.image)}"),
            sign("→"),
            figure(plane.screen(pooled, answers), scale, f"{pooling.name} of it", f"Pooled: {size(pooled)}"),
            sign("→"),
            figure(
                plane.screen(kept),
                scale,
                "The pooled answers at the picture's size, in blocks",
                f"Spread back over each window: {size(kept)}",
            ),
            figure(
                on_page(gone, limit),
                scale,
                "The picture less what was spread back: blue below zero, orange above",
                f"Thrown away: picture {numbers.MINUS} spread back, the {what} from {numbers.MINUS}{end} (blue) to "
                f"{end} (orange)",
            ),
        )
    )
    unread = any(pooling.row(plane.image).unused) or pooling.stride > pooling.window
    st.markdown(f"{WHY[pooling.kind]} {told(gone)}{UNREAD if unread else ''}")


def told(gone: Picture) -> str:
    """How many pixels of a difference are zero, below it or above, and how far off they are."""
    same, dark = float((np.abs(gone) <= SAME).mean()), float((gone > SAME).mean())
    off = float(np.sqrt((gone**2).mean()))
    return (
        f"Here {numbers.percent(same, 0)} of the pixels come back as they were, "
        f"{numbers.percent(1 - same - dark, 0)} too bright (blue) and {numbers.percent(dark, 0)} too dark (orange); "
        f"they are off by {numbers.rounded(off, 2)} on average (root mean square)."
    )
