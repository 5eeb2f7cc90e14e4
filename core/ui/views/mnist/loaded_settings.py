"""The MNIST page's controls set to an experiment that was loaded."""

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
from core.ui.run_panels import settings_file
from core.ui.state import mnist_link, pipeline_link
from core.ui.state.settings import Settings
from core.ui.views.mnist import calculator_network, networks, training_settings, width_budget

NAMES = {"mnist", "mnist-5k"}


def put(settings: Settings, info: DatasetInfo, experiment: Experiment) -> Experiment:
    """Set the controls as near to the experiment as they go, and return it as it is trained here.

    Raises one of settings_file.REFUSALS, and then sets nothing.
    """
    experiment = settings_file.on_this_machine(experiment, info, NAMES)
    slot = mnist_link.slot(experiment.layers)
    calculator_network.check(experiment.layers)
    values = _shared(experiment, info) | {"m_budget": "free"}
    network = _preset(experiment) or _family(slot, experiment.layers)
    pipeline_link.remove_from_url()
    settings.set({**{key: st.session_state.get(key, default) for key, default in settings.defaults.items()}, **values})
    if network:
        st.session_state.update({slot: networks.OWN, **network})
    else:
        calculator_network.bring(experiment.layers)
    if "m_shift" not in values:
        pipeline_link.put_in_url(experiment.augmentation)
    return experiment


def _shared(experiment: Experiment, info: DatasetInfo) -> dict[str, Any]:
    """The settings of all contenders, as far as their controls have such values."""
    found: dict[str, Any] = {
        "m_shuffle": experiment.shuffle_pixels,
        "m_optimizer": experiment.optimizer,
        "m_seed": experiment.seed,
        "m_precision": experiment.precision,
    }
    choices = {
        "m_images": ([*training_settings.IMAGES, info.train_images], experiment.train_images),
        "m_rate": (training_settings.RATES, experiment.learning_rate),
        "m_batch": (training_settings.BATCHES, experiment.batch_size),
        "m_schedule": (SCHEDULES, experiment.schedule),
        "m_epochs": (range(1, 21), experiment.epochs),
    }
    found |= {key: value for key, (options, value) in choices.items() if value in options}
    found |= {"m_warmup": experiment.warmup} if experiment.warmup <= 0.5 else {}
    found |= {"m_decay": experiment.weight_decay} if experiment.weight_decay <= 0.2 else {}
    match experiment.augmentation.affine:
        case Affine(shift=shift, rotate=rotate, scale=scale) if (
            random_affine(shift=shift, rotate=rotate, scale=scale) == experiment.augmentation
            and shift <= 6
            and rotate <= 45
            and scale <= 0.5
        ):
            found |= {"m_shift": float(shift), "m_rotate": float(rotate), "m_scale": float(scale)}
    return found


def _preset(experiment: Experiment) -> dict[str, Any] | None:
    """The card's choice of the preset that this is, on the page's pictures, seed and precision."""
    ours = {name: getattr(experiment, name) for name in ("data", "train_images", "seed", "shuffle_pixels", "precision")}
    for name, preset in PRESETS.items():
        if name.startswith("mnist-") and replace(preset.experiment, **ours) == experiment:
            return {mnist_link.slot(experiment.layers): name}
    return None


def _family(slot: str, layers: Network) -> dict[str, Any] | None:
    """The card's sliders for a network of its family; None for any other network."""
    units = [layer.units for layer in layers if isinstance(layer, Linear)][:-1]
    drop = next((layer.p for layer in layers if isinstance(layer, Dropout)), 0.0)
    if slot == "m_mlp":
        width = units[0] if units else 128
        fits = builders.mlp([width] * len(units), drop) == layers and len(units) <= 5
        fits = fits and width_budget.WIDTHS[0] <= width <= width_budget.WIDTHS[1] and drop <= 0.8
        return {"m_mlp_layers": len(units), "m_mlp_width": width, "m_mlp_drop": drop} if fits else None
    first = next(layer for layer in layers if isinstance(layer, Conv))
    pool: PoolKind = next((layer.kind for layer in layers if isinstance(layer, Pool)), "max")
    norm = any(isinstance(layer, BatchNorm) for layer in layers)
    blocks = sum(isinstance(layer, specs.Conv) for layer in layers)
    dense = units[0] if units else 0
    if not isinstance(first.kernel, int) or first.kernel not in (1, 3, 5, 7) or dense not in networks.DENSE:
        return None
    if not 1 <= blocks <= 4 or not 1 <= first.filters <= 64 or drop > 0.8 or pool not in ("max", "average"):
        return None
    twin = builders.cnn(blocks, first.filters, first.kernel, pool=pool, dropout=drop, dense=dense, batch_norm=norm)
    if twin != layers:
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
