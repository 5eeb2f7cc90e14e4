"""Sentences for "What to notice", with the numbers of the current draws."""

import numpy as np

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.state import last_move, pipeline_link
from core.ui.views.augmentation.picture import InputPicture
from core.ui.views.augmentation.queries import Draws

LAST = "a_last"  # in the session: steps, picture and seed


def sentences(pipeline: Pipeline, source: InputPicture, seed: int, drawn: Draws) -> tuple[str, ...]:
    """Return what to notice: first the answer to the last change."""
    count = len(drawn.images)
    was, *_, last_seed = last_move.before(LAST, (pipeline, source.key, seed))
    change = _change(was, pipeline) or ("Drawn again: " if seed != last_seed else "")
    if not pipeline:
        return (
            f"{count} times the same picture: without steps, a network sees it unchanged in every epoch.",
            "Start with the preset from the course notes: random scale, rotation and crop.",
        )
    differences = np.abs(drawn.images - source.picture).reshape(count, -1).mean(axis=1)
    untouched = int((differences < 1e-6).sum())
    difference = f"a pixel differs by {numbers.percent(float(differences.mean()), 1)} of white on average"
    one = f"{change}one" if change else "One"
    if pipeline.busy.mixing is not None:
        lines = [
            f"{one} picture, {count} different inputs: {difference}, and the label is mixed as the picture is.",
            "The label is mixed in the same parts as the picture: the network learns to predict both classes.",
        ]
    else:
        lines = [
            f"{one} picture, {count} different inputs, one label, **{source.label}**: {difference}.",
            "The label stays the same, so the network learns to **ignore** what changes here.",
        ]
    if untouched:
        lines.append(f"{untouched} of the {count} are unchanged: no step was applied to them by chance.")
    return tuple(lines)


def _change(was: Pipeline, now: Pipeline) -> str:
    """Return how the steps were changed, as the start of a sentence: "Without rotation (degrees ±15°): "; else ""."""
    if was == now:
        return ""
    gone = [pipeline_link.step_words(step) for step in was.steps if step not in now.steps]
    new = [pipeline_link.step_words(step) for step in now.steps if step not in was.steps]
    match gone, new:
        case [], []:
            return "In another order: "
        case [], [step]:
            return f"With {step}: "
        case [step], []:
            return f"Without {step}: "
        case [old], [step]:
            return f"{old[0].upper()}{old[1:]} → {step}: "
        case _:
            return "With this step: " if len(now.steps) == 1 else f"With these {len(now.steps)} steps: "
