"""Train the same two networks with four strengths of augmentation, and compare their robustness live."""

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
from core.ui.backend import client, measurements, redrawn_fragments
from core.ui.backend.measurements import Sample
from core.ui.display import colors, numbers, run_accuracies
from core.ui.display.colors import Role
from core.ui.run_panels import run_controls
from core.ui.state.settings import Settings
from core.ui.views.invariance import charts, networks, queries

TICK_SECONDS = 1.0
STRENGTHS = (0, 1, 2, 3)
KINDS = {"CNN": ("mnist-cnn", colors.CNN), "MLP": ("mnist-mlp", colors.MLP)}
TRANSFORMS = {"dx": "Shift", "rotate": "Rotation", "scale": "Scale"}
IMAGES = (2_000, 5_000, 10_000, 20_000, 60_000)
CONTROL = 160  # px: two stand side by side on a phone
COUNT, SEED = 300, 0  # of the test digits behind each point
DEFAULTS = {"i_epochs": 2, "i_images": 10_000, "i_seed": 0, "i_along_runs": "dx", "i_kind": "Both"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One training run of the experiment."""

    name: str  # "CNN 2"
    role: Role
    strength: int
    experiment: Experiment


def limits(strength: int) -> str:
    """Return the limits that a strength of augmentation sets to the training digits' transforms."""
    return f"±{2 * strength} px, ±{10 * strength}°, ±{10 * strength} %" if strength else "unchanged"


def trials(kind: str, data: str, images: int, epochs: int, seed: int) -> list[Trial]:
    """Return every training run, the CNN's first; those of one network differ only in the augmentation."""
    planned = []
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
            planned.append(Trial(f"{name} {strength}", role, strength, experiment))
    return planned


def show(settings: Settings) -> None:
    """Draw the settings, the buttons, and the curves of the networks trained so far."""
    info = client.mnist()
    st.markdown(
        f"Train the same network four times: on unchanged digits, then with shifts, rotations and scales of up to "
        f"{limits(1)}, of twice that, and of three times that. Which networks stay accurate when test digits are "
        "transformed?"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = settings.segments("i_kind", "Networks", ["Both", *KINDS], help="Four training runs of each kind")
        images = settings.steps(
            "i_images",
            "Training digits",
            IMAGES,
            format=numbers.count,
            help="Size of the training set of each run",
            width=CONTROL,
        )
        epochs = settings.slider(
            "i_epochs", "Epochs", 1, 10, help="How often each run goes through its training digits", width=CONTROL
        )
        with st.container(width=CONTROL):
            seed = settings.number(
                "i_seed", "Seed", 0, 9999, help="For the initial weights and the order of the digits"
            )
    planned = trials(kind, info.name, min(images, info.train_images), epochs, seed)
    try:
        _buttons(planned)
        frames = client.feed().frames([trial.experiment.key for trial in planned])
        active = any(frame.run.active for frame in frames.values())
        redrawn_fragments.fragment(_panel, TICK_SECONDS if active else None)(settings, planned, active)
    except StoreUnavailable as error:
        messages.error(error)


def _buttons(planned: Sequence[Trial]) -> None:
    """Draw the buttons that train all networks without a run, and stop those that train.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    experiments = [trial.experiment for trial in planned]
    runs = client.runs().get_many([experiment.key for experiment in experiments])
    todo = run_controls.untrained(experiments, runs)
    label = f"Train {len(todo)} network{'s' * (len(todo) > 1)}"
    with st.container(horizontal=True):
        if todo and run_controls.train_button(todo, label, "i_train"):
            st.rerun()
        run_controls.stop_button(runs.values(), "i_stop")


def _panel(settings: Settings, planned: Sequence[Trial], was_active: bool) -> None:
    try:
        frames = client.feed().frames([trial.experiment.key for trial in planned])
    except StoreUnavailable as error:
        messages.error(error)
        return
    if not frames:
        return
    along = settings.segments(
        "i_along_runs",
        "Transform of the test digits",
        list(TRANSFORMS),
        format=TRANSFORMS.__getitem__,
        help="The transform on the chart's horizontal axis",
    )
    axis = AXES[along]
    lines, waiting = curves(planned, frames, along)
    if lines:
        st.vega_lite_chart(
            charts.table(lines, axis.unit, colors.theme()),
            charts.curves(f"{axis.title} ({axis.unit})", axis.values[0], axis.values[-1]),
            alt=f"Line chart: accuracy of each trained network, {axis.title.lower()}. The figures are below.",
            key="i_strengths",
        )
        st.caption(
            f"{COUNT} test digits per point; bands are 95 % intervals. Thicker line: stronger augmentation; the MLP's "
            f"lines are dashed. Networks in training use their latest epoch. "
            f"{client.caveat(planned[0].experiment.data)}".strip()
        )
    else:
        messages.info("The curves appear after the first epoch.", icon=":material/hourglass_top:")
    with st.expander("Each run in figures", expanded=was_active):
        st.dataframe(states(planned, frames), hide_index=True, alt="Progress and test accuracy of each training run")
    if was_active and not any(frame.run.active for frame in frames.values()) and not waiting:
        st.rerun()


def curves(planned: Sequence[Trial], frames: Mapping[str, Frames], along: str) -> tuple[list[charts.Line], bool]:
    """Return the accuracy curve of every network with a checkpoint, and whether others are still to come."""
    axis = AXES[along]
    moves = measurements.to_array([axis.move(value) for value in axis.values])
    lines, waiting = [], False
    for trial in planned:
        frame = frames.get(trial.experiment.key)
        if frame is None:
            continue
        try:
            net = networks.of_run(frame.run, trial.name, trial.role)
            sample = Sample(trial.experiment.data, COUNT, SEED)
            answers = queries.points(net.file, net.stamp, moves, sample)
        except (InferenceError, DataError):  # no checkpoint yet, or it is being written
            waiting = waiting or frame.run.active
            continue
        points = [charts.Point(x, accuracy(row, sample.labels)) for x, row in zip(axis.values, answers, strict=True)]
        dash = "dashed" if trial.role is colors.MLP else "solid"
        lines.append(charts.Line(trial.name, trial.role.color, points, dash, 1.0 + 1.1 * trial.strength))
    return lines, waiting


def _sample_size(summary: Mapping[str, Any]) -> str:
    """Return on how many digits an accuracy was measured; empty where it is unknown."""
    tested = run_accuracies.sample_size(summary)
    return f" of {numbers.count(tested)}" if tested else ""


def states(planned: Sequence[Trial], frames: Mapping[str, Frames]) -> pd.DataFrame:
    """Return one row per training run: its state, its progress, its accuracy on the unchanged test set."""
    rows = []
    for trial in planned:
        frame = frames.get(trial.experiment.key)
        if frame is None:
            continue
        summary = frame.run.summary
        share = (summary.get("step") or 0) / summary["steps"] if summary.get("steps") else None
        reached = summary.get("test_accuracy")
        rows.append(
            {
                "Network": trial.name,
                "Augmentation strength": limits(trial.strength),
                "State": frame.run.state,
                "Done": "" if share is None else numbers.percent(share, 0),
                "Test accuracy, unchanged digits": ""
                if reached is None
                else f"{numbers.percent(reached)}{_sample_size(summary)}",
            }
        )
    return pd.DataFrame(rows)
