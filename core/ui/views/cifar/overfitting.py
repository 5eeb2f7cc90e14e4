"""Overfitting experiment: 500 training pictures, and the effect of pooling, dropout and augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.data import DatasetInfo
from core.layers.specs import Activation, Conv, Dropout, Flatten, Linear, Network, Pool
from core.runs.history_cache import Frames
from core.runs.run import FINISHED, StoreUnavailable
from core.training.augmentation.pipeline import NONE, PRESETS, Pipeline
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, redrawn_fragments
from core.ui.charts.curve_table import Curve
from core.ui.display import colors, numbers
from core.ui.run_panels import run_controls
from core.ui.views.cifar import gap_chart, run_titles, time_budget

IMAGES, EPOCHS = 500, 40
TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Regularizer:
    """One of the compared trainings: a network and its augmentation."""

    name: str
    letter: str
    color: str
    layers: Network
    augmentation: Pipeline


def network(*, pooled: bool, dropout: float) -> Network:
    """Return three blocks of convolution and ReLU, then two dense layers, with or without pooling and dropout."""
    layers: list[object] = []
    for filters in (16, 32, 64):
        layers += [Conv(filters, 3, padding="same"), Activation()]
        layers += [Pool("max", 2)] if pooled else []
    layers.append(Flatten())
    layers += [Dropout(dropout)] if dropout else []
    layers += [Linear(64), Activation(), Linear(10)]
    return tuple(layers)  # type: ignore[arg-type]


REGULARIZERS = (
    Regularizer("nothing", "None", colors.MLP.color, network(pooled=False, dropout=0), NONE),
    Regularizer("pooling", "Pooling", colors.CNN.color, network(pooled=True, dropout=0), NONE),
    Regularizer("pooling and dropout", "+ dropout", colors.SECOND, network(pooled=True, dropout=0.5), NONE),
    Regularizer(
        "pooling, dropout and augmentation",
        "+ augm.",
        colors.CNN_AUGMENTED.color,
        network(pooled=True, dropout=0.5),
        PRESETS["standard"],
    ),
)


def experiment(regularizer: Regularizer, info: DatasetInfo, seed: int) -> Experiment:
    """Return the experiment of a regularizer; all other settings are equal."""
    return Experiment(
        layers=regularizer.layers,
        data=info.name,
        train_images=IMAGES,
        held_out=info.train_images // 10,
        epochs=EPOCHS,
        batch_size=50,
        optimizer="adamw",
        learning_rate=0.001,
        schedule="constant",
        augmentation=regularizer.augmentation,
        seed=seed,
    )


def show(info: DatasetInfo, seed: int) -> None:
    """Draw the section: a button, the gap as a curve, and a table of results. It redraws only while a run is active."""
    experiments = [experiment(regularizer, info, seed) for regularizer in REGULARIZERS]
    st.markdown(
        f"With too many parameters for too few pictures, a network **memorizes** the training pictures (overfitting). "
        f"Here it trains {EPOCHS} epochs on {IMAGES} pictures. Pooling reduces the number of parameters; dropout sets "
        "half of the flattened values to 0 at random; augmentation shifts and flips the pictures. How does each of "
        "them change the gap between training and test accuracy?"
    )
    try:
        runs = client.runs().get_many([experiment.key for experiment in experiments])
    except StoreUnavailable as error:
        messages.error(error)
        return
    todo = run_controls.untrained(experiments, runs)
    label = f"Train {'all four' if len(todo) == len(REGULARIZERS) else f'{len(todo)} more'}"
    if todo and run_controls.train_button(
        todo,
        label,
        "ci_overfitting",
        device=time_budget.wanted(),
        primary=False,
        help="All use the same pictures, order, learning rate and seed",
    ):
        st.rerun()
    active = any(run.active for run in runs.values())
    redrawn_fragments.fragment(_panel, TICK_SECONDS if active else None)(experiments, info, active)


def _panel(experiments: Sequence[Experiment], info: DatasetInfo, was_active: bool) -> None:
    try:
        frames = client.feed().frames([experiment.key for experiment in experiments])
    except StoreUnavailable as error:
        messages.error(error)
        return
    curves = tuple(
        Curve.of(frames[experiment.key], regularizer.name, regularizer.letter, regularizer.color)
        for regularizer, experiment in zip(REGULARIZERS, experiments, strict=True)
        if experiment.key in frames
    )
    if curves:  # before, it would be an empty frame
        st.vega_lite_chart(
            gap_chart.arrow(curves, "epochs", float(EPOCHS)),
            gap_chart.spec("epochs", colors.theme()),
            key="ci_overfitting_gap",
            alt="Gap between training and test accuracy, one line per training; the table below has the final values",
        )
    st.markdown(table(experiments, frames))
    st.caption(f"One seed: small differences may be chance. {run_titles.standin(info)}".strip())
    if was_active and not any(frame.run.active for frame in frames.values()):
        st.rerun()


def table(experiments: Sequence[Experiment], frames: dict[str, Frames]) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| With | Parameters | Training | Test | Gap (points) |", "| --- | --: | --: | --: | --: |"]
    for regularizer, experiment in zip(REGULARIZERS, experiments, strict=True):
        frame = frames.get(experiment.key)
        gaps = gap_chart.gaps(Curve.of(frame, "", "", "")) if frame else None
        if frame is None or gaps is None or gaps.empty or frame.run.summary.get("test_accuracy") is None:
            state = frame.run.state if frame else "not trained yet"
            lines.append(f"| {regularizer.name} | | {state} | | |")
            continue
        summary, last = frame.run.summary, float(gaps["gap"].iloc[-1])
        test = float(gaps["accuracy"].iloc[-1])
        running = "" if frame.run.state == FINISHED else f" (epoch {summary.get('epoch') or 0:.0f})"
        lines.append(
            f"| {regularizer.name}{running} | {numbers.count(summary.get('parameters') or 0)} | "
            f"{numbers.percent(test + last, 1)} | {numbers.percent(test, 1)} | {100 * last:.1f} |"
        )
    return "\n".join(lines)
