"""Titles of runs, and the note for results on stand-in pictures."""

from core.data import DatasetInfo
from core.training.experiment import Experiment
from core.ui.backend import continued_runs
from core.ui.display import numbers
from core.ui.views.cifar import network_picker


def title(experiment: Experiment) -> str:
    """Return the title of a run: "Small, 1 epoch of 45,000 pictures"; a continued run names its parent."""
    images = numbers.count(experiment.train_images)
    text = f"{network_picker.title_of(experiment.layers)}, {length(experiment)} of {images} pictures"
    if experiment.stop_step:
        text += f", ended after step {numbers.count(experiment.stop_step)}"
    return f"{text}, continued from {continued_runs.run_name(experiment.parent_run)}" if experiment.parent_run else text


def short(experiment: Experiment) -> str:
    """Return a short title, for the end of a line."""
    return (
        network_picker.title_of(experiment.layers).removeprefix("The course notes' ").split(" without")[0].capitalize()
    )


def length(experiment: Experiment) -> str:
    """Return the training length: "3 epochs", "60 s"."""
    if experiment.time_budget:
        return numbers.duration(experiment.time_budget)
    return f"{experiment.epochs} {'epoch' if experiment.epochs == 1 else 'epochs'}"


def standin(info: DatasetInfo) -> str:
    """Return the note for figures on stand-in pictures; "" for the real CIFAR-10."""
    return info.caveat if info.standin else ""
