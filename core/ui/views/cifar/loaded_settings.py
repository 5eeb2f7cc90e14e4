"""Set the controls of the CIFAR-10 page to a loaded experiment."""

from dataclasses import fields
from typing import Any

import streamlit as st

from core.data import DatasetInfo
from core.layers.cifar_networks import NETWORKS
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.experiment import OPTIMIZERS, SCHEDULES, TEST_TIMES, Experiment
from core.training.presets import PRESETS
from core.ui.run_panels import settings_file
from core.ui.state import link_to_cifar, network_link, pipeline_link
from core.ui.state.network_link import Stack
from core.ui.views.cifar import network_picker, run_controls, training_settings

NAMES = {"cifar10", "cifar10-standin"}
# Fields without a control on the page: the aim sets them.
AIM_FIELDS = {field.name for field in fields(Experiment)} - {
    *("layers", "learning_rate", "epochs", "time_budget", "optimizer", "whitening", "dirac_init", "label_smoothing"),
    *("averaging", "test_time", "low_res_fraction", "train_images", "augmentation", "batch_size", "schedule", "warmup"),
    *("weight_decay", "precision", "seed", "lr_changes", "stop_step", "parent_run"),
}


def set_controls(info: DatasetInfo, experiment: Experiment) -> Experiment:
    """Set the controls as close to the experiment as possible, and return the experiment as trained here.

    Raises:
        ExperimentError, LayerError, StackError, DataError: If it cannot be trained here; no control is set then.
    """
    experiment = settings_file.on_this_machine(experiment, info, NAMES)
    link_to_cifar.read(experiment.layers)
    aims = {name: training_settings.on_this_machine(PRESETS[name].experiment, info) for name in link_to_cifar.aims()}
    aim = min(aims, key=lambda name: _distance(aims[name], experiment))
    pipeline_link.remove_from_url(pipeline_link.TRAIN_CIFAR)
    run_controls.leave()
    st.session_state[link_to_cifar.AIM] = aim
    values = training_settings.defaults(aims[aim]) | _network(experiment) | _recipe(experiment, aims[aim], info)
    st.session_state.update(values)
    if values[training_settings.AUGMENTATION] == training_settings.BROUGHT:
        pipeline_link.put_in_url(experiment.augmentation, pipeline_link.TRAIN_CIFAR)
    return experiment


def _distance(aim: Experiment, experiment: Experiment) -> tuple[int, bool]:
    """Return the number of AIM_FIELDS in which an aim differs from an experiment, and whether its network does."""
    differing = sum(getattr(aim, name) != getattr(experiment, name) for name in AIM_FIELDS)
    return differing, aim.layers != experiment.layers


def _network(experiment: Experiment) -> dict[str, Any]:
    for name, (_, layers) in NETWORKS.items():
        if experiment.layers in (layers, network_picker.without_norm(layers)):
            return {link_to_cifar.NET: name, link_to_cifar.NORM: experiment.layers == layers}
    return {
        link_to_cifar.NET: link_to_cifar.OWN,
        link_to_cifar.STACK: network_link.encode(Stack(link_to_cifar.SHAPE, experiment.layers)),
    }


def _recipe(experiment: Experiment, aim: Experiment, info: DatasetInfo) -> dict[str, Any]:
    """Return the values of the training controls, as far as they have these values."""
    largest = info.train_images - aim.held_out
    pipeline = experiment.augmentation
    named = next(
        (name for name in training_settings.AUGMENTATIONS if PIPELINES[name].busy == pipeline),
        training_settings.BROUGHT,
    )
    budgeted = experiment.time_budget in training_settings.BUDGETS
    values: dict[str, Any] = {
        "ci_length": "budget" if budgeted else "epochs",
        **({"ci_budget": int(experiment.time_budget)} if budgeted else {}),
        "ci_white": experiment.whitening,
        "ci_dirac": experiment.dirac_init,
        "ci_average": experiment.averaging,
        "ci_precision": experiment.precision,
        "ci_seed": experiment.seed,
        training_settings.AUGMENTATION: named,
    }
    choices = {
        "ci_opt": (OPTIMIZERS, experiment.optimizer),
        "ci_views": (TEST_TIMES, experiment.test_time),
        "ci_schedule": (SCHEDULES, experiment.schedule),
        "ci_epochs": (range(1, 101), experiment.epochs),
        "ci_rate": ({*training_settings.RATES, aim.learning_rate}, experiment.learning_rate),
        "ci_images": (
            {*(n for n in training_settings.IMAGES if n < largest), aim.train_images, largest},
            experiment.train_images,
        ),
        "ci_batch": ({*training_settings.BATCHES, aim.batch_size}, experiment.batch_size),
    }
    values |= {key: value for key, (options, value) in choices.items() if value in options}
    limits = {
        "ci_smooth": (0.4, experiment.label_smoothing),
        "ci_small": (0.9, experiment.low_res_fraction),
        "ci_warmup": (0.5, experiment.warmup),
        "ci_decay": (0.2, experiment.weight_decay),
    }
    return values | {key: value for key, (high, value) in limits.items() if value <= high}
