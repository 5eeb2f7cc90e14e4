"""The networks that the page compares: pretrained ones, and one of the visitor's runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.insight.pretrained import network
from core.layers.calculator import analyze, totals
from core.runs.inference_client import InferenceError
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, measurements
from core.ui.display import colors, numbers
from core.ui.display.colors import Role
from core.ui.state.settings import Settings
from core.ui.views.invariance.picture import DIGIT, InputPicture

DIGITS = {
    "mnist-mlp": colors.MLP,
    "mnist-cnn": colors.CNN,
    "mnist-cnn-moved": colors.CNN_AUGMENTED,
    "mnist-cnn-blur": colors.CNN_BLUR_POOLED,
    "mnist-capsule": colors.CAPSULES,
}
FRAMED = {  # for 40 x 40 pixels
    "mnist-40-cnn": colors.CNN,
    "mnist-40-cnn-blur": colors.CNN_BLUR_POOLED,
    "mnist-40-capsule": colors.CAPSULES,
}
PICTURES = {"cifar-cnn": colors.CNN}
PRETRAINED = DIGITS | PICTURES
NONE = ""
MAX_RUNS = 8
RUN_WIDTH = 200  # px
DEFAULTS: dict[str, Any] = {"i_run": NONE, "i_cifar_run": NONE}


@dataclass(frozen=True, slots=True)
class ComparedNetwork:
    """A trained network with its name and color. Equal objects have equal weights."""

    key: str  # a name of PRETRAINED or a run's id
    name: str
    role: Role
    experiment: Experiment
    file: str  # of its weights
    stamp: int  # the file's modification time, which changes with the weights


def macs(compared: Sequence[ComparedNetwork], shape: tuple[int, int, int]) -> int:
    """Return the MACs of the most expensive network for one picture (C, H, W)."""
    return max(_macs(net.experiment.to_json(), shape) for net in compared)


@lru_cache(maxsize=64)
def _macs(experiment: str, shape: tuple[int, int, int]) -> int:
    return totals(analyze(Experiment.from_json(experiment).layers, shape)).macs


def pretrained(names: dict[str, Role]) -> list[ComparedNetwork]:
    """Return the pretrained networks of these names."""
    return [_compared_network(key, role.name, role, network(key).experiment) for key, role in names.items()]


def for_40px() -> list[ComparedNetwork]:
    """Return the pretrained networks for 40 x 40 pixels."""
    return pretrained(FRAMED)


def of_run(run: Run, name: str, role: Role) -> ComparedNetwork:
    """Return a run's network, from its last checkpoint while it trains. Raises InferenceError without one."""
    return _compared_network(run.id, name, role, run.experiment)


def pick(settings: Settings, source: InputPicture) -> list[ComparedNetwork]:
    """Draw the picker of a run and return the pretrained networks for this kind of picture, with that run."""
    runs = {run.id: run for run in _runs(source.learned)}
    digits = source.kind == DIGIT
    key = "i_run" if digits else "i_cifar_run"
    chosen = settings.choice(
        key,
        "Compare with your run",
        [NONE, *runs],
        format=lambda key: run_title(runs[key]) if key in runs else "None",
        help=f"A network trained here on the {'MNIST page or in the experiment below' if digits else 'CIFAR-10 page'}",
        width=RUN_WIDTH,
    )
    compared = pretrained(DIGITS) if digits else pretrained(PICTURES) if source.learned == "cifar10" else []
    if chosen in runs:
        role = Role("Your run", "Your run", colors.SECOND)
        try:
            compared.append(of_run(runs[chosen], run_title(runs[chosen]), role))
        except InferenceError as error:
            messages.error(error)
    return compared


def run_title(run: Run) -> str:
    """Return a run's title: "CNN+aug, 98.71 %, 3f2a"."""
    return f"{colors.role(run.experiment).short}, {numbers.percent(run.summary['test_accuracy'])}, {run.id[:4]}"


def _runs(learned: str) -> list[Run]:
    """Return the latest finished runs on exactly these data, so that all share a test set; none without a store."""
    try:
        recent = client.runs().recent()
    except StoreUnavailable:
        return []
    fit = [run for run in recent if run.state == FINISHED and run.experiment.data == learned]
    return [run for run in fit if "test_accuracy" in run.summary][:MAX_RUNS]


def _compared_network(key: str, name: str, role: Role, experiment: Experiment) -> ComparedNetwork:
    return ComparedNetwork(key, name, role, experiment, *measurements.weights(key))
