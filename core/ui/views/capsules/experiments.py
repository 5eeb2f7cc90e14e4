"""The two experiments of "Train one": a capsule network, and a plain CNN of as many parameters on the same digits."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.data import DatasetInfo
from core.layers.builders import CAPSNET
from core.layers.equal_parameters import cnn_for_parameters, parameters, without_decoder
from core.layers.specs import Network
from core.training.augmentation.pipeline import NONE
from core.training.experiment import Experiment, ExperimentError
from core.training.presets import PRESETS
from core.ui.display import colors
from core.ui.run_panels import capsule_controls, image_count, settings_file
from core.ui.run_panels.contenders import Contender

PREFIX = "v_t"  # of all keys of this part
NETWORK, EPOCHS, IMAGES, SEED = (f"{PREFIX}_{name}" for name in ("net", "epochs", "images", "seed"))
SMALL, PUBLISHED = "small", "published"
MAX_EPOCHS = 20


def capsules(layers: Network, info: DatasetInfo, images: int, epochs: int, seed: int) -> Experiment:
    """Return the experiment of a capsule network, with the settings found for its size; no digit is augmented."""
    preset = PRESETS["capsnet" if layers == CAPSNET else "capsule-small"].experiment
    return _on(preset, layers, info, images, epochs, seed)


def contenders(experiment: Experiment, info: DatasetInfo) -> list[Contender]:
    """Return the capsule network and its companion.

    The CNN has as many parameters as the capsule network without its decoder, which takes no part in an answer.

    Raises:
        LayerError: If a network is invalid.
    """
    layers = cnn_for_parameters(parameters(without_decoder(experiment.layers)))
    sizes = experiment.train_images, experiment.epochs, experiment.seed
    cnn = _on(PRESETS["capsule-cnn"].experiment, layers, info, *sizes)
    cnn = replace(cnn, augmentation=experiment.augmentation)  # a loaded one may have some
    return [
        Contender.of(f"{PREFIX}_caps", colors.CAPSULES, experiment),
        Contender.of(f"{PREFIX}_cnn", colors.CNN, cnn),
    ]


def _on(preset: Experiment, layers: Network, info: DatasetInfo, images: int, epochs: int, seed: int) -> Experiment:
    """Return a preset with another network, on so many digits, none of them augmented."""
    digits = replace(preset, data=info.name, train_images=images, augmentation=NONE)
    return replace(digits, layers=layers, epochs=epochs, seed=seed)


def set_controls(info: DatasetInfo, experiment: Experiment) -> Experiment:
    """Set the controls to a loaded experiment, and return it as trained here.

    Raises:
        ExperimentError: If it is no capsule network of these sizes, or cannot be trained here; no control is set then.
    """
    experiment = settings_file.on_this_machine(experiment, info, {"mnist", "mnist-5k"})
    values: dict[str, Any] = {SEED: experiment.seed}
    if experiment.layers == CAPSNET:
        values[NETWORK] = PUBLISHED
    elif sizes := capsule_controls.read(experiment.layers, PREFIX):
        values |= {NETWORK: SMALL, **sizes}
    else:
        raise ExperimentError(
            "Only capsule networks of the sizes that can be set here are trained on this page. The MNIST page trains "
            "any network for digits: load these settings there."
        )
    if experiment.train_images in image_count.choices(info):
        values[IMAGES] = experiment.train_images
    if experiment.epochs <= MAX_EPOCHS:
        values[EPOCHS] = experiment.epochs
    st.session_state.update(values)
    return experiment
