"""Average over many draws: the mean picture, how much each pixel varies, and how far pixels move."""

import numpy as np
import streamlit as st
from markupsafe import Markup, escape

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import image_html, numbers
from core.ui.display.image_colors import magnitudes
from core.ui.views.augmentation import value_scale
from core.ui.views.augmentation.picture import InputPicture
from core.ui.views.augmentation.preview import pixel_zoom
from core.ui.views.augmentation.queries import Average


def show(average: Average, pipeline: Pipeline, source: InputPicture) -> None:
    """Draw the mean and the spread, with sentences on how far pixels move."""
    count, scale = len(average.moved), pixel_zoom(source) + 2
    colors = value_scale.of(pipeline.busy.steps, average.mean)
    mean = image_html.figure(
        colors.levels(average.mean),
        scale,
        f"{source.title}, averaged over {count} draws",
        escape(", ".join(filter(None, (f"The mean of {count} draws", colors.words(gray=source.is_gray))))),
    )
    largest = float(average.spread.max())
    spread = image_html.figure(
        magnitudes(average.spread.astype(np.float64), largest),
        scale,
        f"How much each pixel of {source.title} varies over {count} draws",
        f"Standard deviation of each pixel, from 0 (dark) to {numbers.rounded(largest, 2)} of white (yellow)",
    )
    st.html(Markup('<div class="moments">{}{}</div>').format(mean, spread))
    st.markdown(" ".join(sentences(average)))


def sentences(average: Average) -> tuple[str, ...]:
    """Return sentences on how far pixels move and how much of the picture is filled in."""
    moved = float(np.mean(average.moved))
    if not average.moves:
        return ("No pixel moves: these steps change only values.",)
    if max(average.moved) < 0.01:
        return (f"No pixel moved in these {len(average.moved)} draws.",)
    farthest = float(np.quantile(average.moved, 0.95))
    distances = (
        f"A pixel moves by **{numbers.rounded(moved, 2)} px** on average, and by more than "
        f"{numbers.rounded(farthest, 2)} px in 5 % of the draws."
    )
    if average.lost > 0.001:
        return distances, f"**{numbers.percent(average.lost, 1)}** of the picture is filled in from outside the frame."
    return (distances,)
