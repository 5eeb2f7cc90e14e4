"""What each switch gives: its arithmetic, and the file that comes with the app."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from core.training.ablation_results import BASELINE, SIGNIFICANT_ERRORS, Measured, compared, measured, to_neighbors
from core.training.presets import PRESETS

SCORES = {"other": [70.0, 70.4, 69.5], BASELINE: [71.0, 71.6, 71.2]}
TITLES = {"other": "another", BASELINE: "the preset"}
SECONDS = {"other": 6.0, BASELINE: 5.0}


def test_a_difference_has_the_standard_error_of_welchs_test() -> None:
    (plain, other), luck = compared(TITLES, SCORES, SECONDS)
    assert (plain.name, plain.difference, plain.error) == (BASELINE, 0.0, None)
    assert other.error is not None
    welch = stats.ttest_ind(SCORES["other"], SCORES[BASELINE], equal_var=False).statistic
    assert other.difference / other.error == pytest.approx(welch, rel=0.02)  # both are rounded
    assert luck == pytest.approx(SIGNIFICANT_ERRORS * other.error, abs=0.01)


def test_one_seed_tells_nothing_of_luck() -> None:
    rows, luck = compared(TITLES, {name: found[:1] for name, found in SCORES.items()}, SECONDS)
    assert ([row.error for row in rows], luck) == ([None, None], None)


def test_what_comes_with_the_app_is_a_whole_measurement() -> None:
    found = measured()
    assert Measured.from_json(found.to_json()) == found
    assert found.preset in PRESETS
    assert found.rows[0].name == BASELINE
    assert len({row.name for row in found.rows}) == len(found.rows) > 1
    for row in found.rows:
        assert row.difference == pytest.approx(row.accuracy - found.rows[0].accuracy, abs=0.11)  # both are rounded


@pytest.mark.parametrize("slower", [-0.3, 0.0, 2.0])
def test_a_machine_that_grows_slower_changes_no_ratio(slower: float) -> None:
    """Every change takes 1.2 times the preset's time, whenever it runs."""
    order = [BASELINE, "a", BASELINE, "b", BASELINE, "c", BASELINE]
    runs = [(name, (1.0 if name == BASELINE else 1.2) * (10 + slower * place)) for place, name in enumerate(order)]
    found = to_neighbors(runs)
    assert [found[name] for name in "abc"] == [[pytest.approx(1.2)]] * 3
    assert found[BASELINE][1:-1] == pytest.approx([1.0, 1.0])


def test_a_change_at_the_end_has_one_neighbor_and_the_preset_alone_none() -> None:
    assert to_neighbors([(BASELINE, 4.0), ("a", 6.0)])["a"] == [1.5]
    assert to_neighbors([(BASELINE, 4.0)]) == {}


def test_rows_hold_whole_seconds_and_ratios_where_they_were_measured() -> None:
    rows, luck = compared(TITLES, SCORES, SECONDS, {"other": 8.0, BASELINE: 7.0}, {"other": 1.15, BASELINE: 1.0})
    assert [(row.whole_seconds, row.ratio) for row in rows] == [(7.0, 1.0), (8.0, 1.15)]
    plain = Measured("p", 1, 3, None, "m", "t", "2026-01-01", luck, rows)
    assert Measured.from_json(plain.to_json()) == plain
    assert [(row.whole_seconds, row.ratio) for row in compared(TITLES, SCORES, SECONDS)[0]] == [(None, None)] * 2


def test_the_benchmark_trains_the_preset_before_and_after_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import cifar_ablation

    ran: list[tuple[str, int]] = []

    class Worker(nullcontext["Worker"]):
        def __enter__(self) -> "Worker":
            return self

        def train(self, preset: str, settings: list[str], threads: int | None) -> dict[str, float]:
            kind = "whitening" if "whitening=false" in settings else "ema" if "averaging=ema" in settings else BASELINE
            ran.append((kind, int(settings[-1].removeprefix("seed="))))
            slow = 1 + 0.1 * len(ran)  # the machine slows down all the time
            whole = slow * (1.0 if kind == BASELINE else 2.0)
            return {"held_out_accuracy": 0.7, "train_seconds": 1.0, "whole_seconds": whole}

    monkeypatch.setattr(cifar_ablation, "WarmWorker", Worker)
    monkeypatch.setattr(cifar_ablation, "FILE", written := Written())
    monkeypatch.setattr("sys.argv", ["cifar_ablation.py", "--seeds", "2", "--only", "whitening", "ema", "--write"])
    cifar_ablation.main()
    order = [BASELINE, "whitening", BASELINE, "ema", BASELINE]
    assert ran == [(name, seed) for seed in range(2) for name in order]
    found = Measured.from_json(written.text)
    assert found.base == "cifar-70"
    assert {row.name: row.ratio for row in found.rows} == {
        BASELINE: pytest.approx(1, abs=0.1),
        "whitening": 2,
        "ema": 2,
    }
    assert [row.whole_seconds for row in found.rows[1:]] == [pytest.approx(2.9), pytest.approx(3.3)]


class Written:
    """A file that is only kept in memory."""

    name, text = "ablation_results.json", ""

    def write_text(self, text: str) -> None:
        """Keep it."""
        self.text = text


def test_a_measurement_of_another_recipe_says_so() -> None:
    found = measured()
    today = replace(found, key=PRESETS[found.preset].experiment.key)
    assert today.base == found.preset
    assert replace(found, key="0" * 16).base == f"an earlier {found.preset}"
    assert Measured.from_json(today.to_json()) == today
