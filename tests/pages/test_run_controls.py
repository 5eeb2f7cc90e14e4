"""What both training pages offer for a run, whatever it does and whoever asked for it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import SUMMARIES
from tests.pages.reading import button, labels, words

OpenPage = Callable[..., AppTest]
TRAIN = {"mnist": "Train both", "cifar": "Train"}
PAGES = list(TRAIN)


def train(open_page: OpenPage, page: str) -> AppTest:
    app = open_page(page)
    button(app, TRAIN[page]).click().run()
    assert not app.exception
    return app


def change(service: Any, **changes: Any) -> None:
    service.runs = {id: replace(run, **changes) for id, run in service.runs.items()}


KNOWN: list[dict[str, Any]] = [
    {"step": 300, "steps": 3000, "train_images": 20_000},
    {"step": 300, "steps": 3000, "test_accuracy": 0.9},
    {"step": 300, "steps": 3000, "test_accuracy": None, "seconds": None, "images": None, "epoch": None},
    {"step": 3, "seconds": 0.0, "images": 0, "held_out_accuracy": 0.4, "device": "cpu"},
]
STATES = ("running", "pausing", "stopping", "stopped", "failed", "finished")


@pytest.mark.parametrize(("page", "link"), [("mnist", {}), ("cifar", {}), ("cifar", {"ci_tab": "All runs"})])
def test_a_run_without_some_figures_breaks_nothing(
    open_page: OpenPage, service: Any, page: str, link: dict[str, str]
) -> None:
    service.state = "running"
    app = open_page(page, **link)
    button(app, TRAIN[page]).click().run()
    for state in STATES:
        for known in KNOWN:
            change(service, state=state, summary=known, reason=None)
            app.run()
            assert not app.exception, (state, known)


@pytest.mark.parametrize("page", PAGES)
def test_a_run_from_its_start_to_another_seed(open_page: OpenPage, service: Any, page: str) -> None:
    """One visit: it trains, is about to end, is paused, resumed, joined, finished, and trained with another seed."""
    service.state = "running"
    app = train(open_page, page)
    before = set(labels(app))
    just_now = SUMMARIES["running"] | {"images": 9_000, "seconds": 2.0, "images_per_second": 77_700.0}
    change(service, summary=just_now)
    app.run()
    assert "4,500\u202fimages/s" in words(app)  # those of the whole run
    assert "77,700" not in words(app)

    for state, said in (("pausing", "Pausing"), ("stopping", "Stopping")):  # its buttons stay, and are disabled
        change(service, state=state, owners=() if state == "pausing" else ("me",))
        app.run()
        assert said in words(app)
        assert "omebody else" not in words(app)
        assert "omeone" not in words(app)
        assert button(app, "Pause").disabled
        if page == "mnist":
            assert "Stop" in before
            assert button(app, "Stop").disabled

    change(service, state="running", owners=("me",))
    app.run()
    button(app, "Pause").click().run()
    assert [run.state for run in service.runs.values()].count("stopped") == 1
    button(app, "Resume").click().run()
    assert {run.state for run in service.runs.values()} == {"running"}

    change(service, owners=("someone",))
    app.run()
    assert "started by someone" in words(app)
    assert "Pause" not in labels(app)
    for _ in service.runs:
        button(app, "Join").click().run()
    assert {run.owners for run in service.runs.values()} == {("me",)}
    assert "Join" not in labels(app)
    assert "Pause" in labels(app)

    over = SUMMARIES["finished"] | {"images": 9_000, "seconds": 2.0, "images_per_second": 77_700.0}
    change(service, summary=over, state="finished")
    app.run()
    assert "4,500\u202fimages/s" in words(app)
    count = len(service.runs)
    button(app, "Another seed").click().run()
    assert app.session_state[{"mnist": "m_seed", "cifar": "ci_seed"}[page]] == 1
    assert len(service.runs) == count  # it trains nothing yet
    assert TRAIN[page] in labels(app)
    button(app, TRAIN[page]).click().run()
    assert {run.experiment.seed for run in service.runs.values()} == {0, 1}


def test_a_run_ended_early_is_not_said_to_go_on(open_page: OpenPage, service: Any) -> None:
    service.state = "running"
    app = train(open_page, "cifar")
    (run,) = service.runs.values()
    ended = replace(run.experiment, stop_step=50)
    service.put(ended, "running", "me")  # tested now, after its last step
    app = open_page("cifar", ci_now=ended.key)
    assert "Stopping" in words(app)
    assert "left" not in next(text for text in words(app).split("<div") if "Stopping" in text)
