"""Confusion, disagreement and Wilson's interval, against counting by hand, NumPy and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.insight.confusion import confusion_matrix, disagreements, wilson_interval
from tests.examples import examples


def test_rows_are_the_truth_and_columns_the_answer() -> None:
    matrix = confusion_matrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 2, 2], 4)
    assert matrix.tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 2, 0], [0, 0, 0, 0]]
    assert np.issubdtype(matrix.dtype, np.integer)


@examples(50)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=60))
def test_it_counts_as_numpys_histogram_does(pairs: list[tuple[int, int]]) -> None:
    labels = np.array([a for a, _ in pairs], np.uint8)
    predicted = np.array([b for _, b in pairs], np.int64)
    expected = np.histogram2d(labels, predicted, bins=7, range=((-0.5, 6.5), (-0.5, 6.5)))[0]
    assert (confusion_matrix(labels, predicted, 7) == expected).all()


@pytest.mark.parametrize(
    ("labels", "predicted", "message"),
    [
        ([0, 1], [0], "one prediction for each label; got 1 for 2"),
        ([0, 3], [0, 1], "from 0 to 2; these go from 0 to 3"),
        ([0, 1], [0, -1], "these go from -1 to 0"),
        ([0.0, 1.0], [0, 1], "whole numbers"),
        ([[0, 1]], [[0, 1]], "one list"),
    ],
)
def test_what_are_no_classes_is_refused(labels: list, predicted: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        confusion_matrix(labels, predicted, 3)


LABELS = [0, 1, 1, 0, 1]
A = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.7, 0.3], [0.1, 0.9]])
B = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.0, 1.0], [0.4, 0.6]])


@pytest.mark.parametrize(("right", "places"), [("either", [2, 3, 1]), ("a", [3, 1]), ("b", [2])])
def test_the_widest_disagreement_comes_first(right: str, places: list[int]) -> None:
    assert disagreements(LABELS, A, B, right=right).tolist() == places


def test_those_who_agree_do_not_disagree() -> None:
    assert disagreements(LABELS, A, A).tolist() == []
    assert disagreements([], np.zeros((0, 3)), np.zeros((0, 3))).tolist() == []


@pytest.mark.parametrize(
    ("labels", "b", "right", "message"),
    [
        (LABELS, B[:4], "either", "one shape"),
        (LABELS[:4], B, "either", "one row of probabilities for each label; got 5 for 4"),
        ([0, 1, 2, 0, 1], B, "either", "from 0 to 1"),
        (LABELS, B, "c", '"a", "b" or "either"'),
    ],
)
def test_what_does_not_belong_together_is_refused(labels: list, b: np.ndarray, right: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        disagreements(labels, A, b, right=right)


def test_wilsons_interval_has_its_published_values() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3
    for (correct, n), (low, high) in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson_interval(correct, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("correct", "n"), [(9_842, 10_000), (0, 7), (7, 7), (1, 3), (500, 1_000)])
def test_wilsons_interval_is_scipys(correct: int, n: int) -> None:
    authority = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson_interval(correct, n) == pytest.approx((authority.low, authority.high), abs=1e-12)


@pytest.mark.parametrize(("correct", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_no_share_is_refused(correct: int, n: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wilson_interval(correct, n)
