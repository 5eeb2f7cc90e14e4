"""Training settings that all contenders share, as fields of an Experiment."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.experiment import OPTIMIZERS, PRECISIONS, SCHEDULES, Experiment
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.run_panels import device_picker, image_count
from core.ui.run_panels.setting_labels import OPTIMIZER_NAMES
from core.ui.state import pipeline_link
from core.ui.state.settings import Settings

RATES = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
DEVICE = "m_device"
SLIDER = 108  # px: three stand side by side on a phone
OPENING: dict[str, Any] = {  # fields of the experiments with which the page opens
    "train_images": 20_000,
    "epochs": 3,
    "learning_rate": 0.003,
    "batch_size": 128,
    "optimizer": "adamw",
    "schedule": "linear",
    "weight_decay": 0.01,
    "warmup": 0.1,
}

_DEFAULTS: dict[str, Any] = {
    "m_images": OPENING["train_images"],
    "m_epochs": OPENING["epochs"],
    "m_rate": OPENING["learning_rate"],
    "m_shuffle": False,
    "m_batch": OPENING["batch_size"],
    "m_optimizer": OPENING["optimizer"],
    "m_schedule": OPENING["schedule"],
    "m_decay": OPENING["weight_decay"],
    "m_warmup": OPENING["warmup"],
    "m_shift": 0.0,
    "m_rotate": 0.0,
    "m_scale": 0.0,
    "m_seed": 0,
    "m_precision": "auto",
    DEVICE: device_picker.AUTO,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shared settings: `own` applies all of them to a network, `preset` only those on data and seed."""

    fields: dict[str, Any]  # of Experiment, all but layers and data
    data: DatasetInfo
    device: str = "auto"  # not part of the Experiment: the result must not depend on it

    def own(self, layers: Any, augmentation: Pipeline | None = None) -> Experiment:
        """Return the experiment of the user's own network."""
        fields = self.fields if augmentation is None else {**self.fields, "augmentation": augmentation}
        return Experiment(layers=layers, data=self.data.name, **fields)

    def preset(self, experiment: Experiment) -> Experiment:
        """Return a preset with the data, seed and precision of the page; its other settings stay."""
        changed = {name: self.fields[name] for name in ("train_images", "seed", "shuffle_pixels", "precision")}
        return replace(experiment, data=self.data.name, **changed)


def defaults(info: DatasetInfo) -> dict[str, Any]:
    """Return the default settings, with at most as many training images as the dataset has."""
    return {**_DEFAULTS, "m_images": min(_DEFAULTS["m_images"], info.train_images)}


def fit_data(info: DatasetInfo) -> None:
    """Set the number of training images to one that a dataset has."""
    st.session_state["m_images"] = defaults(info)["m_images"]


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of the control row and of its settings, drawn before what fills them."""

    sliders: DeltaGenerator
    training: DeltaGenerator
    networks: DeltaGenerator
    data: DeltaGenerator
    button: DeltaGenerator  # for the Train button, at the row's right end


def row() -> Places:
    """Draw the control row, still empty: the main settings, all others in a popover with tabs, the Train button."""
    title = pipeline_link.settings_title(pipeline_link.load_from_url())
    with page_frame.controls():
        sliders = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="m_sliders")
        with st.popover(title, icon=":material/tune:", help="Which networks, how they learn, data and device"):
            training, networks, data = st.tabs(["Training", "Networks", "Data and device"])
        button = st.container(width="content", key="main_button", horizontal=True, gap="small")
    return Places(sliders, training, networks, data, button)


def pick(settings: Settings, info: DatasetInfo, places: Places) -> Recipe:
    """Draw the training controls in the row, the rarely used ones in its popover, and return the settings."""
    with places.sliders:
        images = image_count.pick(settings, "m_images", info, width=SLIDER)
        epochs = settings.slider("m_epochs", "Epochs", 1, 20, help="Passes through the training images.", width=SLIDER)
        rate = settings.steps(
            "m_rate",
            "Learning rate",
            RATES,
            format=lambda value: f"{value:g}",
            help="Step size of the weights: too small trains slowly, too large does not train at all.",
            width=SLIDER,
        )
    with places.training:
        rare = _rare(settings)
    with places.data:
        shuffle = settings.switch(
            "m_shuffle",
            "Shuffle pixels",
            help="Applies one fixed permutation to the pixels of every training and test picture.",
        )
        augmentation = _augmentation(settings, pipeline_link.load_from_url())
        device_picker.pick(settings, DEVICE)
        st.caption(device_picker.sentence(client.runs().machine(), device_picker.wanted(DEVICE)))
    fields = {
        "train_images": images,
        "epochs": epochs,
        "learning_rate": rate,
        "shuffle_pixels": shuffle,
        "augmentation": augmentation,
        **rare,
    }
    return Recipe(fields, info, device_picker.wanted(DEVICE))


def _augmentation(settings: Settings, linked: Pipeline | None) -> Pipeline:
    if linked is not None:
        st.caption(
            f"Augmentation: {pipeline_link.count_words(linked)} from the augmentation page. Training pictures are "
            "changed at random each time; test pictures are not changed."
        )
        st.markdown(pipeline_link.step_list(linked))
        st.button(
            "Back to the sliders",
            icon=":material/close:",
            key="m_leave_pipeline",
            on_click=pipeline_link.remove_from_url,
            help="Replaces these steps by the sliders for shift, rotation and scale",
        )
        return linked
    st.caption(
        "Augmentation: each time, a training picture is moved at random within these limits. Test pictures are not "
        "changed."
    )
    return random_affine(
        shift=settings.slider(
            "m_shift",
            "Shift (px)",
            0,
            6,
            help="Maximum shift (± px), horizontally and vertically; a digit has 28 × 28 pixels.",
        ),
        rotate=settings.slider("m_rotate", "Rotate (degrees)", 0, 45, step=1, help="Maximum angle (±°)."),
        scale=settings.slider(
            "m_scale",
            "Scale (fraction)",
            0,
            0.5,
            step=0.05,
            help="Maximum change: 0.1 means 10 % smaller to 10 % larger.",
        ),
    )


def _rare(settings: Settings) -> dict[str, Any]:
    return {
        "batch_size": settings.steps("m_batch", "Batch size", BATCHES, help="Images per training step."),
        "optimizer": settings.choice(
            "m_optimizer",
            "Optimizer",
            OPTIMIZERS,
            format=OPTIMIZER_NAMES.__getitem__,
            help="The rule that computes weight updates from gradients.",
        ),
        "schedule": settings.choice(
            "m_schedule",
            "Schedule",
            SCHEDULES,
            format=str.capitalize,
            help="How the learning rate changes over the run: linear and cosine decay to 0.",
        ),
        "warmup": settings.slider(
            "m_warmup",
            "Warm-up (fraction)",
            0,
            0.5,
            step=0.05,
            help="Share of the steps in which the learning rate rises from 0.",
        ),
        "weight_decay": settings.slider(
            "m_decay",
            "Weight decay",
            0,
            0.2,
            step=0.01,
            help="How strongly weights are pulled toward 0, which reduces overfitting.",
        ),
        "seed": settings.number(
            "m_seed",
            "Seed",
            0,
            2**31 - 1,
            help="The same seed gives the same run; another seed gives other random draws.",
        ),
        "precision": settings.choice(
            "m_precision",
            "Precision",
            PRECISIONS,
            help="Auto uses bf16 if this machine computes it faster, else float32.",
        ),
    }
