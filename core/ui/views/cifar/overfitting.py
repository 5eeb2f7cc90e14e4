"""The notes' remark on overfitting as an experiment: 500 pictures, learned by heart, and what holds that back."""

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
from core.ui.backend import client, run_requests
from core.ui.charts.curve_table import Curve
from core.ui.display import colors, numbers
from core.ui.views.cifar import gap_chart, run_titles, time_budget

IMAGES, EPOCHS = 500, 40
TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """One of the trainings that are compared."""

    name: str
    letter: str
    color: str
    layers: Network
    augmentation: Pipeline


def network(*, pooled: bool, dropout: float) -> Network:
    """Three blocks of convolution and ReLU, then a dense layer: with or without pooling and dropout."""
    layers: list[object] = []
    for filters in (16, 32, 64):
        layers += [Conv(filters, 3, padding="same"), Activation()]
        layers += [Pool("max", 2)] if pooled else []
    layers.append(Flatten())
    layers += [Dropout(dropout)] if dropout else []
    layers += [Linear(64), Activation(), Linear(10)]
    return tuple(layers)  # type: ignore[arg-type]


WAYS = (
    Way("nothing", "None", colors.MLP.color, network(pooled=False, dropout=0), NONE),
    Way("pooling", "Pooling", colors.CNN.color, network(pooled=True, dropout=0), NONE),
    Way("pooling and dropout", "+ dropout", colors.CAPSULES.color, network(pooled=True, dropout=0.5), NONE),
    Way(
        "pooling, dropout and augmentation",
        "+ augm.",
        colors.CNN_AUGMENTED.color,
        network(pooled=True, dropout=0.5),
        PRESETS["standard"],
    ),
)


def experiment(way: Way, info: DatasetInfo, seed: int) -> Experiment:
    """A way's training: all else equal."""
    return Experiment(
        layers=way.layers,
        data=info.name,
        train_images=IMAGES,
        held_out=info.train_images // 10,
        epochs=EPOCHS,
        batch_size=50,
        optimizer="adamw",
        learning_rate=0.001,
        schedule="constant",
        augmentation=way.augmentation,
        seed=seed,
    )


def show(info: DatasetInfo, seed: int) -> None:
    """Draw the section: a button, the gap as a curve, and what came out. It polls only while something runs."""
    experiments = [experiment(way, info, seed) for way in WAYS]
    st.markdown(
        f"The notes: too many parameters for too few pictures, and a network learns them **by heart**. Here it has "
        f"{IMAGES} pictures and {EPOCHS} times through them. Pooling leaves fewer parameters; dropout switches half of "
        "the flattened numbers off at random; augmentation moves and mirrors the pictures. What does each do to the "
        "gap between training and test?"
    )
    try:
        runs = client.runs().get_many([one.key for one in experiments])
    except StoreUnavailable as error:
        messages.error(error)
        return
    todo = [one for one in experiments if one.key not in runs or runs[one.key].state in ("stopped", "failed")]
    if (
        todo
        and st.button(
            f"Train {'all four' if len(todo) == len(WAYS) else f'{len(todo)} more'}",
            icon=":material/play_arrow:",
            key="ci_heart",
            help="The same pictures, order, rate and seed for all of them",
        )
        and run_requests.submit(todo, time_budget.wanted())
    ):
        st.rerun()
    active = any(run.active for run in runs.values())
    st.fragment(_panel, run_every=TICK_SECONDS if active else None)(experiments, info, active)


def _panel(experiments: Sequence[Experiment], info: DatasetInfo, was_active: bool) -> None:
    try:
        frames = client.feed().frames([one.key for one in experiments])
    except StoreUnavailable as error:
        messages.error(error)
        return
    curves = tuple(
        Curve.of(frames[one.key], way.name, way.letter, way.color)
        for way, one in zip(WAYS, experiments, strict=True)
        if one.key in frames
    )
    st.vega_lite_chart(
        gap_chart.arrow(curves, "epochs", float(EPOCHS)),
        gap_chart.spec("epochs", colors.theme()),
        key="ci_heart_gap",
        alt="The gap between training and test accuracy, a line a training; the table below has its last figures",
    )
    st.markdown(table(experiments, frames))
    st.caption(f"One seed: another may turn close places around. {run_titles.standin(info)}".strip())
    if was_active and not any(frame.run.active for frame in frames.values()):
        st.rerun()


def table(experiments: Sequence[Experiment], frames: dict[str, Frames]) -> str:
    """What each way came to, in Markdown."""
    lines = ["| With | Parameters | Training | Test | Gap (points) |", "| --- | --: | --: | --: | --: |"]
    for way, one in zip(WAYS, experiments, strict=True):
        frame = frames.get(one.key)
        found = gap_chart.gaps(Curve.of(frame, "", "", "")) if frame else None
        if frame is None or found is None or found.empty or frame.run.summary.get("test_accuracy") is None:
            state = frame.run.state if frame else "not trained yet"
            lines.append(f"| {way.name} | | {state} | | |")
            continue
        summary, last = frame.run.summary, float(found["gap"].iloc[-1])
        test = float(found["accuracy"].iloc[-1])
        running = "" if frame.run.state == FINISHED else f" (epoch {summary.get('epoch') or 0:.0f})"
        lines.append(
            f"| {way.name}{running} | {numbers.count(summary.get('parameters') or 0)} | "
            f"{numbers.percent(test + last, 1)} | {numbers.percent(test, 1)} | {100 * last:.1f} |"
        )
    return "\n".join(lines)
