"""Sentences for "What to notice", with the numbers of the current draws."""

import numpy as np

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.views.augmentation.picture import InputPicture
from core.ui.views.augmentation.queries import Draws


def sentences(pipeline: Pipeline, source: InputPicture, drawn: Draws) -> tuple[str, ...]:
    """Return what to notice: first the answer to the last change."""
    count = len(drawn.images)
    if not pipeline:
        return (
            f"{count} times the same picture: without steps, a network sees it unchanged in every epoch.",
            "Start with the preset from the course notes: random scale, rotation and crop.",
        )
    change = np.abs(drawn.images - source.picture).reshape(count, -1).mean(axis=1)
    untouched = int((change < 1e-6).sum())
    difference = f"a pixel differs by {numbers.percent(float(change.mean()), 1)} of white on average"
    if pipeline.busy.mixing is not None:
        lines = [
            f"One picture, {count} different inputs: {difference}, and the label is mixed as the picture is.",
            "The label is mixed in the same parts as the picture: the network learns to answer with both classes.",
        ]
    else:
        lines = [
            f"One picture, {count} different inputs, one label, **{source.label}**: {difference}.",
            "The label stays the same, so the network learns to **ignore** what changes here.",
        ]
    if untouched:
        lines.append(f"{untouched} of the {count} are unchanged: no step was applied to them by chance.")
    return tuple(lines)
