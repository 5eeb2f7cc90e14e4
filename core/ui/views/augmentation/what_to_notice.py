"""Sentences for "What to notice", with the numbers of the current draws."""

import numpy as np

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.views.augmentation.picture import InputPicture
from core.ui.views.augmentation.queries import Draws


def sentences(pipeline: Pipeline, source: InputPicture, drawn: Draws) -> tuple[str, ...]:
    """Return two or three sentences on the draws."""
    if not pipeline:
        return (
            "Sixteen times the same picture: without steps, a network sees it unchanged in every epoch.",
            "Start with the preset from the course notes: random scale, rotation and crop.",
        )
    change = np.abs(drawn.images - source.picture).reshape(len(drawn.images), -1).mean(axis=1)
    untouched = int((change < 1e-6).sum())
    lines = [
        f"One picture, {len(drawn.images)} different inputs: a pixel differs from the picture's by "
        f"{numbers.percent(float(change.mean()), 1)} of white on average.",
        "The label stays the same, so the network learns to **ignore** what changes here."
        if pipeline.busy.mixing is None
        else "The label is mixed in the same parts as the picture: the network learns to answer with both classes.",
    ]
    if untouched:
        lines.append(f"{untouched} of the {len(drawn.images)} are unchanged: no step was applied to them by chance.")
    return tuple(lines)
