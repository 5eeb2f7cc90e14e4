"""Against scikit-learn, on answers drawn at random."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_fscore_support

from core.insight.calibration import calibration, in_cell, per_class, worst_mistakes

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 10, 2_000)
LOGITS = RANDOM.normal(size=(2_000, 10)) + 2 * np.eye(10)[LABELS]
TOLD = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)


def test_precision_recall_and_f1_are_those_of_scikit_learn() -> None:
    expected = precision_recall_fscore_support(LABELS, TOLD.argmax(axis=1))
    found = per_class(LABELS, TOLD.argmax(axis=1), 10)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        np.testing.assert_allclose([getattr(one, name) for one in found], values)


def test_a_class_without_answers_has_no_precision_and_one_without_pictures_no_recall() -> None:
    first, second, third = per_class([0, 0, 1], [0, 2, 0], 3)
    assert (first.precision, first.recall) == (0.5, 0.5)
    assert (second.precision, second.recall, second.f1) == (None, 0.0, None)
    assert (third.precision, third.recall, third.support, third.answers) == (0.0, None, 0, 1)


def test_the_reliability_diagram_is_that_of_scikit_learn() -> None:
    right = TOLD.argmax(axis=1) == LABELS
    shares, means = calibration_curve(right, TOLD.max(axis=1), n_bins=15)
    found = calibration(LABELS, TOLD)
    np.testing.assert_allclose([one.accuracy for one in found.bins], shares)
    np.testing.assert_allclose([one.confidence for one in found.bins], means)
    assert sum(one.count for one in found.bins) == len(LABELS)


def test_the_calibration_error_by_hand() -> None:
    """Four answers of certainty 0.8, two of them right; one of 1.0, right: (4 · 0.3 + 1 · 0) / 5."""
    told = np.array([[0.8, 0.2]] * 4 + [[1.0, 0.0]])
    found = calibration([0, 0, 1, 1, 0], told)
    assert found.error == pytest.approx(0.24)
    assert (found.accuracy, found.confidence) == (pytest.approx(0.6), pytest.approx(0.84))


def test_the_most_certain_mistakes_come_first() -> None:
    places = worst_mistakes(LABELS, TOLD)
    assert set(places) == set(np.flatnonzero(TOLD.argmax(axis=1) != LABELS))
    assert (np.diff(TOLD[places].max(axis=1)) <= 0).all()


def test_a_cell_holds_its_pictures_and_no_others() -> None:
    places = in_cell(LABELS, TOLD, 3, 5)
    assert len(places)
    assert set(places) == {i for i in range(len(LABELS)) if LABELS[i] == 3 and TOLD[i].argmax() == 5}
    assert (np.diff(TOLD[places, 5]) <= 0).all()


@pytest.mark.parametrize("function", [calibration, worst_mistakes])
@pytest.mark.parametrize(("labels", "told"), [([0, 1], [[1.0, 0.0]]), ([0], [1.0]), ([], np.empty((0, 2)))])
def test_what_does_not_belong_together_is_refused(function, labels, told) -> None:
    with pytest.raises(ValueError, match="one row of probabilities"):
        function(labels, told)
