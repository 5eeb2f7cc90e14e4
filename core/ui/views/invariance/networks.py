"""The networks that are compared: those that come with the app, and a run of the person's own beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.insight.pretrained import network
from core.layers.calculator import analyse, totals
from core.runs.inference_client import InferenceError
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import colors, numbers
from core.ui.display.colors import Role
from core.ui.state.settings import Settings
from core.ui.views.invariance.picture import DIGIT, Subject

DIGITS = {
    "mnist-mlp": colors.MLP,
    "mnist-cnn": colors.CNN,
    "mnist-cnn-moved": colors.CNN_AUGMENTED,
    "mnist-cnn-blur": colors.CNN_BLUR_POOLED,
}
PICTURES = {"cifar-cnn": colors.CNN}
PRETRAINED = DIGITS | PICTURES
NONE = ""
MOST_RUNS = 8
DEFAULTS: dict[str, Any] = {"i_run": NONE, "i_cifar_run": NONE}


@dataclass(frozen=True, slots=True)
class Entrant:
    """A trained network under its name and color. Equal ones have equal weights."""

    key: str  # a name of PRETRAINED or a run's id
    name: str
    role: Role
    experiment: Experiment
    file: str  # as questions name it
    stamp: int  # of the file: another when its weights change


def macs(entrants: Sequence[Entrant], shape: tuple[int, int, int]) -> int:
    """Of the costliest network, for one picture (C, H, W)."""
    return max(_macs(one.experiment.to_json(), shape) for one in entrants)


@lru_cache(maxsize=64)
def _macs(experiment: str, shape: tuple[int, int, int]) -> int:
    return totals(analyse(Experiment.from_json(experiment).layers, shape)).macs


def shipped(names: dict[str, Role]) -> list[Entrant]:
    """Networks that come with the app."""
    return [_entrant(key, role.name, role, network(key).experiment) for key, role in names.items()]


def at_forty() -> list[Entrant]:
    """The two that take 40 x 40 pixels."""
    return shipped({"mnist-40-cnn": colors.CNN, "mnist-40-cnn-blur": colors.CNN_BLUR_POOLED})


def of_run(run: Run, name: str, role: Role) -> Entrant:
    """A run's network as it stands: of its last checkpoint while it trains. Raises InferenceError without one."""
    return _entrant(run.id, name, role, run.experiment)


def pick(settings: Settings, subject: Subject) -> list[Entrant]:
    """Those that come with the app and have learned such pictures and, where one is chosen, a run of the store."""
    runs = {run.id: run for run in _runs(subject.learned)}
    digits = subject.kind == DIGIT
    key = "i_run" if digits else "i_cifar_run"
    chosen = settings.choice(
        key,
        "Beside them, a run of your own" if digits else "Beside it, a run of your own",
        [NONE, *runs],
        format=lambda key: titled(runs[key]) if key in runs else "None",
        help=f"A network that the {'MNIST page or the experiment below' if digits else 'CIFAR-10 page'} has trained "
        "here",
    )
    entrants = shipped(DIGITS) if digits else shipped(PICTURES) if subject.learned == "cifar10" else []
    if chosen in runs:
        role = Role("Your run", "Your run", colors.SECOND)
        try:
            entrants.append(of_run(runs[chosen], titled(runs[chosen]), role))
        except InferenceError as error:
            messages.error(error)
    return entrants


def titled(run: Run) -> str:
    """A run in a few words: "CNN+aug, 98.71 %, 3f2a"."""
    return f"{colors.role(run.experiment).short}, {numbers.percent(run.summary['test_accuracy'])}, {run.id[:4]}"


def _runs(learned: str) -> list[Run]:
    """The latest finished runs on these data and no others: their figures are of one test set. None without a store."""
    try:
        recent = client.runs().recent()
    except StoreUnavailable:
        return []
    fit = [run for run in recent if run.state == FINISHED and run.experiment.data == learned]
    return [run for run in fit if "test_accuracy" in run.summary][:MOST_RUNS]


def _entrant(key: str, name: str, role: Role, experiment: Experiment) -> Entrant:
    file = client.inference().file(key)
    try:
        stamp = Path(file).stat().st_mtime_ns
    except OSError as error:
        raise InferenceError("The weights of this network are missing: train it again.") from error
    return Entrant(key, name, role, experiment, file, stamp)
