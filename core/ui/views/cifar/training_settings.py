"""How it learns: what is aimed at, and the recipe's switches, each of which can be turned off to see what it gives."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.data import DatasetInfo
from core.layers.specs import BatchNorm, Network, Residual
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.augmentation.pipeline import Pipeline
from core.training.experiment import OPTIMIZERS, PRECISIONS, SCHEDULES, TEST_TIMES, Experiment
from core.training.presets import PRESETS
from core.ui.display import numbers
from core.ui.run_panels.labels import OPTIMIZER_NAMES
from core.ui.state import cifar_link, pipeline_link
from core.ui.state.cifar_link import AIM, PLAIN, START, aims
from core.ui.state.settings import Settings
from core.ui.views.cifar import ablation, network_picker, range_test

IMAGES = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 45_000)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.2, 0.3, 0.5, 1.0)
BATCHES = (32, 64, 100, 125, 200, 250, 500, 1000, 2000)
BUDGETS = (10, 20, 30, 60, 120, 180, 300, 600, 1800, 3600)
RATE_OF = {"adamw": 0.003, "adam": 0.003, "sgd": 0.1, "nesterov": 0.1, "adadelta": 1.0, "muon": 0.06}
BUDGET_EPOCHS = 200  # more than any budget here is enough for
AUGMENTATION = "ci_aug"
BROUGHT = pipeline_link.FROM_LINK
AUGMENTATIONS = {
    "none": "None",
    "notes": "The notes': scale, rotate, crop",
    "standard": "Crop and mirror",
    "records": "The records': crop less, mirror in turn",
    "strong": "Strong",
}
TEST_TIME_NAMES = {"none": "Once", "mirror": "And mirrored", "mirror+shift": "And shifted"}
AVERAGE_NAMES = {"none": "None", "ema": "EMA", "lookahead": "Lookahead"}


def pick_aim(info: DatasetInfo) -> Experiment:
    """Draw the choice of a preset, which sets the whole page, and answer its experiment on the data of this machine."""
    named = aims()
    name = Settings({AIM: START}).segments(
        AIM,
        "Aim",
        list(named),
        format=named.__getitem__,
        label_visibility="collapsed",
        on_change=partial(_reset, info),
        help="A network and a recipe, named for what they reach on the real CIFAR-10. All below can be changed.",
    )
    return on_this_machine(PRESETS[name].experiment, info)


def on_this_machine(experiment: Experiment, info: DatasetInfo) -> Experiment:
    """A preset on the data of this machine: of a small set a tenth is held out, and there is no more than there is."""
    held_out = min(experiment.held_out or info.train_images // 10, info.train_images // 10)
    images = min(experiment.train_images, info.train_images - held_out)
    return replace(experiment, data=info.name, held_out=held_out, train_images=images)


def _reset(info: DatasetInfo) -> None:
    """Another aim: the page's other settings take its values."""
    base = on_this_machine(PRESETS[st.session_state[AIM]].experiment, info)
    for key, value in defaults(base).items():
        st.session_state[key] = value


def fit_network(info: DatasetInfo) -> None:
    """Another network: one that is not made for the speed records' recipe is trained plainly, as the exercise's is."""
    name = st.session_state[cifar_link.NET]
    aim = PRESETS[st.session_state.get(AIM, START)].experiment
    if name not in network_picker.SPEED and network_picker.name_of(aim.layers) in network_picker.SPEED:
        st.session_state[AIM] = PLAIN
        _reset(info)
        st.session_state[cifar_link.NET] = name


def defaults(base: Experiment) -> dict[str, Any]:
    """Every setting of the page at the values of the aim."""
    return {
        cifar_link.NET: network_picker.name_of(base.layers),
        cifar_link.STACK: "",
        cifar_link.NORM: True,
        "ci_length": "epochs",
        "ci_epochs": base.epochs,
        "ci_budget": 60,
        "ci_rate": base.learning_rate,
        "ci_white": base.whitening,
        "ci_dirac": base.dirac_init,
        "ci_smooth": base.label_smoothing,
        "ci_opt": base.optimizer,
        "ci_schedule": base.schedule,
        "ci_average": base.averaging,
        "ci_views": base.test_time,
        "ci_small": base.low_res_fraction,
        AUGMENTATION: named_pipeline(base.augmentation),
        "ci_images": base.train_images,
        "ci_batch": base.batch_size,
        "ci_decay": base.weight_decay,
        "ci_warmup": base.warmup,
        "ci_precision": base.precision,
        "ci_seed": base.seed,
    }


def named_pipeline(pipeline: Pipeline) -> str:
    """The name of a preset's pipeline among AUGMENTATIONS."""
    return next(name for name in AUGMENTATIONS if PIPELINES[name].busy == pipeline.busy)


def pick(settings: Settings, base: Experiment, layers: Network, info: DatasetInfo) -> Experiment:
    """Draw the controls of the training, the rarer ones in popovers, and answer the experiment. Of no network yet."""
    length = _length(settings)
    rates = tuple(sorted({*RATES, base.learning_rate}))
    rate = settings.steps(
        "ci_rate",
        "Learning rate",
        rates,
        format=lambda value: f"{value:g}",
        help="How far each step moves the weights. Too little learns slowly, too much learns nothing: the range test, "
        "below, shows where.",
    )
    brought = pipeline_link.load_from_url(pipeline_link.TRAIN_CIFAR)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        beside = st.container(width="content")
        with st.popover("Switches", icon=":material/toggle_on:", help="Turn a part off: what does it give?"):
            switches = _switches(settings, base, layers)
        with st.popover("Pictures", icon=":material/photo_library:", help="How many, how varied, in which batches"):
            pictures = _pictures(settings, base, info, brought)
        with st.popover("More", icon=":material/tune:", help="Schedule, warm-up, weight decay, precision, seed"):
            more = _more(settings)
    planned = replace(base, layers=layers, learning_rate=rate, **length, **switches, **pictures, **more)
    with (
        beside,
        st.popover("Range test", icon=":material/network_check:", help="Which learning rates are useful here?"),
    ):
        range_test.show(planned, rates, info)
    return planned


def _length(settings: Settings) -> dict[str, Any]:
    how = settings.segments(
        "ci_length",
        "How long",
        ("epochs", "budget"),
        format={"epochs": "Epochs", "budget": "Time budget"}.__getitem__,
        label_visibility="collapsed",
        help="So many times through the pictures, or the best that can be done in so many seconds",
    )
    if how == "epochs":
        return {
            "epochs": settings.slider("ci_epochs", "Epochs", 1, 100, help="How many times it sees every picture"),
            "time_budget": 0.0,
        }
    seconds = settings.steps(
        "ci_budget",
        "Seconds of training",
        BUDGETS,
        format=lambda value: numbers.duration(value),
        help="The learning rate falls over this time, and the run ends with it.",
    )
    return {"epochs": BUDGET_EPOCHS, "time_budget": float(seconds)}


def _switches(settings: Settings, base: Experiment, layers: Network) -> dict[str, Any]:
    st.caption(f"Turn one off, train again, and compare on the chart. {ablation.heading()}")
    found = {
        "optimizer": ablation.beside(
            settings.choice(
                "ci_opt",
                "Optimizer",
                OPTIMIZERS,
                format=OPTIMIZER_NAMES.__getitem__,
                on_change=_fitting_rate,
                help="The rule that turns gradients into steps. Each is set to a learning rate that suits it.",
            ),
            "ci_opt",
        ),
        "whitening": ablation.beside(
            settings.switch(
                "ci_white",
                "Whitening first layer",
                help="The first convolution is computed from the pictures, not learned: its filters are the main "
                "directions in which small patches vary.",
            ),
            "ci_white",
        ),
        "dirac_init": ablation.beside(
            settings.switch(
                "ci_dirac",
                "Begin by passing on",
                help="Convolutions begin as copies of their input (Dirac) and not as random numbers.",
            ),
            "ci_dirac",
        ),
        "label_smoothing": ablation.beside(
            settings.slider(
                "ci_smooth",
                "Label smoothing",
                0,
                0.4,
                step=0.05,
                help="The share of certainty taken from the right class and spread over all: answers stay modest.",
            ),
            "ci_smooth",
        ),
        "averaging": ablation.beside(
            settings.segments(
                "ci_average",
                "Average of the weights",
                list(AVERAGE_NAMES),
                format=AVERAGE_NAMES.__getitem__,
                help="Tests the weights' moving average over the steps (EMA), or lets slow weights follow (Lookahead).",
            ),
            "ci_average",
        ),
        "test_time": ablation.beside(
            settings.segments(
                "ci_views",
                "Each test picture is asked",
                TEST_TIMES,
                format=TEST_TIME_NAMES.__getitem__,
                help="Test-time augmentation: the answers for several views of a picture are averaged.",
            ),
            "ci_views",
        ),
        "low_res_fraction": ablation.beside(
            settings.slider(
                "ci_small",
                "Part of the steps on small pictures",
                0,
                0.9,
                step=0.05,
                help="The first part of the training sees pictures of 24 × 24: cheaper, and enough to begin with.",
            ),
            "ci_small",
        ),
    }
    if has_norm(base.layers) or has_norm(layers):
        settings.switch(
            cifar_link.NORM,
            "Batch norm",
            help="Brings each plane to mean 0 and variance 1 over the batch, then scales it.",
        )
    return found


def has_norm(layers: Network) -> bool:
    """Whether batch norm is anywhere in it."""
    return any(
        isinstance(layer, BatchNorm)
        or (isinstance(layer, Residual) and (has_norm(layer.body) or has_norm(layer.shortcut)))
        for layer in layers
    )


def _fitting_rate() -> None:
    st.session_state["ci_rate"] = RATE_OF[st.session_state["ci_opt"]]


def _pictures(settings: Settings, base: Experiment, info: DatasetInfo, brought: Pipeline | None) -> dict[str, Any]:
    most = info.train_images - base.held_out
    images = settings.steps(
        "ci_images",
        "Training pictures",
        sorted({*(n for n in IMAGES if n < most), base.train_images, most}),
        format=numbers.count,
        help=f"How many it learns from. {numbers.count(base.held_out)} more are held out for choosing, and it is "
        f"tested on {numbers.count(info.test_images)} others.",
    )
    options = dict(AUGMENTATIONS)
    if brought is not None:
        options = {BROUGHT: pipeline_link.FROM_LINK_TITLE} | options
    chosen = settings.choice(
        AUGMENTATION,
        "Augmentation",
        list(options),
        format=options.__getitem__,
        help="How each training picture is varied, anew every time. The test pictures stay as they are.",
    )
    ablation.beside(chosen, AUGMENTATION)
    batch = settings.steps(
        "ci_batch", "Batch size", sorted({*BATCHES, base.batch_size}), help="How many pictures each step looks at"
    )
    ablation.beside(batch, "ci_batch")
    augmentation = brought if chosen == BROUGHT else PIPELINES[chosen]
    return {"train_images": images, "augmentation": augmentation, "batch_size": batch}


def _more(settings: Settings) -> dict[str, Any]:
    return {
        "schedule": settings.choice(
            "ci_schedule", "Schedule", SCHEDULES, format=str.capitalize, help="How the learning rate falls"
        ),
        "warmup": settings.slider(
            "ci_warmup", "Warm-up (fraction)", 0, 0.5, step=0.01, help="The part of the steps in which the rate rises"
        ),
        "weight_decay": settings.slider(
            "ci_decay", "Weight decay", 0, 0.2, step=0.0001, help="How strongly weights are pulled towards 0"
        ),
        "precision": ablation.beside(
            settings.choice(
                "ci_precision",
                "Precision",
                PRECISIONS,
                help="Auto takes bf16 or fp16 where this machine computes it faster, else float32.",
            ),
            "ci_precision",
        ),
        "seed": settings.number("ci_seed", "Seed", 0, 2**31 - 1, help="The same seed gives the same run"),
    }
