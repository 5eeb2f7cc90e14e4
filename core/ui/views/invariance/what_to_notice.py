"""Sentences for "What to notice", with the numbers of the current picture and sliders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.ui.display import numbers
from core.ui.display.words import join_words, with_article
from core.ui.views.invariance.networks import ComparedNetwork
from core.ui.views.invariance.picture import InputPicture
from core.ui.views.invariance.sliders import NAMES, expected


def sentences(
    compared: Sequence[ComparedNetwork],
    source: InputPicture,
    outputs: Sequence[NDArray[np.float32]],
    strip: Sequence[float],
    name: str,
) -> list[str]:
    """Return what the current picture shows: which networks recognize it, and which are most robust."""
    strips = [probabilities[1:].argmax(axis=1) for probabilities in outputs]
    marked = [expected(source, answers.tolist(), strip, name) for answers in strips]
    shares = [float((answers == answer).mean()) for answers, answer in zip(strips, marked, strict=True)]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    known = source.truth is not None
    verb = "is right" if known else "keeps its prediction"
    if shares[best] == shares[worst]:
        networks = "each network" if len(compared) > 1 else f"the {compared[0].name}"
        summary = f"{networks} {verb} at {numbers.percent(shares[best], 0)} of the values."
    else:
        summary = (
            f"the {compared[best].name} {verb} at {numbers.percent(shares[best], 0)} of the values, "
            f"the {compared[worst].name} at {numbers.percent(shares[worst], 0)}."
        )
    return [
        *_recognized(compared, source, outputs),
        f"Over the range of {NAMES[name]}, {summary}",
        f"A filled cell of a strip: the prediction {'is right' if known else 'equals that for the unchanged picture'}; "
        "a thick line to its left marks a change of the prediction.",
    ]


def _recognized(
    compared: Sequence[ComparedNetwork], source: InputPicture, outputs: Sequence[NDArray[np.float32]]
) -> list[str]:
    """Return a sentence on which networks recognize the current picture; none if its class is unknown."""
    if source.truth is None:
        return []
    right = [net.name for net, p in zip(compared, outputs, strict=True) if int(p[0].argmax()) == source.truth]
    truth = with_article(source.classes[source.truth])
    if not right:
        return [f"No network recognizes it as {truth} now."]
    text = join_words([f"the {name}" for name in right])
    return [f"{text[0].upper()}{text[1:]} recognize{'s' * (len(right) == 1)} it as {truth}."]
