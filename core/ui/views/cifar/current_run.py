"""The run as it is now: its network, state and figures, and what to notice. It redraws only while a run is active."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, redrawn_fragments, run_queue
from core.ui.display import colors, numbers, run_accuracies
from core.ui.display.colors import Role
from core.ui.layout import column_grid, page_frame
from core.ui.run_panels import device_picker, live_drawing, score_card, since_last_run
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.machine_status import DEVICES
from core.ui.run_panels.redraw_interval import interval_changed, redraw_interval
from core.ui.state.settings import Settings
from core.ui.views.cifar import run_controls, run_titles, what_to_notice
from core.ui.views.cifar.page_texts import facts_html


def panel(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    info: DatasetInfo,
    stage: DeltaGenerator,
) -> tuple[dict[str, Frames], redrawn_fragments.Group]:
    """Draw the network as it is now, its run and what to notice, and update them while the run is active.

    Args:
        settings: The page's.
        experiment: What is trained.
        earlier: The earlier runs.
        info: The data.
        stage: Where the network is drawn.

    Returns:
        The current run of the experiment, by key; and what is redrawn together while it is active.

    Raises:
        StoreUnavailable: If the runs cannot be read and were not read before.
    """
    frames = client.feed().frames([experiment.key])
    every = redraw_interval(frames.values(), [run.frames for run in earlier])
    group = redrawn_fragments.Group(every)
    told = page_frame.room("told", page_frame.NOTICE)
    # Separate fragments: the browser draws a fragment as a whole, so in a common one each would wait for all.
    with stage:
        drawing, standing = column_grid.main_and_side()
        with drawing:
            live_drawing.fragment(_drawing, info, group)(experiment, info)
        with standing, st.container(key="ci_standing"):
            group.fragment(_status)(experiment)
    with told:
        since_last_run.changed("ci", settings, [experiment], frames, run_controls.EARLIER_RUNS, earlier)
        group.fragment(_told)(experiment, earlier, info, every)
        group.start()
    return frames, group


def _drawing(experiment: Experiment, info: DatasetInfo) -> None:
    """Draw the network as its run left it last."""
    with suppress(StoreUnavailable):  # what to notice reports it
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        live_drawing.show(experiment.layers, colors.role(experiment), info, frame, key="live_ci", notes="cifar")


def _status(experiment: Experiment) -> None:
    """Draw the run's status card, buttons and figures."""
    with suppress(StoreUnavailable):
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        run_controls.follow_successor(frame)
        name = run_titles.title(experiment)
        role = Role(name, name, colors.role(experiment).color)
        run = frame.run if frame else None
        st.html(score_card.html(role, run, of="test pictures", wait=run_queue.wait_of(run)))
        if frame:
            run_controls.show(frame)
        st.html(figures(frame))


def _told(experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo, every: float | None) -> None:
    """Draw what to notice; rerun the page if the redraw interval changed."""
    try:
        frames = client.feed().frames([experiment.key, *(run.run for run in earlier)])
    except StoreUnavailable as error:
        messages.error(error)
        return
    what_to_notice.notice(experiment, frames, earlier, info)
    shown = [frame] if (frame := frames.get(experiment.key)) else []
    if interval_changed(every, redraw_interval(shown, [frames[run.run] for run in earlier if run.run in frames])):
        st.rerun()


def figures(frame: Frames | None) -> Markup:
    """Return the run's current figures as HTML: accuracies, speed, memory, device."""
    summary = frame.run.summary if frame else {}
    facts: list[tuple[str, str]] = []
    if frame and summary.get("held_out_accuracy") is not None:
        views = run_accuracies.views(frame.run, "held-out")
        with_ = "" if views == "none" else f", {run_accuracies.views_name(views)}"
        facts.append((numbers.percent(summary["held_out_accuracy"], 1), f"held out{with_}"))
    if summary.get("accuracy") is not None:
        facts.append((numbers.percent(summary["accuracy"], 1), "training batches"))
    if frame and (speed := frame.run.images_per_second):
        facts.append((numbers.rate(speed), "in training"))
    if summary.get("memory_bytes"):
        facts.append((f"{summary['memory_bytes'] / 2**30:.2f}{numbers.SPACE}GiB", "memory"))
    if summary.get("device") and len(device_picker.choices()) > 1:
        facts.append((DEVICES.get(summary["device"], summary["device"]), f"in {summary.get('precision', 'float32')}"))
    if summary.get("learning_rate") and frame and frame.run.active:
        facts.append((f"{summary['learning_rate']:.2g}", "learning rate"))
    return facts_html(facts)
