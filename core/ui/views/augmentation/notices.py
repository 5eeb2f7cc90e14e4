"""What to notice in the draws on the screen, with their numbers."""

import numpy as np

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.views.augmentation.picture import Subject
from core.ui.views.augmentation.queries import Draws


def sentences(pipeline: Pipeline, subject: Subject, drawn: Draws) -> tuple[str, ...]:
    """Two or three lines."""
    if not pipeline:
        return (
            "Sixteen times the same picture: with no step, a network sees it the same way in every epoch.",
            "Begin with the notes' steps: scale, rotation and cropping, at random.",
        )
    change = np.abs(drawn.images - subject.picture).reshape(len(drawn.images), -1).mean(axis=1)
    untouched = int((change < 1e-6).sum())
    lines = [
        f"One picture, one label, {len(drawn.images)} different inputs: a pixel differs from the picture's by "
        f"{numbers.percent(float(change.mean()), 1)} of white on average.",
        "The label stays the same, so what changes here is what the network learns **not** to look at.",
    ]
    if untouched:
        lines.append(f"{untouched} of the {len(drawn.images)} came through untouched: their coins fell that way.")
    return tuple(lines)
