"""The experiment a class can run: the same two networks, trained with augmentation of four strengths, live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.data import DataError
from core.insight.pretrained import network
from core.insight.robustness import accuracy
from core.insight.transforms import AXES
from core.runs.history_cache import Frames
from core.runs.inference_client import InferenceError
from core.runs.run import StoreUnavailable
from core.training.augmentation.pipeline import random_affine
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import colors, numbers, scores
from core.ui.display.colors import Role
from core.ui.run_panels import run_controls
from core.ui.state.settings import Settings
from core.ui.views.invariance import charts, networks, queries
from core.ui.views.invariance.queries import Sample

TICK_SECONDS = 1.0
STRENGTHS = (0, 1, 2, 3)
KINDS = {"CNN": ("mnist-cnn", colors.CNN), "MLP": ("mnist-mlp", colors.MLP)}
ALONG = {"dx": "Shift", "rotate": "Turn", "scale": "Scale"}
IMAGES = (2_000, 5_000, 10_000, 20_000, 60_000)
COUNT, SEED = 300, 0  # test digits of each point, and what draws them
DEFAULTS = {"i_epochs": 2, "i_images": 10_000, "i_seed": 0, "i_along_runs": "dx", "i_kind": "Both"}


@dataclass(frozen=True, slots=True)
class Arm:
    """One training of the experiment."""

    name: str  # "CNN 2"
    role: Role
    strength: int
    experiment: Experiment


def described(strength: int) -> str:
    """What a strength does to the training digits."""
    if not strength:
        return "0: as they are"
    return f"{strength}: ±{2 * strength} px, ±{10 * strength}°, ±{10 * strength} %"


def arms(kind: str, data: str, images: int, epochs: int, seed: int) -> list[Arm]:
    """Every training, the CNN's first: equal but for the strength of the augmentation."""
    found = []
    for name, (key, role) in KINDS.items():
        if kind not in ("Both", name):
            continue
        for strength in STRENGTHS:
            experiment = replace(
                network(key).experiment,
                data=data,
                train_images=images,
                epochs=epochs,
                seed=seed,
                precision="auto",
                short_batch=True,
                augmentation=random_affine(shift=2 * strength, rotate=10 * strength, scale=0.1 * strength),
            )
            found.append(Arm(f"{name} {strength}", role, strength, experiment))
    return found


def show(settings: Settings) -> None:
    """The settings, the button, and the curves of what has been trained so far."""
    info = client.mnist()
    st.markdown(
        "Train the same network four times, the digits moved more each time: "
        + "; ".join(described(strength) for strength in STRENGTHS)
        + " (shift, turn, scale). Which curves stay up when test digits are moved?"
    )
    first, second, third, fourth = st.columns(4, gap="medium", vertical_alignment="bottom")
    with first:
        kind = settings.segments("i_kind", "Networks", ["Both", *KINDS], help="Four trainings of each kind")
    with second:
        images = settings.steps(
            "i_images", "Training digits", IMAGES, format=numbers.count, help="How many digits each training sees"
        )
    with third:
        epochs = settings.slider("i_epochs", "Epochs", 1, 10, help="How many times each training sees them")
    with fourth:
        seed = settings.number("i_seed", "Seed", 0, 9999, help="Of the random weights and of the order of the digits")
    planned = arms(kind, info.name, min(images, info.train_images), epochs, seed)
    try:
        _buttons(planned)
        frames = client.feed().frames([arm.experiment.key for arm in planned])
        active = any(frame.run.active for frame in frames.values())
        st.fragment(_panel, run_every=TICK_SECONDS if active else None)(settings, planned, active)
    except StoreUnavailable as error:
        messages.error(error)


def _buttons(planned: Sequence[Arm]) -> None:
    """Draw the buttons that train all networks without a run, and stop those that train.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    experiments = [arm.experiment for arm in planned]
    runs = client.runs().get_many([experiment.key for experiment in experiments])
    todo = run_controls.untrained(experiments, runs)
    label = f"Train {len(todo)} network{'s' * (len(todo) > 1)}"
    with st.container(horizontal=True):
        if todo and run_controls.train_button(todo, label, "i_train"):
            st.rerun()
        run_controls.stop_button(runs.values(), "i_stop")


def _panel(settings: Settings, planned: Sequence[Arm], was_active: bool) -> None:
    try:
        frames = client.feed().frames([arm.experiment.key for arm in planned])
    except StoreUnavailable as error:
        messages.error(error)
        return
    if not frames:
        return
    along = settings.segments(
        "i_along_runs",
        "Test digits are moved by",
        list(ALONG),
        format=ALONG.__getitem__,
        help="Along what the accuracy of each network is drawn",
    )
    axis = AXES[along]
    lines, waiting = curves(planned, frames, along)
    if lines:
        st.vega_lite_chart(
            charts.table(lines, axis.unit, colors.theme()),
            charts.curves(f"{axis.title} ({axis.unit})", axis.values[0], axis.values[-1]),
            alt=f"Line chart: accuracy of each trained network, {axis.title.lower()}. The table is below.",
            key="i_strengths",
        )
        st.caption(
            f"{COUNT} test digits a point, bands are 95 % intervals. The stronger the augmentation, the heavier the "
            f"line; the MLP's are dashed. Networks that still train answer as of their last epoch. "
            f"{client.caveat(planned[0].experiment.data)}".strip()
        )
    else:
        messages.info("The curves come with the first epoch that is done.", icon=":material/hourglass_top:")
    st.dataframe(states(planned, frames), hide_index=True, alt="How far each training is, and its test accuracy")
    if was_active and not any(frame.run.active for frame in frames.values()) and not waiting:
        st.rerun()


def curves(planned: Sequence[Arm], frames: Mapping[str, Frames], along: str) -> tuple[list[charts.Line], bool]:
    """The robustness of every network that has a checkpoint; and whether one could not be asked yet."""
    axis = AXES[along]
    moves = queries.listed([axis.move(value) for value in axis.values])
    lines, waiting = [], False
    for arm in planned:
        frame = frames.get(arm.experiment.key)
        if frame is None:
            continue
        try:
            one = networks.of_run(frame.run, arm.name, arm.role)
            sample = Sample(arm.experiment.data, COUNT, SEED)
            answers = queries.points(one.file, one.stamp, moves, sample)
        except (InferenceError, DataError):  # no checkpoint yet, or one that is being written just now
            waiting = waiting or frame.run.active
            continue
        points = [charts.Point(x, accuracy(row, sample.labels)) for x, row in zip(axis.values, answers, strict=True)]
        dash = "dashed" if arm.role is colors.MLP else "solid"
        lines.append(charts.Line(arm.name, arm.role.color, points, dash, 1.0 + 1.1 * arm.strength))
    return lines, waiting


def _of(summary: Mapping[str, Any]) -> str:
    """On how many digits an accuracy was measured, where that is told."""
    tested = scores.sample_size(summary)
    return f" of {numbers.count(tested)}" if tested else ""


def states(planned: Sequence[Arm], frames: Mapping[str, Frames]) -> pd.DataFrame:
    """A row a training that was asked for: its state, how far it is, its accuracy on the unmoved test set."""
    rows = []
    for arm in planned:
        frame = frames.get(arm.experiment.key)
        if frame is None:
            continue
        summary = frame.run.summary
        share = (summary.get("step") or 0) / summary["steps"] if summary.get("steps") else None
        reached = summary.get("test_accuracy")
        rows.append(
            {
                "Network": arm.name,
                "Training digits moved by": described(arm.strength).partition(": ")[2],
                "State": frame.run.state,
                "Done": "" if share is None else numbers.percent(share, 0),
                "Test accuracy, unmoved": "" if reached is None else f"{numbers.percent(reached)}{_of(summary)}",
            }
        )
    return pd.DataFrame(rows)
