"""The anatomy page with runs of a real store: trained by the run service, asked by the process that answers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.inference_client import InferenceClient
from core.runs.run import FINISHED
from core.runs.service import RunService
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui.backend import client

OpenPage = Callable[..., AppTest]
TABS = ("3d", "filters", "top", "random", "prediction")
RUNS = {
    "mnist": replace(PRESETS["mnist-cnn"].experiment, data="mnist-5k", train_images=500, epochs=1),
    "capsules": replace(PRESETS["capsule-small-decoder"].experiment, data="mnist-5k", train_images=200, epochs=1),
    "cifar": replace(PRESETS["cifar-70"].experiment, data="cifar10-standin", train_images=500, epochs=1),
}
WAIT = 120.0  # seconds: the worker imports torch first


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[RunService]:
    """A service that has trained all of RUNS."""
    service = RunService(home, slots=1)
    ids = [service.submit(experiment, "me", device="cpu") for experiment in RUNS.values()]
    end = monotonic() + WAIT
    while any(service.get(run).active for run in ids):
        assert monotonic() < end
        sleep(0.1)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def answering(home: Path) -> Iterator[InferenceClient]:
    asked = InferenceClient(home)
    yield asked
    asked.stop()


@pytest.mark.parametrize("name", RUNS)
def test_every_tab_of_a_trained_run(
    name: str, open_page: OpenPage, store: RunService, answering: InferenceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment: Experiment = RUNS[name]
    assert store.get(experiment.key).state == FINISHED
    monkeypatch.setattr(client, "runs", lambda: store)
    monkeypatch.setattr(client, "inference", lambda: answering)
    app = open_page("anatomy")
    (title,) = [one for one in app.selectbox(key="n_network").options if one.endswith(f"run {experiment.key[:6]}")]
    for tab in TABS:
        app = open_page("anatomy", n_network=title, n_tab=tab)
        assert app.selectbox(key="n_network").value == experiment.key
        assert not app.error
    last = len(experiment.layers)
    for layer in range(1, last + 1):
        app.query_params["n_layer"] = str(layer)
        app.run()
        assert not app.exception
        assert not app.error
