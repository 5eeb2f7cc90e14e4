"""Fit an experiment to the data that is on this machine."""

from dataclasses import replace

from core import data as datasets
from core.training.experiment import Experiment, ExperimentError


def match_local_data(experiment: Experiment, is_given: bool) -> tuple[Experiment, list[str]]:
    """Set the data that is here and as many of its pictures as there are, so that the key claims no others.

    Args:
        experiment: A preset's experiment, with the settings applied.
        is_given: Whether the number of training pictures was given; then it is refused if there are fewer.

    Returns:
        The experiment to train, and sentences on what may be unexpected.

    Raises:
        ExperimentError: There are fewer training pictures than asked for.
        DataError: There is no such data.
    """
    info = datasets.info(experiment.data)
    experiment = replace(experiment, data=info.name)
    there, beside = info.train_images - experiment.held_out, ""
    if experiment.held_out:
        beside = f" besides the {experiment.held_out:,} held out"
    notes = [datasets.missing_folder(), info.caveat]
    if experiment.train_images > there > 0:
        has = f"{info.title} has {there:,} training pictures{beside}"
        if is_given:
            raise ExperimentError(f"{has}: train_images cannot be {experiment.train_images:,}.")
        notes.append(f"{has}: all of them are used, instead of the preset's {experiment.train_images:,}.")
        experiment = replace(experiment, train_images=there)
    return experiment, list(filter(None, notes))
