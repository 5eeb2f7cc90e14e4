"""What runs are called on the page, and what is said wherever the pictures are not CIFAR-10's."""

from core.data import DatasetInfo
from core.training.experiment import Experiment
from core.ui.backend import lineage
from core.ui.display import numbers
from core.ui.views.cifar import network_picker


def title(experiment: Experiment) -> str:
    """A run in a few words: "Small, 1 epoch of 45,000 pictures"; one that goes on from another says so."""
    images = numbers.count(experiment.train_images)
    words = f"{network_picker.title_of(experiment.layers)}, {length(experiment)} of {images} pictures"
    return f"{words}, going on from {lineage.run_name(experiment.parent_run)}" if experiment.parent_run else words


def short(experiment: Experiment) -> str:
    """For a line's end."""
    return (
        network_picker.title_of(experiment.layers).removeprefix("The course notes' ").split(" without")[0].capitalize()
    )


def length(experiment: Experiment) -> str:
    """How long it trains: "3 epochs", "60 s"."""
    if experiment.time_budget:
        return numbers.duration(experiment.time_budget)
    return f"{experiment.epochs} {'epoch' if experiment.epochs == 1 else 'epochs'}"


def standin(info: DatasetInfo) -> str:
    """A sentence for every figure where pictures stand in for CIFAR-10's; else nothing."""
    return info.caveat if info.standin else ""
