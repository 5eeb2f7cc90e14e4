"""What the networks answer for a digit of the test set: what they answered in their test."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from core.runs.run_files import PREDICTIONS, save_predictions
from core.ui.run_panels.trained_run import Trained
from core.ui.views.mnist import try_digit

DIGITS = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)


@dataclass(frozen=True)
class KeptRun:
    """A run of which its folder is asked for alone."""

    folder: Path


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.setattr(try_digit, "test_pictures", lambda run: DIGITS)
    return Trained("CNN", cast(Any, None), cast(Any, KeptRun(tmp_path)))


def test_a_test_digit_has_the_certainty_of_the_test(one: Trained) -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.full(10, 0.2), 5).astype(np.float32)
    save_predictions(one.run.folder / PREDICTIONS, probabilities, np.arange(5))
    for place in range(5):
        found = try_digit.stored_prediction(one, place, DIGITS[place])
        assert found is not None
        np.testing.assert_array_equal(found, probabilities[place].astype(np.float16))


def test_what_is_not_kept_and_what_is_another_digit_is_asked(one: Trained) -> None:
    assert try_digit.stored_prediction(one, 0, DIGITS[0]) is None  # no file of answers
    save_predictions(one.run.folder / PREDICTIONS, np.full((3, 10), 0.1), np.arange(3))
    assert try_digit.stored_prediction(one, 1, DIGITS[2]) is None  # of a run on other digits
    assert try_digit.stored_prediction(one, 4, DIGITS[4]) is None  # it was tested on fewer
