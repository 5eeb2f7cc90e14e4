"""The networks that are compared: those that come with the app, and a run of the person's own beside them."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.runs.inference import InferenceError
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.ui import colors, numbers, services
from core.ui.colors import Role
from core.ui.settings import Settings

SHIPPED = {
    "mnist-mlp": colors.MLP,
    "mnist-cnn": colors.CNN,
    "mnist-cnn-moved": colors.CNN_AUGMENTED,
    "mnist-cnn-blur": colors.CNN_BLUR_POOLED,
}
NONE = ""
MOST_RUNS = 8
DEFAULTS = {"i_run": NONE}


@dataclass(frozen=True, slots=True)
class Entrant:
    """A trained network under its name and color. Equal ones have equal weights."""

    key: str  # a name of SHIPPED or a run's id
    name: str
    role: Role
    file: str  # as questions name it
    stamp: int  # of the file: another when its weights change


def shipped() -> list[Entrant]:
    """The four that come with the app."""
    return [_entrant(key, role.name, role) for key, role in SHIPPED.items()]


def at_forty() -> list[Entrant]:
    """The two that take 40 x 40 pixels."""
    return [
        _entrant("mnist-40-cnn", colors.CNN.name, colors.CNN),
        _entrant("mnist-40-cnn-blur", colors.CNN_BLUR_POOLED.name, colors.CNN_BLUR_POOLED),
    ]


def of_run(run: Run, name: str, role: Role) -> Entrant:
    """A run's network as it stands: of its last checkpoint while it trains. Raises InferenceError without one."""
    return _entrant(run.id, name, role)


def pick(settings: Settings) -> list[Entrant]:
    """Those that come with the app and, where one is chosen, a run of the store."""
    runs = {run.id: run for run in _runs()}
    chosen = settings.choice(
        "i_run",
        "Beside them, a run of your own",
        [NONE, *runs],
        format=lambda key: titled(runs[key]) if key in runs else "None",
        help="A network that the MNIST page or the experiment below has trained here",
    )
    entrants = shipped()
    if chosen in runs:
        role = Role("Your run", "Your run", colors.SECOND)
        try:
            entrants.append(of_run(runs[chosen], titled(runs[chosen]), role))
        except InferenceError as error:
            st.error(str(error), icon=":material/error:")
    return entrants


def titled(run: Run) -> str:
    """A run in a few words: "CNN+aug, 98.71 %, 3f2a"."""
    return f"{colors.role(run.experiment).short}, {numbers.percent(run.summary['test_accuracy'])}, {run.id[:4]}"


def _runs() -> list[Run]:
    """The latest finished runs on 28 x 28 digits; none where the store cannot be read."""
    try:
        recent = services.runs().recent()
    except StoreUnavailable:
        return []
    fit = [run for run in recent if run.state == FINISHED and run.experiment.data in ("mnist", "mnist-5k")]
    return [run for run in fit if "test_accuracy" in run.summary][:MOST_RUNS]


def _entrant(key: str, name: str, role: Role) -> Entrant:
    file = services.inference().file(key)
    try:
        stamp = Path(file).stat().st_mtime_ns
    except OSError as error:
        raise InferenceError("The weights of this network are missing: train it again.") from error
    return Entrant(key, name, role, file, stamp)
