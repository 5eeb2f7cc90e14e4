"""What each switch gives: its arithmetic, and the file that comes with the app."""

import pytest
from scipy import stats

from core.training.presets import PRESETS
from core.training.switches import PLAIN, SURE, Measured, compared, measured

SCORES = {"other": [70.0, 70.4, 69.5], PLAIN: [71.0, 71.6, 71.2]}
TITLES = {"other": "another", PLAIN: "the preset"}
SECONDS = {"other": 6.0, PLAIN: 5.0}


def test_a_difference_has_the_standard_error_of_welchs_test() -> None:
    (plain, other), luck = compared(TITLES, SCORES, SECONDS)
    assert (plain.name, plain.difference, plain.error) == (PLAIN, 0.0, None)
    assert other.error is not None
    welch = stats.ttest_ind(SCORES["other"], SCORES[PLAIN], equal_var=False).statistic
    assert other.difference / other.error == pytest.approx(welch, rel=0.02)  # both are rounded
    assert luck == pytest.approx(SURE * other.error, abs=0.01)


def test_one_seed_tells_nothing_of_luck() -> None:
    rows, luck = compared(TITLES, {name: found[:1] for name, found in SCORES.items()}, SECONDS)
    assert ([row.error for row in rows], luck) == ([None, None], None)


def test_what_comes_with_the_app_is_a_whole_measurement() -> None:
    found = measured()
    assert Measured.from_json(found.to_json()) == found
    assert found.preset in PRESETS
    assert found.rows[0].name == PLAIN
    assert len({row.name for row in found.rows}) == len(found.rows) > 1
    for row in found.rows:
        assert row.difference == pytest.approx(row.accuracy - found.rows[0].accuracy, abs=0.11)  # both are rounded
