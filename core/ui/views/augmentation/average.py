"""Many draws summed up: what a network sees on average, how much each pixel varies, how far pixels move."""

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.ui.display import image_html, numbers
from core.ui.display.image_colors import magnitudes
from core.ui.views.augmentation.draws import times
from core.ui.views.augmentation.picture import Subject
from core.ui.views.augmentation.queries import Average


def show(found: Average, subject: Subject) -> None:
    """Draw the two pictures and the distance."""
    count, scale = len(found.moved), times(subject) + 2
    mean = image_html.figure(
        to_bytes(found.mean),
        scale,
        f"{subject.title}, averaged over {count} draws",
        f"The average of {count} draws: what the network sees on the whole",
    )
    largest = float(found.spread.max())
    spread = image_html.figure(
        magnitudes(found.spread.astype(np.float64), largest),
        scale,
        f"How much each pixel of {subject.title} varies over {count} draws",
        f"The spread of each pixel: dark never changes, yellow varies by ±{numbers.rounded(largest, 2)} of white",
    )
    st.html(f'<div class="moments">{mean}{spread}</div>')
    st.markdown(" ".join(sentences(found)))


def sentences(found: Average) -> tuple[str, ...]:
    """What was found, with its numbers."""
    moved = float(np.mean(found.moved))
    if max(found.moved) < 0.01:
        return ("No pixel moves: the steps change values alone.",)
    farthest = float(np.quantile(found.moved, 0.95))
    told = (
        f"A pixel moves by **{numbers.rounded(moved, 2)} px** on average, and by more than "
        f"{numbers.rounded(farthest, 2)} px in one draw of 20."
    )
    if found.lost > 0.001:
        return told, f"**{numbers.percent(found.lost, 1)}** of the picture comes in from outside."
    return (told,)
