"""How contenders are trained: the settings they share, as fields of an Experiment."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.experiment import OPTIMIZERS, PRECISIONS, SCHEDULES, Experiment
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.run_panels import device_picker
from core.ui.run_panels.labels import OPTIMIZER_NAMES
from core.ui.state import pipeline_link
from core.ui.state.settings import Settings

IMAGES = (500, 1_000, 2_000, 4_000, 10_000, 20_000, 40_000, 60_000)
RATES = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
DEVICE = "m_device"

_DEFAULTS: dict[str, Any] = {
    "m_images": 20_000,
    "m_epochs": 3,
    "m_rate": 0.003,
    "m_shuffle": False,
    "m_batch": 128,
    "m_optimizer": "adamw",
    "m_schedule": "linear",
    "m_decay": 0.01,
    "m_warmup": 0.1,
    "m_shift": 0.0,
    "m_rotate": 0.0,
    "m_scale": 0.0,
    "m_seed": 0,
    "m_precision": "auto",
    DEVICE: device_picker.AUTO,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shared settings. `own` trains a network with all of them, `preset` keeps a preset's and changes the data."""

    fields: dict[str, Any]  # of Experiment, all but layers and data
    data: DatasetInfo
    device: str = "auto"  # where it trains: not of the Experiment, whose result is to be the same anywhere

    def own(self, layers: Any, augmentation: Pipeline | None = None) -> Experiment:
        """The experiment of a person's own network."""
        fields = self.fields if augmentation is None else {**self.fields, "augmentation": augmentation}
        return Experiment(layers=layers, data=self.data.name, **fields)

    def preset(self, experiment: Experiment) -> Experiment:
        """A named experiment on the pictures, the seed and the precision chosen here; the rest is its own."""
        changed = {name: self.fields[name] for name in ("train_images", "seed", "shuffle_pixels", "precision")}
        return replace(experiment, data=self.data.name, **changed)


def defaults(info: DatasetInfo) -> dict[str, Any]:
    """What the settings are on a fresh visit, with no more training images than there are."""
    return {**_DEFAULTS, "m_images": min(_DEFAULTS["m_images"], info.train_images)}


def pick(settings: Settings, info: DatasetInfo) -> tuple[Recipe, DeltaGenerator]:
    """The controls of the training, the rare ones in popovers, and the place for the button that starts it."""
    left, middle, right = st.columns(3, gap="medium")
    with left:
        images = settings.steps(
            "m_images",
            "Training images",
            [*(count for count in IMAGES if count < info.train_images), info.train_images],
            format=numbers.count,
            help=f"How many digits they learn from; this machine has {numbers.count(info.train_images)}. "
            "They are tested on others.",
        )
    with middle:
        epochs = settings.slider("m_epochs", "Epochs", 1, 20, help="How many times they see every training image.")
    with right:
        rate = settings.steps(
            "m_rate",
            "Learning rate",
            RATES,
            format=lambda value: f"{value:g}",
            help="How far each step moves the weights: too little learns slowly, too much learns nothing.",
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        button = st.container(width="content")
        brought = pipeline_link.load_from_url()
        with st.popover(
            "Move the digits" if brought is None else f"Augmented: {_steps(brought)}",
            icon=":material/open_with:",
            help="Augmentation: shift, rotate, scale" if brought is None else pipeline_link.words(brought),
        ):
            augmentation = _augmentation(settings, brought)
        with st.popover("More", icon=":material/tune:", help="Batch size, optimizer, schedule, weight decay, seed"):
            rare = _rare(settings)
            device_picker.pick(settings, DEVICE)
            st.caption(device_picker.sentence(client.runs().machine(), device_picker.wanted(DEVICE)))
        shuffle = settings.switch(
            "m_shuffle",
            "Shuffle pixels",
            help="Every picture's pixels moved by one fixed permutation, tests included.",
        )
    fields = {
        "train_images": images,
        "epochs": epochs,
        "learning_rate": rate,
        "shuffle_pixels": shuffle,
        "augmentation": augmentation,
        **rare,
    }
    return Recipe(fields, info, device_picker.wanted(DEVICE)), button


def _steps(pipeline: Pipeline) -> str:
    count = len(pipeline.steps)
    return f"{count} step{'s' * (count != 1)}"


def _augmentation(settings: Settings, brought: Pipeline | None) -> Pipeline:
    if brought is not None:
        st.caption(
            "From the augmentation page. Each time a training picture is seen, it is changed anew; the test pictures "
            "stay as they are."
        )
        st.markdown("".join(f"\n1. {pipeline_link.step_words(step)}" for step in brought.steps) or "No step.")
        st.button(
            "Back to the sliders",
            icon=":material/close:",
            key="m_leave_pipeline",
            on_click=pipeline_link.remove_from_url,
            help="Train without these steps: shift, rotate and scale come back",
        )
        return brought
    st.caption(
        "Each time a training picture is seen, it is moved anew, by up to so much. The test pictures stay as they are."
    )
    return random_affine(
        shift=settings.slider("m_shift", "Shift (px)", 0, 6, help="Sideways and up or down, in whole pixels of 28."),
        rotate=settings.slider("m_rotate", "Rotate (degrees)", 0, 45, step=1, help="To either side."),
        scale=settings.slider(
            "m_scale", "Scale (fraction)", 0, 0.5, step=0.05, help="0.1 makes digits from 10 % smaller to 10 % larger."
        ),
    )


def _rare(settings: Settings) -> dict[str, Any]:
    return {
        "batch_size": settings.steps("m_batch", "Batch size", BATCHES, help="How many images each step looks at."),
        "optimizer": settings.choice(
            "m_optimizer",
            "Optimizer",
            OPTIMIZERS,
            format=OPTIMIZER_NAMES.__getitem__,
            help="The rule that turns gradients into steps.",
        ),
        "schedule": settings.choice(
            "m_schedule",
            "Schedule",
            SCHEDULES,
            format=str.capitalize,
            help="How the learning rate falls: linear and cosine to 0.",
        ),
        "warmup": settings.slider(
            "m_warmup",
            "Warm-up (fraction)",
            0,
            0.5,
            step=0.05,
            help="The part of the steps in which the rate first rises from 0.",
        ),
        "weight_decay": settings.slider(
            "m_decay",
            "Weight decay",
            0,
            0.2,
            step=0.01,
            help="How strongly weights are pulled towards 0: less room to memorize.",
        ),
        "seed": settings.number(
            "m_seed", "Seed", 0, 2**31 - 1, help="The same seed gives the same run, another one another draw of luck."
        ),
        "precision": settings.choice(
            "m_precision",
            "Precision",
            PRECISIONS,
            help="Auto takes bf16 where this machine computes it faster, else float32.",
        ),
    }
