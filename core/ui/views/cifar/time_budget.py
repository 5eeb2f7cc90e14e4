"""The training device, and an estimate of a run's time before it starts."""

from collections.abc import Sequence

from core.data import DatasetInfo
from core.training import duration_estimate
from core.training.experiment import Experiment
from core.ui.display import numbers, run_times
from core.ui.run_panels import device_picker, time_estimate
from core.ui.run_panels.time_estimate import Estimate
from core.ui.views.cifar import run_titles

DEVICE = "ci_device"
DEFAULTS = {DEVICE: device_picker.AUTO}


def wanted() -> str:
    """Return the device on which runs are requested."""
    return device_picker.wanted(DEVICE)


def beside(experiment: Experiment, info: DatasetInfo, *, at_once: bool) -> None:
    """Draw the run's estimated time, and under it the device.

    Args:
        experiment: What will be trained.
        info: The data.
        at_once: Measure the speed without being asked: the network is the app's own.
    """
    plan = time_estimate.Plan([experiment], info, wanted(), at_once)
    time_estimate.show(plan, lambda found: _account(experiment, found), "ci_estimate")
    device_picker.chip(DEVICE)


def _account(experiment: Experiment, found: Sequence[Estimate]) -> str:
    return in_words(experiment, found[0].parts, found[0].images_per_second)


def in_words(experiment: Experiment, parts: duration_estimate.Parts, rate: float) -> str:
    """Return the total time of a run and its parts, and how they were obtained, in sentences."""
    budget = (
        f"Training time: your budget of {numbers.duration(experiment.time_budget)}. " if experiment.time_budget else ""
    )
    return (
        f"About **{numbers.duration(parts.whole)}** in total for {run_titles.length(experiment)}: "
        f"{run_times.breakdown(parts)}. "
        f"{budget}Measured here for {time_estimate.PROBE_SECONDS:.0f}{numbers.SPACE}s: {numbers.rate(rate)} in "
        "training. Testing is estimated from that; preparing is a typical value. Time in the queue is not included."
    )
