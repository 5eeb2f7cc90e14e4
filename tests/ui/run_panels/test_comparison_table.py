"""The comparison table: whole seconds and their parts, and of how many pictures and views each accuracy is."""

from dataclasses import fields, replace
from typing import Any

import pytest

from core.layers.builders import mlp
from core.training.augmentation.pipeline import random_affine
from core.training.experiment import CHOICES, LIMITS, Experiment
from core.ui.run_panels import comparison_table
from tests.ui.run_panels.test_score_card import FINISHED, PLACE, SIX, run


def rows(**summaries: dict[str, Any]) -> Any:
    return comparison_table.table({name: run(summary, "finished") for name, summary in summaries.items()}).set_index(
        "Run"
    )


def test_the_seconds_are_whole_and_come_with_their_parts() -> None:
    row = rows(now=FINISHED).loc["now"]
    assert row["Total (s)"] == 4.4
    assert [row[f"{part} (s)"] for part in ("Training", "Testing", "Preparing")] == [2.9, 1.1, 0.4]
    assert row["Tested on"] == 10_000


def test_an_older_runs_seconds_are_added_up_or_left_out() -> None:
    parts = {name: value for name, value in FINISHED.items() if name != "whole_seconds"}
    alone = {name: value for name, value in parts.items() if name not in ("evaluate_seconds", "prepare_seconds")}
    told = rows(parts=parts, alone=alone)
    assert told.loc["parts", "Total (s)"] == pytest.approx(4.4)
    assert told["Total (s)"].isna().tolist() == [False, True]
    assert told["Training (s)"].tolist() == [2.9, 2.9]


def test_one_view_has_a_column_where_several_were_asked() -> None:
    told = rows(six=FINISHED | SIX, one=FINISHED)
    assert told.loc["six", "With one view (%)"] == pytest.approx(68.7)
    assert told["With one view (%)"].isna().tolist() == [False, True]
    assert "With one view (%)" not in rows(one=FINISHED)


def test_a_stopped_run_was_tested_on_a_part() -> None:
    stopped = PLACE | {"test_accuracy": 0.5, "test_pictures": 1_000, "test_images": 10_000, "whole_seconds": 6.0}
    row = comparison_table.table({"A": replace(run(stopped), state="stopped")}).iloc[0]
    assert (row["Tested on"], row["Total (s)"], row["Training (s)"]) == (1_000, 6.0, 4.0)
    assert row["to (%)"] - row["from (%)"] > 6


def test_absent_figures_break_nothing() -> None:
    assert len(comparison_table.table({"A": run({}, "stopped"), "B": run({"test_accuracy": 0.5}, "stopped")})) == 2


SETTINGS = [field.name for field in fields(Experiment)]
STAGES = Experiment(layers=mlp([8]), low_res_fraction=0.3, middle_until=0.5)
OTHERS = {"layers": mlp([9]), "data": "mnist-5k", "augmentation": random_affine(shift=1)}
OTHERS |= {"lr_changes": ((3, 0.1),), "parent_run": "0" * 16}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_in_which_runs_differ_is_told(name: str) -> None:
    value = getattr(STAGES, name)
    if name in LIMITS:
        other: object = LIMITS[name][1]
    elif isinstance(value, bool):
        other = not value
    else:
        other = OTHERS.get(name) or CHOICES[name][-1]
    changed = replace(STAGES, **{name: other})
    assert comparison_table.describe_settings(changed) != comparison_table.describe_settings(STAGES)
