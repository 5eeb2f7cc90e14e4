"""What the board shows of all runs: filters, groups, orders, titles, the chart's rows and the files to take away."""

import io
from dataclasses import fields, replace
from typing import Any

import pandas as pd
import pytest

from core.layers import builders
from core.runs.board import Board, BoardRun
from core.runs.person import Person
from core.runs.run_labels import Label
from core.training.experiment import Experiment
from core.ui.views.runs import cost_chart, downloads, live_chart, picked_runs
from core.ui.views.runs.grouped_runs import EACH, BoardQuery, BoardView, Entry, ordered, view
from core.ui.views.runs.people import by_code, shown_names
from core.ui.views.runs.picked_runs import Pick
from core.ui.views.runs.run_settings import BY_KEY, SETTINGS, choices, values

MLP = Experiment(layers=builders.mlp((8,)), data="mnist-5k", train_images=500)
CNN = replace(MLP, layers=builders.cnn(blocks=1, filters=4, kernel=3, dense=16))
ME = Person("me", "You", "student", "browser")


def run(experiment: Experiment, accuracy: float | None, parameters: float = 100, **changes: Any) -> BoardRun:
    figures = {"parameters": parameters, "whole_seconds": parameters / 10, "data_title": "Digits"}
    figures |= {} if accuracy is None else {"test_accuracy": accuracy}
    fields = {"id": experiment.key, "recipe": replace(experiment, seed=0).key, "state": "finished", "owners": ("me",)}
    return BoardRun(**fields | {"experiment": experiment, "queued": 0.0, "finished": 1.0, "figures": figures} | changes)


def board(*runs: BoardRun) -> Board:
    return Board(runs, len(runs), 1)


ALL = board(
    run(CNN, 0.98, 400, queued=9.0),
    run(replace(CNN, seed=1), 0.96, 400, queued=8.0),
    run(replace(CNN, seed=2), None, 400, state="running", queued=7.0),
    run(MLP, 0.92, 100, owners=("someone",), label=Label("The small one", "by far", pinned=True)),
    run(replace(MLP, epochs=9), 0.95, 800, label=Label(hidden=True)),
    run(replace(MLP, data="cifar10"), 0.5),
)
SEEN = ALL.seen_by(ME)
QUERY = BoardQuery("mnist-5k")


def keys(found: BoardView) -> list[str]:
    return [entry.key for entry in found.entries]


def entry(found: BoardView, experiment: Experiment) -> Entry:
    return next(one for one in found.entries if one.key == replace(experiment, seed=0).key)


def test_runs_that_differ_in_their_seed_are_one_mean() -> None:
    found = view(SEEN, QUERY)
    assert keys(found) == [CNN.key, MLP.key]
    cnn, mlp = entry(found, CNN).accuracy, entry(found, MLP).accuracy
    assert cnn is not None
    assert mlp is not None
    assert (cnn.value, cnn.n) == (pytest.approx(0.97), 2)  # of the two that finished
    assert cnn.low == pytest.approx(0.97 - 12.7062 * 0.01, abs=1e-5)
    assert (mlp.n, mlp.low) == (1, None)
    assert len(view(SEEN, replace(QUERY, group=EACH)).entries) == 4
    by_epochs = view(ALL, replace(QUERY, group="r_epochs"))
    assert sorted(len(one.runs) for one in by_epochs.entries) == [1, 4]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 5),
        ({"states": ("running",)}, 1),
        ({"states": ("running", "finished")}, 5),
        ({"owner": "someone"}, 1),
        ({"find": "SMALL"}, 1),
        ({"find": "by far"}, 1),
        ({"find": CNN.key[:10]}, 1),
        ({"filters": (("r_net", (BY_KEY["r_net"].code(CNN),)),)}, 3),
        ({"filters": (("r_net", (BY_KEY["r_net"].code(CNN),)), ("r_seed", ("1", "2")))}, 2),
        ({"filters": (("r_epochs", ("77",)),)}, 0),
        ({"data": "cifar10"}, 1),
    ],
)
def test_a_query_finds_what_it_says(changes: dict[str, Any], count: int) -> None:
    assert len(view(ALL, replace(QUERY, **changes)).runs) == count


def test_every_setting_has_a_short_text_for_the_link() -> None:
    for value in values(ALL.runs[0]).values():
        code = value.code
        assert 0 < len(code) <= 40
        assert "," not in code
    assert BY_KEY["r_rate"].code(CNN) == "0.003"
    assert BY_KEY["r_momentum"].code(CNN) == "0.9_0.999"
    assert BY_KEY["r_net"].code(CNN) != BY_KEY["r_net"].code(MLP)
    assert list(values(ALL.runs[0])) == [setting.key for setting in SETTINGS]
    assert list(choices(ALL.runs, BY_KEY["r_epochs"]).items()) == [("3", "3"), ("9", "9")]


def test_the_best_so_far_counts_finished_means_alone() -> None:
    found = view(ALL, QUERY)
    assert [one.key for one in found.best("parameters")] == [MLP.key, CNN.key]  # 800 parameters reach no more
    running = board(run(MLP, 0.99, state="running"), run(CNN, 0.9, 400))
    assert [one.key for one in view(running, QUERY).best("seconds")] == [CNN.key]


def test_pinned_runs_stand_first_and_unknown_figures_last() -> None:
    found = view(SEEN, replace(QUERY, group=EACH))
    by_accuracy = ordered(found.entries, "accuracy", backwards=False)
    assert [one.accuracy.value if one.accuracy else None for one in by_accuracy] == [0.92, 0.98, 0.96, None]
    backwards = ordered(found.entries, "accuracy", backwards=True)
    assert [one.accuracy.value if one.accuracy else None for one in backwards] == [0.92, 0.96, 0.98, None]
    assert [one.shown.experiment.seed for one in ordered(found.entries, "r_seed", backwards=True)] == [0, 2, 1, 0]


def test_a_title_is_a_name_or_what_sets_a_run_apart() -> None:
    found = view(ALL, QUERY)
    assert [one.title for one in found.entries] == ["CNN", "The small one", "MLP, dense 8, 9 epochs"]
    assert view(ALL, replace(QUERY, group="r_epochs")).entries[0].title == "Epochs: 3"


def test_the_chart_draws_means_intervals_frontier_and_picks() -> None:
    found = view(ALL, QUERY)
    best, shown = found.best("parameters"), cost_chart.drawn(found, "parameters", ())
    chosen = [Pick(replace(CNN, seed=1).key, "B", "#D55E00")]
    rows = cost_chart.table(shown, best, "parameters", chosen, "light")
    runs = rows[rows["part"] == "run"].set_index("key")
    assert list(runs["x"]) == [400, 100, 800]
    assert list(runs["error"]) == [pytest.approx(3), pytest.approx(8), pytest.approx(5)]
    assert cost_chart.ends(shown) == (10, 2)
    assert (runs.loc[CNN.key, "low"], runs.loc[CNN.key, "high"]) == (10, 2)  # cut at the axis' ends
    assert runs["low"].notna().sum() == 1
    line = rows[rows["part"] == "frontier"]
    assert list(zip(line["x"], line["error"].round(6), strict=True)) == [(100, 8), (400, 3), (1000, 3)]
    assert list(rows[rows["part"] == "picked"]["label"]) == ["B"]
    assert list(rows[rows["part"] == "end"]["x"]) == [50, 1000]


def test_a_crowded_chart_keeps_the_frontier_and_what_is_picked_or_pinned() -> None:
    many = [run(replace(MLP, epochs=1 + n % 200, batch_size=1 + n // 200), 0.5, 100 + n) for n in range(400)]
    oldest = [run(CNN, 0.9, 50), run(replace(CNN, epochs=7), 0.1, 5000), run(replace(CNN, epochs=8), 0.2, 6000)]
    oldest[2] = replace(oldest[2], label=Label(pinned=True))
    found = view(board(*many, *oldest), QUERY)
    shown = cost_chart.drawn(found, "parameters", [Pick(oldest[1].id, "A", "#000000")])
    assert len(shown) == cost_chart.MAX_MARKS
    assert {one.recipe for one in oldest} <= {one.key for one in shown}


@pytest.mark.parametrize(
    ("accuracies", "ends"),
    [([], (100, 0.1)), ([0.1], (100, 50)), ([0.991, 0.985], (2, 0.5)), ([0.0, 1.0], (100, 0.1)), ([0.9], (10, 5))],
)
def test_the_accuracy_axis_holds_every_run(accuracies: list[float], ends: tuple[float, float]) -> None:
    runs = [run(replace(MLP, seed=seed), accuracy) for seed, accuracy in enumerate(accuracies)]
    assert cost_chart.ends(view(board(*runs), replace(QUERY, group=EACH)).entries) == ends


def test_a_click_is_read_from_either_form_of_a_selection() -> None:
    assert live_chart.selected({"selection": {cost_chart.SELECTED: [{"key": "a"}, {"key": "b"}]}}) == {"a", "b"}
    assert live_chart.selected({"selection": {cost_chart.SELECTED: {"key": ["a"]}}}) == {"a"}
    assert live_chart.selected(None) == live_chart.selected({"selection": {}}) == frozenset()


def test_a_click_toggles_and_a_seventh_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    now: list[str] = []
    state: dict[str, Any] = {}
    monkeypatch.setattr(picked_runs, "ids", lambda: list(now))
    monkeypatch.setattr(picked_runs, "_write", lambda runs: now.__setitem__(slice(None), runs))
    monkeypatch.setattr(picked_runs.st, "session_state", state)
    found = view(board(*(run(replace(MLP, epochs=n), 0.9) for n in range(1, 9))), QUERY).entries
    picked_runs.toggle(found[:2])
    assert now == [found[0].shown.id, found[1].shown.id]
    picked_runs.toggle(found[:1])
    assert now == [found[1].shown.id]
    picked_runs.toggle(found[2:7])
    assert len(now) == picked_runs.MAX_PICKS
    assert picked_runs.REFUSED not in state
    picked_runs.toggle(found[7:], in_table=True)
    assert len(now) == picked_runs.MAX_PICKS
    assert state[picked_runs.REFUSED]


def test_nobodys_id_is_shown() -> None:
    mine, theirs, nobodys = shown_names([("x@school.test", "me"), ("x@school.test",), ()], ME)
    assert mine == "You"
    assert "school" not in theirs
    assert shown_names([("x@school.test",)], replace(ME, id="other")) == [theirs]
    assert nobodys


def test_people_are_found_by_a_code_that_is_not_their_id() -> None:
    found = by_code(ALL.runs, ME)
    assert [one.id for one in found.values()] == ["someone"]
    assert "someone" not in "".join(found)


def test_every_setting_of_a_run_can_be_filtered_by() -> None:
    told = {name for setting in SETTINGS for name in setting.fields}
    sizes = {"low_res_fraction", "small_size", "middle_until", "middle_size"}
    assert {field.name for field in fields(Experiment)} - sizes - told == {"data"}  # which has a choice of its own


def test_the_file_has_the_figures_that_the_pages_show() -> None:
    figures = {"test_accuracy": 0.707, "test_one_view_accuracy": 0.687, "test_images": 10_000}
    figures |= {"images": 9_000, "seconds": 2.0, "images_per_second": 77_700.0}  # of the last moment alone
    row = downloads.table([replace(ALL.runs[0], figures=figures)]).iloc[0]
    assert (row["Test accuracy"], row["Test accuracy with one view"], row["Test pictures"]) == (0.707, 0.687, 10_000)
    assert row["Images/s"] == 4_500


def test_the_files_hold_every_run_and_no_formula() -> None:
    hostile = replace(ALL.runs[3], label=Label("=cmd()", "＝cmd()"), owners=("x@school.test",))
    runs = [*ALL.runs[:3], hostile]
    parquet = pd.read_parquet(io.BytesIO(downloads.as_parquet(runs)))
    assert list(parquet["Run"]) == [one.id for one in runs]
    assert list(parquet["Test accuracy"].dropna()) == [0.98, 0.96, 0.92]
    assert parquet["Name"].iloc[3] == "=cmd()"
    text = downloads.as_csv(runs).decode("utf-8-sig")
    csv = pd.read_csv(io.StringIO(text))
    assert list(csv["Parameters"]) == [400, 400, 400, 100]
    assert (csv["Name"].iloc[3], csv["Note"].iloc[3]) == ("'=cmd()", "'＝cmd()")
    assert "school.test" not in text
