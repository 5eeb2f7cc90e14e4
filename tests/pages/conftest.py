"""Pages run by Streamlit's own AppTest, over a run service that does what the test says and trains nothing."""

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from core.classroom.classroom import Classroom
from core.classroom.people import People
from core.runs.board import NUMBERS, TEXTS, Board, BoardRun
from core.runs.database import Database
from core.runs.history_cache import HistoryCache
from core.runs.instructor_actions import FROZEN_SENTENCE
from core.runs.measurement_cache import MeasurementCache
from core.runs.person import Person
from core.runs.retention import Usage
from core.runs.run import QUEUED, NotAllowed, QueueFull, Run, StoreUnavailable
from core.runs.run_labels import Label
from core.runs.run_lessons import NOWHERE, Asked
from core.training.experiment import Experiment
from core.training.run_changes import continued, stopped, with_rate
from core.ui.backend import client, identity
from core.ui.layout.navigation import NAVIGATED
from core.ui.run_panels import time_estimate
from tests.made_runs import made_run
from tests.pages.answering import LocalInference

# Every AppTest looks through all installed packages for components, which takes half a second: once is enough.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
# Once a test has imported Keras, every AppTest ends its session, and that collects all garbage: half a second a run.
script_runner._clean_problem_modules = lambda: None
# Every run of an AppTest compiles app.py and the page anew, which a server does once.
compiled = ScriptCache()
app_test.ScriptCache = local_script_runner.ScriptCache = lambda: compiled

ROOT = Path(__file__).parents[2]
paths_sent: list[str] = []  # what was sent to browsers around a path of this machine, since the tests began


def _watch_paths(message: ForwardMsg) -> None:
    sent = message.SerializeToString()
    if (at := sent.find(str(ROOT).encode())) >= 0:
        paths_sent.append(repr(sent[max(at - 100, 0) : at + 100]))


ForwardMsgQueue.on_before_enqueue_msg(_watch_paths)
ME, SOMEONE = "me", "someone"
SUMMARIES: dict[str, dict[str, Any]] = {
    "queued": {},
    "running": {
        "step": 50,
        "steps": 200,
        "epoch": 0.75,
        "seconds": 2.0,
        "images": 6_400,
        "images_per_second": 3_200.0,
        "test_accuracy": 0.91,
        "test_images": 10_000,
        "parameters": 118_282,
        "train_images": 20_000,
    },
    "stopped": {
        "step": 100,
        "steps": 200,
        "epoch": 1.5,
        "seconds": 4.0,
        "images": 9_000,
        "test_accuracy": 0.95,
        "test_images": 10_000,
    },
    "failed": {"step": 10, "steps": 200, "epoch": 0.1, "seconds": 1.0},
    "finished": {
        "step": 200,
        "steps": 200,
        "epoch": 3.0,
        "seconds": 8.0,
        "images": 60_000,
        "train_seconds": 8.0,
        "images_per_second": 7_500.0,
        "test_accuracy": 0.9625,
        "test_images": 10_000,
        "parameters": 118_282,
    },
}


class FakeService:
    """Answers as `RunService` does; what is submitted stands at `state` at once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, QUEUED
        self.runs: dict[str, Run] = {}
        self.labels: dict[str, Label] = {}
        self.full = self.broken = False
        self.reason: str | None = None
        self.trouble: str | None = None
        self.events: list[dict[str, Any]] = []
        self.devices = ["cpu"]
        self.expected: list[tuple[Experiment, ...]] = []

        self.instructed: list[tuple[Any, ...]] = []
        self.submitted: list[str] = []
        self.asked: dict[str, Asked] = {}

    def stop_run(self, run: str, person: Person) -> None:
        self.instructed.append(("stop", run))

    def move_run(self, run: str, person: Person, *, front: bool) -> None:
        self.instructed.append(("move", run, front))

    def active(self) -> list[Run]:
        return [run for run in self.runs.values() if run.active]

    def slots(self) -> int:
        return 2

    def warm_up(self, *experiments: Experiment) -> None:
        self.expected.append(experiments)

    def submit(self, experiment: Experiment, person: Person | str, device: str = "auto", lesson: str = "") -> str:
        owner = _id(person)
        if isinstance(person, Person) and not person.instructs and client.classroom().state().frozen:
            raise NotAllowed(FROZEN_SENTENCE)
        if self.full:
            raise QueueFull("You have 20 runs waiting, which is the most. Wait for one, or stop one.")
        self.submitted.append(experiment.key)
        class_name = person.class_name if isinstance(person, Person) else ""
        self.asked[experiment.key] = Asked(tuple(filter(None, [class_name])), tuple(filter(None, [lesson])))
        self.put(experiment, self.state, owner, device)
        return experiment.key

    def put(self, experiment: Experiment, state: str, owner: str, device: str = "auto") -> None:
        self.runs[experiment.key] = made_run(
            experiment,
            state,
            summary=SUMMARIES[state],
            device=device,
            reason=self.reason,
            owners=(owner,),
            place=3 if state == QUEUED else None,
            folder=self.folder,
        )

    def cancel(self, run: str, owner: str) -> None:
        self.runs[run] = replace(self.runs[run], state="stopped", owners=(), summary=SUMMARIES["stopped"])

    def set_learning_rate(self, run: str, person: Person, learning_rate: float) -> None:
        self._fork(run, _id(person), with_rate(self.runs[run].experiment, 50, learning_rate), "running")

    def stop_early(self, run: str, person: Person) -> None:
        self._fork(run, _id(person), stopped(self.runs[run].experiment, 50), "finished")

    def continue_run(self, run: str, owner: Person, epochs: int, device: str = "auto", lesson: str = "") -> str:
        return self.submit(continued(self.runs[run].experiment, epochs), owner, device, lesson)

    def _fork(self, run: str, owner: str, experiment: Experiment, state: str) -> None:
        self.put(experiment, state, owner)
        told = SUMMARIES["stopped"] | {"successor": experiment.key}
        self.runs[run] = replace(self.runs[run], state="stopped", owners=(), summary=told)

    def get_many(self, ids: Collection[str]) -> dict[str, Run]:
        if self.broken:
            raise StoreUnavailable("The app's folder cannot be read: its disk is full. Make room on it.")
        return {id: self.runs[id] for id in ids if id in self.runs}

    def watch(self, ids: Collection[str]) -> None:
        self.watched = list(ids)

    def version(self, run: str) -> tuple[int, int] | None:
        return None

    def usage(self) -> Usage:
        return Usage(1_200_000_000, {"a": 700_000_000, "b": 1}, 5_000_000_000)

    def recent(self, limit: int = 50) -> list[Run]:
        return []

    def board(self, person: Person) -> Board:
        if self.broken:
            raise StoreUnavailable("The app's folder cannot be read: its disk is full. Make room on it.")
        found = [
            BoardRun(
                run.id,
                run.experiment,
                replace(run.experiment, seed=0).key,
                run.state,
                run.owners,
                run.created,
                run.finished,
                self.labels.get(run.id, Label()),
                {name: value for name, value in run.summary.items() if name in (*NUMBERS, *TEXTS)},
                self.asked.get(run.id, NOWHERE),
            )
            for run in self.runs.values()
        ]
        return Board(tuple(found), len(found), 1).seen_by(person)

    def delete(self, run: str, person: Person) -> None:
        assert person.may_delete(self.runs[run].owners)
        del self.runs[run]

    def hide_run(self, run: str, hidden: bool, person: Person) -> None:
        self.labels[run] = replace(self.labels.get(run, Label()), hidden=hidden)

    def name_run(self, run: str, name: str, note: str, person: Person) -> None:
        self.labels[run] = replace(self.labels.get(run, Label()), name=name, note=note)

    def pin_run(self, run: str, pinned: bool, person: Person) -> None:
        self.labels[run] = replace(self.labels.get(run, Label()), pinned=pinned)

    def history(self, run: str, since: int = 0) -> list[dict[str, Any]]:
        return [event for event in self.events if event["seq"] > since]

    def counts(self) -> dict[str, int]:
        return {state: sum(run.state == state for run in self.runs.values()) for state in SUMMARIES}

    def machine(self) -> dict[str, Any] | None:
        return {
            "devices": self.devices,
            "gpus": 0,
            "gpu": None,
            "cores": 2,
            "memory": 2**34,
            "memories": {name: 2 ** (35 + place) for place, name in enumerate(self.devices)},
            "precision": "bf16",
            "reason": f"On {self.devices[0]}.",
            "reasons": {name: f"On {name}." for name in self.devices},
        }


def _id(person: Person | str) -> str:
    return person.id if isinstance(person, Person) else person


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing is: to make its tables takes longer than to draw many a page."""
    database = Database(tmp_path_factory.mktemp("store"))
    with database.writing():
        pass
    database.close()
    return database.home / "runs.sqlite"


@pytest.fixture
def service(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    fake = FakeService(tmp_path)
    feed = HistoryCache(fake, min_age=0.0)  # type: ignore[arg-type]
    inference, measures = LocalInference(tmp_path), MeasurementCache(tmp_path)
    monkeypatch.setattr(client, "runs", lambda: fake)
    monkeypatch.setattr(client, "inference", lambda: inference)
    (tmp_path / "class").mkdir()
    shutil.copy(empty_store, tmp_path / "class")
    room = Classroom(Database(tmp_path / "class"))
    monkeypatch.setattr(client, "measures", lambda: measures)
    monkeypatch.setattr(client, "classroom", lambda: room)
    people = People(Database(tmp_path / "people"))
    monkeypatch.setattr(client, "people", lambda: people)
    monkeypatch.setattr(client, "feed", lambda: feed)
    monkeypatch.setattr(st, "user", {})  # AppTest signs in somebody of its own
    monkeypatch.setattr(identity, "owner", lambda: ME)
    monkeypatch.setattr(time_estimate, "speed", lambda *_: 900.0)  # nothing is trained to estimate the time
    monkeypatch.setattr(client, "preparation", lambda *_: None)
    st.cache_data.clear()
    return fake


def opened(name: str, parameters: Mapping[str, str | list[str]], timeout: float = 30) -> AppTest:
    """The page with these parameters in its URL, opened as by a link: home has not been shown before."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=timeout)
    app.session_state[NAVIGATED] = True  # what app.py leaves there; tests/pages/test_home.py runs it
    for key, value in parameters.items():
        app.query_params[key] = value
    return app.switch_page(f"pages/{name}.py").run()


@pytest.fixture
def open_page(service: FakeService) -> Callable[..., AppTest]:
    def whole(name: str, **parameters: str) -> AppTest:
        app = opened(name, parameters)
        assert not app.exception, app.exception
        assert not paths_sent
        return app

    return whole
