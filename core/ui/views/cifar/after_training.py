"""After training: where it errs, how sure it is, where it looks, a picture of one's own, and taking it away."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment
from core.ui.display import colors
from core.ui.layout import navigation
from core.ui.run_panels import comparison_table, export
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.trained_run import Trained
from core.ui.state import anatomy_link, cifar_link
from core.ui.state.settings import Settings
from core.ui.views.cifar import (
    ablation,
    calibration,
    gradcam,
    mistakes,
    network_picker,
    overfitting,
    own_picture,
    run_titles,
)
from core.ui.widgets import tabs

NETWORK, ERRS, SURE, LOOKS, UPLOAD, AWAY = (
    "The network",
    "Where it errs",
    "How sure it is",
    "Where it looks",
    "Your picture",
    "Take it with you",
)
HEART, GIVES, TABLE = "Learning by heart", "What each switch gives", "All runs"
TABS = (NETWORK, ERRS, SURE, LOOKS, UPLOAD, AWAY, HEART, GIVES, TABLE)
NAMES = (
    "network",
    "mistakes",
    "calibration",
    "gradcam",
    "picture",
    "export",
    "overfitting",
    "ablation",
    "runs",
)  # in the URL


def trained(experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun]) -> Trained | None:
    """The finished run to ask: the one that is set up, or while a setting is being tried, the latest that was kept."""
    candidates = [frames[experiment.key].run] if experiment.key in frames else []
    candidates += [one.frames.run for one in reversed(earlier)]
    run = next((run for run in candidates if run.state == FINISHED), None)
    return Trained(run_titles.title(run.experiment), colors.role(run.experiment), run) if run else None


def show(
    settings: Settings,
    experiment: Experiment,
    frames: Mapping[str, Frames],
    earlier: Sequence[EarlierRun],
    info: DatasetInfo,
) -> None:
    """Draw what was picked; only that does any work."""
    one = trained(experiment, frames, earlier)

    def draw(name: str) -> None:
        if name == NETWORK:
            network_picker.drawing(experiment.layers)
            _anatomy(one)
        elif name == HEART:
            overfitting.show(info, experiment.seed)
        elif name == GIVES:
            ablation.show()
        elif name == TABLE:
            comparison_table.show(runs(experiment, frames, earlier))
            st.caption(f"Every run on the chart, and the settings in which they differ. {run_titles.standin(info)}")
        elif one is None:
            st.markdown("There is something to see here once a network is trained: press Train above.")
        else:
            _section(name, settings, one, info)

    contents = {name: partial(draw, name) for name in TABS}
    tabs.pick(
        "ci_tab",
        "More of it",
        contents,
        names=NAMES,
        help="What to look at: the network, its mistakes, and how to keep it",
    )


def _anatomy(one: Trained | None) -> None:
    """The way to every plane of the trained network."""
    if one is not None:
        shown = {anatomy_link.NETWORK: one.run.id}
        navigation.link(navigation.find("anatomy"), "See a picture go through it: the planes of every layer", shown)


def _section(name: str, settings: Settings, one: Trained, info: DatasetInfo) -> None:
    if one.run.experiment.data != info.name:
        st.markdown("This run was trained on other pictures than are here now: train it again.")
    elif name == ERRS:
        mistakes.show(one, info)
    elif name == SURE:
        calibration.show(one, info)
    elif name == LOOKS:
        gradcam.show(settings, one, info)
    elif name == UPLOAD:
        own_picture.show(one, info)
    else:
        export.show([one], cifar_link.SHAPE)


def runs(experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun]) -> dict[str, Run]:
    """Every run on the chart, by its name there."""
    now = {"Now": frames[experiment.key].run} if experiment.key in frames else {}
    return now | {one.name: one.frames.run for one in earlier}
