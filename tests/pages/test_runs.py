"""The board of all runs, over a run service that trains nothing."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.testing.v1 import AppTest

from core.layers import builders
from core.runs.board import BoardReader
from core.runs.database import Database
from core.runs.person import Person
from core.runs.run_labels import Label
from core.runs.run_lessons import Asked
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui.backend import identity
from core.ui.views.runs.table import ROWS
from tests.pages.conftest import ME, SOMEONE, FakeService
from tests.pages.hostile import MARKDOWN
from tests.pages.reading import words
from tests.runs.test_board import put

Open = Callable[..., AppTest]
MLP = Experiment(layers=builders.mlp((8,)), data="mnist-5k", train_images=500, epochs=2)
CNN = replace(MLP, layers=builders.cnn(blocks=1, filters=4, kernel=3, dense=16))


def fill(service: FakeService) -> None:
    for experiment, owner in ((MLP, ME), (replace(MLP, seed=1), ME), (CNN, SOMEONE), (replace(CNN, epochs=5), ME)):
        service.put(experiment, "finished", owner)


def lines(app: AppTest) -> list[str]:
    """The first column of the table of all runs."""
    return list(app.dataframe[0].value["Run"])


def test_an_empty_home_says_what_will_be_here_and_shows_an_example(open_page: Open) -> None:
    app = open_page("runs")
    assert len(app.get("vega_lite_chart")) == 1
    assert not app.dataframe
    assert not app.tabs


def test_the_table_has_a_line_for_each_group_and_follows_filters(service: FakeService, open_page: Open) -> None:
    fill(service)
    assert len(lines(open_page("runs"))) == 3
    app = open_page("runs", r_group="none", r_who="me", r_epochs="2", r_sort="r_seed")
    assert len(lines(app)) == 2
    assert not app.warning
    assert dict(app.query_params) == {"r_group": "none", "r_who": "me", "r_epochs": "2", "r_sort": "r_seed"}
    assert not open_page("runs", r_states="failed").dataframe


def test_runs_are_filtered_and_grouped_by_class_and_lesson(service: FakeService, open_page: Open) -> None:
    fill(service)
    both = Asked(("8a", "8b"), ("kernels",))
    service.asked = {MLP.key: Asked(("8a",)), replace(MLP, seed=1).key: both, CNN.key: Asked(("8b",))}
    app = open_page("runs", r_group="none")
    assert sorted(app.dataframe[0].value["Class"]) == ["8a", "8a, 8b", "8b", "none"]
    assert "What a kernel does" in list(app.dataframe[0].value["Lesson"])
    for link, count in (
        ({"r_class": "8a"}, 2),
        ({"r_class": "8b"}, 2),
        ({"r_class": "8a,8b"}, 3),
        ({"r_lesson": "kernels"}, 1),
    ):
        assert len(lines(open_page("runs", r_group="none", **link))) == count
    app = open_page("runs", r_class="8a", r_group="seeds")
    assert list(app.dataframe[0].value["Class"]) == ["8a, 8b"], "of all runs of the line"
    assert sorted(lines(open_page("runs", r_group="r_class"))) == [
        "Class: 8a",
        "Class: 8a, 8b",
        "Class: 8b",
        "Class: none",
    ]


def test_picked_runs_are_compared_by_what_differs(service: FakeService, open_page: Open) -> None:
    fill(service)
    app = open_page("runs", r_tab="compare", r_picks=f"{MLP.key}.{CNN.key}")
    assert len(app.get("vega_lite_chart")) == 3  # the board, accuracies, losses
    compared = app.dataframe[0].value
    assert list(compared["Run"].str[0]) == ["A", "B"]
    assert "Network" in compared
    assert "Epochs" not in compared
    app.button(key=f"unpick_{MLP.key}").click().run()
    assert app.query_params["r_picks"] in (CNN.key, [CNN.key])


def test_what_cannot_be_picked_is_named(service: FakeService, open_page: Open) -> None:
    fill(service)
    app = open_page("runs", r_picks=f"{MLP.key}.x", r_net="nothing", r_data="cifar10")
    assert app.warning[0].value.count("is used") == 3
    assert app.query_params["r_picks"] in (MLP.key, [MLP.key])


def test_a_name_is_given_and_shown_as_it_is(service: FakeService, open_page: Open) -> None:
    fill(service)
    app = open_page("runs", r_tab="compare", r_picks=MLP.key)
    app.text_input(key=f"name_{MLP.key}").set_value("Wide")
    app.button(key=f"save_{MLP.key}").click().run()
    assert service.labels[MLP.key] == Label("Wide")
    app.button(key=f"pin_{MLP.key}").click().run()
    assert service.labels[MLP.key] == Label("Wide", pinned=True)
    service.labels[MLP.key] = Label(MARKDOWN[:60], MARKDOWN)
    app.run()
    assert not app.exception
    assert not [text for text in app.markdown if "](//" in text.value and "\\](" not in text.value]


def test_what_is_done_to_a_picked_run_is_the_owner_s_and_the_instructor_s(
    service: FakeService, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(service)
    monkeypatch.setattr(identity, "person", lambda: Person(ME, "Me", "student", "class code"))
    app = open_page("runs", r_tab="compare", r_picks=f"{MLP.key}.{CNN.key}")
    keys = {button.key for button in app.button}
    assert {f"save_{MLP.key}", f"delete_{MLP.key}"} <= keys
    assert not keys & {f"{verb}_{CNN.key}" for verb in ("save", "delete", "pin", "hide")}
    app.button(key=f"delete_{MLP.key}").click().run()
    assert not app.exception
    assert MLP.key not in service.runs
    assert app.query_params["r_picks"] in (CNN.key, [CNN.key])
    service.put(CNN, "running", ME)
    assert not [one for one in open_page("runs", r_tab="compare", r_picks=CNN.key).button if one.key[:7] == "delete_"]


def test_a_link_does_not_show_a_hidden_run(
    service: FakeService, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(service)
    service.labels[CNN.key] = Label("Secret", "of theirs", hidden=True)
    link = {"r_tab": "compare", "r_picks": f"{MLP.key}.{CNN.key}"}
    assert "Secret" in words(open_page("runs", **link))
    monkeypatch.setattr(identity, "person", lambda: Person(ME, "Me", "student", "class code"))
    app = open_page("runs", **link)
    assert "Secret" not in words(app)
    assert CNN.key[:6] not in words(app)


def test_a_run_opens_as_settings_on_its_page(service: FakeService, open_page: Open) -> None:
    odd = replace(CNN, epochs=7, learning_rate=0.01, label_smoothing=0.1)
    service.put(odd, "finished", SOMEONE)
    app = open_page("runs", r_tab="compare", r_picks=odd.key)
    assert {"mnist", "layer_calculator"} <= {link.proto.page for link in app.get("page_link")}
    app = open_page("mnist", m_from=odd.key)
    assert not app.warning
    assert not app.error
    assert app.slider(key="m_epochs").value == 7
    assert "m_from" not in app.query_params
    app = open_page("mnist", m_from="0" * 16)
    assert app.warning


def test_a_link_to_a_run_opens_it_once_the_store_answers(
    service: FakeService, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = replace(CNN, epochs=7)
    service.put(odd, "finished", SOMEONE)
    service.broken = True
    app = open_page("mnist", m_from=odd.key)
    assert "opened yet" in app.error[0].value
    assert app.query_params["m_from"] == odd.key, "whoever loads the page again has the link"
    service.broken, answer = False, service.get_many

    def slow(ids: Any) -> Any:  # the browser asks for the page once more while PostgreSQL is waited for
        monkeypatch.setattr(service, "get_many", answer)
        context = get_script_run_ctx()
        assert context
        assert context.script_requests
        context.script_requests.request_rerun(RerunData(context.query_string, None, context.page_script_hash))
        return answer(ids)

    monkeypatch.setattr(service, "get_many", slow)
    app.run()
    assert not app.error
    assert app.slider(key="m_epochs").value == 7
    assert "m_from" not in app.query_params


def test_a_link_is_used_once_the_store_answers(service: FakeService, open_page: Open) -> None:
    """What the page could not draw leaves neither the URL nor the session, and is not called unused."""
    fill(service)
    service.broken = True
    link = {"r_axis": "seconds", "r_tab": "compare", "r_picks": CNN.key}
    app = open_page("runs", **link, r_misspelled="x")
    assert app.error
    assert not app.warning
    assert dict(app.query_params) == link | {"r_misspelled": "x"}
    service.broken = False
    app.run()
    assert not app.error
    assert dict(app.query_params) == link
    assert "r_misspelled" in app.warning[0].value


def test_a_run_on_color_pictures_opens_on_the_page_that_trains_them(service: FakeService, open_page: Open) -> None:
    run = replace(PRESETS["cifar-70"].experiment, epochs=4, seed=5)
    service.put(run, "finished", SOMEONE)
    app = open_page("runs", r_tab="compare", r_picks=run.key)
    assert "cifar" in {link.proto.page for link in app.get("page_link")}
    app = open_page("cifar", ci_from=run.key)
    assert not app.warning
    assert not app.error
    assert app.number_input(key="ci_seed").value == 5
    assert "ci_from" not in app.query_params


def test_a_store_that_cannot_be_read_is_reported(service: FakeService, open_page: Open) -> None:
    service.broken = True
    assert open_page("runs").error


@pytest.mark.clock
def test_thousands_of_runs_open_at_once(service: FakeService, open_page: Open, tmp_path: Path) -> None:
    """Processor time, once the page's modules are imported: what is read and made for the first visitor, and after."""
    open_page("runs")
    database = Database(tmp_path)
    rates, epochs = [0.001 * number for number in range(1, 41)], range(1, 26)
    settings = [replace(MLP, learning_rate=rate, epochs=count) for rate in rates for count in epochs]
    put(database, *(replace(one, seed=seed) for one in settings for seed in (0, 1, 2)))
    reader = BoardReader(database)
    service.board = lambda person: reader.read().seen_by(person)  # type: ignore[method-assign]
    spent = []
    for _ in range(2):
        start = time.process_time()
        app = open_page("runs")
        spent.append(time.process_time() - start)
        assert len(lines(app)) == ROWS
    database.close()
    assert spent[1] < 0.5
    assert spent[0] < 2.0  # 0.7 alone; whose neighbor uses the core's other half takes longer
