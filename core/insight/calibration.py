"""Measure a classifier beyond its accuracy: by class, its calibration, and its worst mistakes.

All from its test-set predictions: labels (N,) and probabilities (N, classes).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.insight.confusion import confusion_matrix

BINS = 15  # as in Guo et al. 2017


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The precision and recall of one class. A figure that would be divided by 0 is None."""

    place: int  # among the classes
    precision: float | None  # of the pictures taken for it, the share that are of it
    recall: float | None  # of its pictures, the share taken for it: its own accuracy
    support: int  # pictures of it
    answers: int  # pictures taken for it

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None if both are missing or 0."""
        if not self.precision or not self.recall:
            return None
        return 2 * self.precision * self.recall / (self.precision + self.recall)


@dataclass(frozen=True, slots=True)
class Bin:
    """The predictions whose confidence is in (low, high]."""

    low: float
    high: float
    count: int
    confidence: float  # their mean certainty
    accuracy: float  # the share of them that is right


@dataclass(frozen=True, slots=True)
class Calibration:
    """The reliability diagram: bins that are not empty, and the calibration error."""

    bins: tuple[Bin, ...]
    error: float  # the expected calibration error: the gap's size, averaged over the answers
    confidence: float  # the mean certainty of all answers
    accuracy: float


def per_class(labels: ArrayLike, predicted: ArrayLike, classes: int) -> list[ClassFigures]:
    """Return precision and recall of every class, in the order of the classes.

    Raises:
        ValueError: There are other class numbers.
    """
    counts = confusion_matrix(labels, predicted, classes)
    right, support, answers = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return [
        ClassFigures(
            place=place,
            precision=float(right[place] / answers[place]) if answers[place] else None,
            recall=float(right[place] / support[place]) if support[place] else None,
            support=int(support[place]),
            answers=int(answers[place]),
        )
        for place in range(classes)
    ]


def calibration(labels: ArrayLike, probabilities: ArrayLike, bins: int = BINS) -> Calibration:
    """Sort predictions by their confidence, the largest probability, into `bins` of equal width.

    Guo et al., "On calibration of modern neural networks" (2017).

    Raises:
        ValueError: The shapes do not belong together.
    """
    truth, predicted = _checked(labels, probabilities)
    certain, right = predicted.max(axis=1), predicted.argmax(axis=1) == truth
    edges = np.linspace(0, 1, bins + 1)
    places = np.clip(np.searchsorted(edges, certain, side="left") - 1, 0, bins - 1)
    found = []
    for place in np.unique(places):
        within = places == place
        found.append(
            Bin(
                low=float(edges[place]),
                high=float(edges[place + 1]),
                count=int(within.sum()),
                confidence=float(certain[within].mean()),
                accuracy=float(right[within].mean()),
            )
        )
    error = sum(one.count * abs(one.accuracy - one.confidence) for one in found) / len(truth)
    return Calibration(tuple(found), error, float(certain.mean()), float(right.mean()))


def worst_mistakes(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.int64]:
    """Return the indices in (N,) of wrong predictions, the most confident first; equals keep their order.

    Raises:
        ValueError: The shapes do not belong together.
    """
    truth, predicted = _checked(labels, probabilities)
    wrong = np.flatnonzero(predicted.argmax(axis=1) != truth)
    return wrong[np.argsort(-predicted[wrong].max(axis=1), kind="stable")]


def in_cell(labels: ArrayLike, probabilities: ArrayLike, truth: int, answer: int) -> NDArray[np.int64]:
    """Return the indices of pictures of class `truth` predicted as `answer`, the most confident first.

    Raises:
        ValueError: The shapes do not belong together.
    """
    known, predicted = _checked(labels, probabilities)
    found = np.flatnonzero((known == truth) & (predicted.argmax(axis=1) == answer))
    return found[np.argsort(-predicted[found, answer], kind="stable")]


def _checked(labels: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels (N,) and probabilities (N, classes), N from 1; raise ValueError otherwise."""
    truth, predicted = np.asarray(labels).astype(np.int64), np.asarray(probabilities, np.float64)
    if predicted.ndim != 2 or truth.shape != predicted.shape[:1] or not truth.size:
        raise ValueError(f"There must be one row of probabilities a label; got {predicted.shape} for {truth.shape}.")
    return truth, predicted
