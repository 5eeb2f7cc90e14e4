"""Compare predictions with labels and with another classifier's, with intervals of accuracies."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return (classes, classes) counts: row i, column j is how many pictures of class i were predicted as j.

    Args:
        labels: (N,) class numbers from 0 to classes - 1.
        predicted: (N,) class numbers.
        classes: How many classes there are.

    Raises:
        ValueError: There are other numbers.
    """
    truth, guess = _class_numbers(labels, classes), _class_numbers(predicted, classes)
    if truth.shape != guess.shape:
        raise ValueError(f"There must be one prediction for each label; got {guess.size} for {truth.size}.")
    counts: NDArray[np.int64] = np.bincount(truth * classes + guess, minlength=classes * classes)
    return counts.reshape(classes, classes)


def disagreements(
    labels: ArrayLike, probabilities_a: ArrayLike, probabilities_b: ArrayLike, *, right: str = "either"
) -> NDArray[np.int64]:
    """Return the indices in (N,) where one classifier is right and the other wrong, the clearest first.

    The clearest are those with the largest difference of the probability of the true class; equals keep their order.

    Args:
        labels: (N,).
        probabilities_a: Of one classifier, (N, classes).
        probabilities_b: Of the other one.
        right: "a", "b" or "either": whose right predictions to return.

    Raises:
        ValueError: The shapes do not belong together.
    """
    a, b = np.asarray(probabilities_a, np.float64), np.asarray(probabilities_b, np.float64)
    if a.ndim != 2 or a.shape != b.shape:
        raise ValueError(f"Both need probabilities of one shape (N, classes); got {a.shape} and {b.shape}.")
    if right not in ("a", "b", "either"):
        raise ValueError(f'right is "a", "b" or "either"; got {right!r:.20}.')
    truth = _class_numbers(labels, a.shape[1])
    if truth.size != len(a):
        raise ValueError(f"There must be one row of probabilities for each label; got {len(a)} for {truth.size}.")
    a_right, b_right = a.argmax(axis=1) == truth, b.argmax(axis=1) == truth
    chosen = {"a": a_right & ~b_right, "b": b_right & ~a_right, "either": a_right ^ b_right}[right]
    places = np.flatnonzero(chosen)
    gaps = np.abs(a[places, truth[places]] - b[places, truth[places]])
    return places[np.argsort(-gaps, kind="stable")]


def wilson_interval(correct: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (low, high) for an accuracy of `correct` out of `n`, as fractions.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927). Unlike the normal
    approximation it stays within 0 and 1 and is accurate near them.

    Raises:
        ValueError: Unless 0 <= correct <= n and n > 0.
    """
    if not 0 <= correct <= n or n == 0:
        raise ValueError(f"There must be 0 <= correct <= n, and n > 0; got {correct} of {n}.")
    share, squared = correct / n, NormalDist().inv_cdf(0.975) ** 2  # scipy.stats would take 58 MB of the web process
    center = share + squared / (2 * n)
    reach = math.sqrt(squared * (share * (1 - share) + squared / (4 * n)) / n)
    return max(0.0, (center - reach) / (1 + squared / n)), min(1.0, (center + reach) / (1 + squared / n))


def _class_numbers(values: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return (N,) int64 from 0 to classes - 1; raise ValueError otherwise."""
    numbers = np.asarray(values)
    if numbers.ndim != 1 or (numbers.size and not np.issubdtype(numbers.dtype, np.integer)):
        raise ValueError(f"Class numbers are one list of whole numbers; got {numbers.dtype} of shape {numbers.shape}.")
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes:
        raise ValueError(f"Class numbers go from 0 to {classes - 1}; these go from {numbers.min()} to {numbers.max()}.")
    return numbers.astype(np.int64)
