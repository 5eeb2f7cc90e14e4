"""Set the controls of the MNIST page to a loaded experiment."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.data import DatasetInfo
from core.layers import builders, specs
from core.layers.specs import BatchNorm, Conv, Dropout, Linear, Network, Pool, PoolKind
from core.training.augmentation.pipeline import random_affine
from core.training.augmentation.specs import Affine
from core.training.experiment import SCHEDULES, Experiment
from core.training.presets import PRESETS
from core.ui.run_panels import capsule_controls, image_count, settings_file
from core.ui.state import link_to_mnist, pipeline_link
from core.ui.state.settings import Settings
from core.ui.views.mnist import calculator_network, networks, preset_picker, training_settings, width_budget

NAMES = {"mnist", "mnist-5k"}


def set_controls(settings: Settings, info: DatasetInfo, experiment: Experiment) -> Experiment:
    """Set the controls as close to the experiment as possible, and return the experiment as trained here.

    Raises:
        ExperimentError, LayerError, StackError, DataError: If it cannot be trained here; no control is set then.
    """
    experiment = settings_file.on_this_machine(experiment, info, NAMES)
    slot = link_to_mnist.slot(experiment.layers)
    calculator_network.check(experiment.layers)
    values = _shared(experiment, info) | {"m_budget": "free"}
    network = _preset(experiment) or _family(slot, experiment.layers)
    pipeline_link.remove_from_url()
    settings.set({**{key: st.session_state.get(key, default) for key, default in settings.defaults.items()}, **values})
    if network:
        st.session_state.update({slot: preset_picker.OWN, **network})
    else:
        calculator_network.select(experiment.layers)
    if "m_shift" not in values:
        pipeline_link.put_in_url(experiment.augmentation)
    return experiment


def _shared(experiment: Experiment, info: DatasetInfo) -> dict[str, Any]:
    """Return the settings that all contenders share, as far as their controls have these values."""
    values: dict[str, Any] = {
        "m_shuffle": experiment.shuffle_pixels,
        "m_optimizer": experiment.optimizer,
        "m_seed": experiment.seed,
        "m_precision": experiment.precision,
    }
    choices = {
        "m_images": (image_count.choices(info), experiment.train_images),
        "m_rate": (training_settings.RATES, experiment.learning_rate),
        "m_batch": (training_settings.BATCHES, experiment.batch_size),
        "m_schedule": (SCHEDULES, experiment.schedule),
        "m_epochs": (range(1, 21), experiment.epochs),
    }
    values |= {key: value for key, (options, value) in choices.items() if value in options}
    values |= {"m_warmup": experiment.warmup} if experiment.warmup <= 0.5 else {}
    values |= {"m_decay": experiment.weight_decay} if experiment.weight_decay <= 0.2 else {}
    match experiment.augmentation.affine:
        case Affine(shift=shift, rotate=rotate, scale=scale) if (
            random_affine(shift=shift, rotate=rotate, scale=scale) == experiment.augmentation
            and shift <= 6
            and rotate <= 45
            and scale <= 0.5
        ):
            values |= {"m_shift": float(shift), "m_rotate": float(rotate), "m_scale": float(scale)}
    return values


def _preset(experiment: Experiment) -> dict[str, Any] | None:
    """Return the selection of the preset that equals the experiment, apart from data, seed and precision."""
    page_settings = {
        name: getattr(experiment, name) for name in ("data", "train_images", "seed", "shuffle_pixels", "precision")
    }
    for name in preset_picker.names(link_to_mnist.slot(experiment.layers)):
        if replace(PRESETS[name].experiment, **page_settings) == experiment:
            return _shown(link_to_mnist.slot(experiment.layers)) | {link_to_mnist.slot(experiment.layers): name}
    return None


def _shown(slot: str) -> dict[str, Any]:
    """Return the switch of a card that is not always there."""
    return {link_to_mnist.CAPSULES_SWITCH: True} if slot == link_to_mnist.CAPSULES else {}


def _family(slot: str, layers: Network) -> dict[str, Any] | None:
    """Return the card's slider values for a network of its family; None for any other network."""
    if slot == link_to_mnist.CAPSULES:
        sizes = capsule_controls.read(layers, slot)
        return sizes and _shown(slot) | sizes
    units = [layer.units for layer in layers if isinstance(layer, Linear)][:-1]
    drop = next((layer.p for layer in layers if isinstance(layer, Dropout)), 0.0)
    if slot == "m_mlp":
        width = units[0] if units else 128
        fits = builders.mlp([width] * len(units), drop) == layers and len(units) <= 5
        fits = fits and width_budget.WIDTHS[0] <= width <= width_budget.WIDTHS[1] and drop <= 0.8
        return {"m_mlp_layers": len(units), "m_mlp_width": width, "m_mlp_drop": drop} if fits else None
    first = next((layer for layer in layers if isinstance(layer, Conv)), None)
    pool: PoolKind = next((layer.kind for layer in layers if isinstance(layer, Pool)), "max")
    norm = any(isinstance(layer, BatchNorm) for layer in layers)
    blocks = sum(isinstance(layer, specs.Conv) for layer in layers)
    dense = units[0] if units else 0
    if (
        first is None
        or not isinstance(first.kernel, int)
        or first.kernel not in (1, 3, 5, 7)
        or dense not in networks.DENSE_UNITS
    ):
        return None
    if not 1 <= blocks <= 4 or not 1 <= first.filters <= 64 or drop > 0.8 or pool not in ("max", "average"):
        return None
    rebuilt = builders.cnn(blocks, first.filters, first.kernel, pool=pool, dropout=drop, dense=dense, batch_norm=norm)
    if rebuilt != layers:
        return None
    return {
        "m_cnn_blocks": blocks,
        "m_cnn_filters": first.filters,
        "m_cnn_kernel": first.kernel,
        "m_cnn_pool": pool,
        "m_cnn_dense": dense,
        "m_cnn_drop": drop,
        "m_cnn_norm": norm,
    }
