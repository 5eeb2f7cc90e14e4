"""The run on the screen: how far it is, what it does on this device, its charts. It polls only while something runs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import streamlit as st

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, lineage
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import PICTURES_LOSS_RANGE, Curve, XAxis, seconds_note, table
from core.ui.display import colors, numbers, scores
from core.ui.display.colors import Role
from core.ui.run_panels import device_picker, status_card
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.machine_status import DEVICES
from core.ui.run_panels.polling import interval_changed, poll_interval
from core.ui.state.settings import Settings
from core.ui.views.cifar import (
    gap_chart,
    notices,
    progress_detail,
    rate_chart,
    run_controls,
    run_titles,
    time_to_accuracy,
)

VIEWS = {"clock": "Against the clock", "curves": "Learning curves", "gap": "Known by heart", "rate": "Learning rate"}
MARKS = "Band: 95 % interval of the pictures that were tested. Diamond: the last test, with several views of each."
ABOUT = {
    "clock": "Test accuracy of every run against all the time it took: preparing, training and testing. "
    f"{MARKS} Gray bars: what the course notes say it takes.",
    "curves": f"Solid: test pictures. {MARKS} Dotted: held-out pictures. Dashed: training pictures as the network saw "
    "them, smoothed. Faded: earlier runs.",
    "gap": "How much better it does on the pictures it learned from, with one view of each. Augmentation can turn the "
    "gap below zero: varied pictures are harder than those of the test.",
    "rate": "The schedule of every run.",
}
CHANGED = "Orange rules: there the learning rate was changed by hand."
DEFAULTS = {"ci_view": "clock", "ci_x": "epochs"}


def panel(
    settings: Settings, experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo
) -> dict[str, Frames]:
    """Draw the panel and keep it up to date while anything runs. Returns the run of the experiment as it stands.

    Raises StoreUnavailable when the runs cannot be read and were not read before.
    """
    frames = client.feed().frames([experiment.key])
    every = poll_interval(frames.values(), [run.frames for run in earlier])
    above, middle = st.container(key="ci_standing"), st.container()
    # Fragments of their own, the charts first: the browser draws together what comes together, and would keep the
    # charts waiting for what stands around them.
    with middle:
        st.fragment(_charts, run_every=every)(settings, experiment, earlier, info)
    with above:
        st.fragment(_standing, run_every=every)(experiment)
    st.fragment(_below, run_every=every)(experiment, earlier, info, every)
    return frames


def _charts(settings: Settings, experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo) -> None:
    try:
        frames = client.feed().frames([experiment.key, *(one.run for one in earlier)])
    except StoreUnavailable as error:
        messages.error(error)
        return
    _chart(settings, experiment, earlier, frames, info)


def _standing(experiment: Experiment) -> None:
    """Draw how far the run is, its buttons and its figures."""
    with suppress(StoreUnavailable):  # which the charts' place says
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        run_controls.follow_successor(frame)
        name = run_titles.title(experiment)
        role = Role(name, name, colors.role(experiment).color)
        standing, buttons = st.columns([3, 2], gap="medium", vertical_alignment="center")
        with standing:
            st.html(status_card.html(role, frame.run if frame else None, of="test pictures"))
        with buttons:
            run_controls.show(experiment, frame)
        st.html(figures(frame))


def _below(experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo, every: float | None) -> None:
    """Draw what the run has seen so far and what to notice; start the page over where the runs' pace has changed."""
    with suppress(StoreUnavailable):
        frames = client.feed().frames([experiment.key, *(one.run for one in earlier)])
        frame = frames.get(experiment.key)
        if frame is not None and frame.run.summary.get("step"):
            progress_detail.show(frame, info)
        notices.notice(experiment, frames, earlier, info)
        if interval_changed(every, poll_interval([frame] if frame else [], [frames[one.run] for one in earlier if one.run in frames])):
            st.rerun()


def figures(frame: Frames | None) -> str:
    """The run's figures just now, as HTML: accuracies, speed, memory, device."""
    summary = frame.run.summary if frame else {}
    told: list[tuple[str, str]] = []
    if frame and summary.get("held_out_accuracy") is not None:
        views = scores.views(frame.run, "held-out")
        with_ = "" if views == "none" else f", {scores.views_name(views)}"
        told.append((numbers.percent(summary["held_out_accuracy"], 1), f"held out{with_}"))
    if summary.get("accuracy") is not None:
        told.append((numbers.percent(summary["accuracy"], 1), "training batches"))
    if frame and (speed := frame.run.images_per_second):
        told.append((numbers.rate(speed), "learned from"))
    if summary.get("memory_bytes"):
        told.append((f"{summary['memory_bytes'] / 2**30:.2f}{numbers.SPACE}GiB", "memory"))
    if summary.get("device") and len(device_picker.choices()) > 1:
        told.append((DEVICES.get(summary["device"], summary["device"]), f"in {summary.get('precision', 'float32')}"))
    if summary.get("learning_rate") and frame and frame.run.active:
        told.append((f"{summary['learning_rate']:.2g}", "learning rate"))
    facts = "".join(f"<p><b>{value}</b> {label}</p>" for value, label in told)
    return f'<div class="facts">{facts}</div>'


def _chart(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    frames: Mapping[str, Frames],
    info: DatasetInfo,
) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        view = settings.segments(
            "ci_view",
            "Chart",
            list(VIEWS),
            format=VIEWS.__getitem__,
            help="What the chart shows",
            label_visibility="collapsed",
        )
        axis: XAxis = "seconds"
        if view != "clock":
            axis = settings.segments(
                "ci_x",
                "Along the x-axis",
                list(learning_curves.X_TITLES),
                format=str.capitalize,
                help="What the curves are drawn against",
                label_visibility="collapsed",
            )
    letters = {one.run: one.letter for one in earlier}
    curves = tuple(
        Curve.of(
            frames[one.run],
            one.name,
            one.letter,
            one.color,
            earlier=True,
            start=lineage.start(frames[one.run].run.experiment),
        )
        for one in earlier
        if one.run in frames
    )
    start = lineage.start(experiment, letters)
    if own := frames.get(experiment.key):
        color = colors.role(experiment).color
        curves += (Curve.of(own, run_titles.title(experiment), run_titles.short(experiment), color, start=start),)
    planned = 0.0 if experiment.time_budget else learning_curves.planned(experiment, axis)
    theme = colors.theme()
    standin = run_titles.standin(info)
    continued = bool(start.origin)
    goes_on = f"It goes on from {start.origin}, which the axis counts too." if continued else ""
    older = seconds_note(curves) if axis == "seconds" else ""
    told = " ".join(filter(None, [ABOUT[view], CHANGED if experiment.lr_changes else "", goes_on, older, standin]))
    if view == "clock":
        st.vega_lite_chart(
            time_to_accuracy.arrow(curves, standin), time_to_accuracy.spec(theme, continued), alt=told, key="ci_clock"
        )
    elif view == "gap":
        st.vega_lite_chart(
            gap_chart.arrow(curves, axis, planned), gap_chart.spec(axis, theme, continued), alt=told, key="ci_gap"
        )
    elif view == "rate":
        rows = rate_chart.arrow(curves, axis, planned, experiment.learning_rate)
        st.vega_lite_chart(rows, rate_chart.spec(axis, theme, continued), alt=told, key="ci_rate_chart")
    else:
        rows = table(curves, axis, 0, planned, PICTURES_LOSS_RANGE)
        for measure in ("accuracy", "loss"):
            chart = learning_curves.learning_curves(
                measure, axis, theme=theme, losses=PICTURES_LOSS_RANGE, continued=continued
            )
            st.vega_lite_chart(rows, chart, alt=f"{measure} as training goes on. {told}", key=f"ci_{measure}")
    st.caption(told)
