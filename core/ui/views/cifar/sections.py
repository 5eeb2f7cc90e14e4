"""The tabs under the network: its training, and its results: confusion matrix, calibration, Grad-CAM and more."""

from collections.abc import Callable, Mapping, Sequence
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
from core.ui.state import link_to_anatomy, link_to_cifar
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

TITLES = {
    "training": "Training",
    "network": "Network",
    "mistakes": "Confusion matrix",
    "calibration": "Calibration",
    "gradcam": "Grad-CAM",
    "picture": "Your picture",
    "export": "Export",
    "overfitting": "Overfitting",
    "ablation": "Ablation study",
    "runs": "All runs",
}  # by the name in the URL


def trained(experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun]) -> Trained | None:
    """Return the finished run to analyze: that of the experiment, or else the latest earlier run."""
    candidates = [frames[experiment.key].run] if experiment.key in frames else []
    candidates += [run.frames.run for run in reversed(earlier)]
    run = next((run for run in candidates if run.state == FINISHED), None)
    return Trained(run_titles.title(run.experiment), colors.role(run.experiment), run) if run else None


def show(
    training: Callable[[], None],
    settings: Settings,
    experiment: Experiment,
    frames: Mapping[str, Frames],
    earlier: Sequence[EarlierRun],
    info: DatasetInfo,
) -> None:
    """Draw the tabs, with `training` for the charts; only the open one is computed."""
    finished = trained(experiment, frames, earlier)

    def draw(name: str) -> None:
        match name:
            case "training":
                training()
            case "network":
                network_picker.layers_table(experiment.layers)
                _anatomy_link(finished)
            case "overfitting":
                overfitting.show(info, experiment.seed)
            case "ablation":
                ablation.show()
            case "runs":
                comparison_table.show(runs(experiment, frames, earlier))
                st.caption(f"Every run on the chart, with the settings that differ. {run_titles.standin(info)}")
            case _ if finished is None:
                st.markdown("Train a network to see its results here.")
            case _:
                _section(name, settings, finished, info)

    contents = {title: partial(draw, name) for name, title in TITLES.items()}
    tabs.show("ci_tab", contents, names=tuple(TITLES))


def _anatomy_link(finished: Trained | None) -> None:
    """Draw a link to the output planes of the trained network."""
    if finished is not None:
        parameters = {link_to_anatomy.NETWORK: finished.run.id}
        navigation.link(navigation.find("anatomy"), "See the output planes of every layer for a picture", parameters)


def _section(name: str, settings: Settings, finished: Trained, info: DatasetInfo) -> None:
    if finished.run.experiment.data != info.name:
        st.markdown("This run was trained on pictures that are not available now: train it again.")
        return
    match name:
        case "mistakes":
            mistakes.show(finished, info)
        case "calibration":
            calibration.show(finished, info)
        case "gradcam":
            gradcam.show(settings, finished, info)
        case "picture":
            own_picture.show(finished, info)
        case "export":
            export.show([finished], link_to_cifar.SHAPE)


def runs(experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun]) -> dict[str, Run]:
    """Return every run on the chart, by its name there."""
    now = {"Now": frames[experiment.key].run} if experiment.key in frames else {}
    return now | {run.name: run.frames.run for run in earlier}
