"""Training settings: preset, switches for an ablation, pictures, and advanced hyperparameters."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.layers.specs import Network
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.augmentation.pipeline import Pipeline
from core.training.experiment import PRECISIONS, SCHEDULES, Experiment
from core.training.presets import PRESETS
from core.ui.display import numbers
from core.ui.layout import page_frame
from core.ui.state import link_to_cifar, pipeline_link
from core.ui.state.link_to_cifar import AIM, PLAIN, START, aims
from core.ui.state.settings import Settings
from core.ui.views.cifar import ablation, ablation_switches, network_picker, range_test

IMAGES = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 45_000)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.2, 0.3, 0.5, 1.0)
BATCHES = (32, 64, 100, 125, 200, 250, 500, 1000, 2000)
BUDGETS = (10, 20, 30, 60, 120, 180, 300, 600, 1800, 3600)
BUDGET_EPOCHS = 200  # more than any of these budgets allows
AUGMENTATION = "ci_aug"
TABS = ["Network", "Switches", "Pictures", "Range test", "More"]
AIM_WIDTH, SLIDER = 150, 110  # px
BROUGHT = pipeline_link.FROM_LINK
AUGMENTATIONS = {
    "none": "None",
    "notes": "Course notes: scale, rotate, crop",
    "standard": "Crop and flip",
    "records": "Airbench: 2 px crop, alternating flip",
    "strong": "Strong",
}


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of the control row and of its settings, drawn before what fills them."""

    main: DeltaGenerator
    network: DeltaGenerator
    switches: DeltaGenerator
    pictures: DeltaGenerator
    rates: DeltaGenerator  # the range test
    more: DeltaGenerator
    beside: DeltaGenerator  # for the estimate and the device
    button: DeltaGenerator  # for the Train button, at the row's right end


def row() -> Places:
    """Draw the control row, still empty: the main settings, all others in a popover with tabs, the Train button."""
    linked = pipeline_link.load_from_url(pipeline_link.TRAIN_CIFAR)
    is_used = st.session_state.get(AUGMENTATION, BROUGHT) == BROUGHT
    title = pipeline_link.settings_title(linked if is_used else None)
    with page_frame.controls():
        main = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="ci_sliders")
        with st.popover(title, icon=":material/tune:", help="Network, switches, pictures, range test and more"):
            network, switched, pictures, rates, more = st.tabs(TABS)
        beside = st.container(width="content", key="ci_beside", gap=None)
        button = st.container(width="content", key="main_button", horizontal=True, gap="small")
    return Places(main, network, switched, pictures, rates, more, beside, button)


def pick_aim(info: DatasetInfo) -> Experiment:
    """Draw the selection of a preset, which sets the whole page. Return its experiment on this machine's data."""
    named = aims()
    name = Settings({AIM: START}).choice(
        AIM,
        "Aim",
        list(named),
        format=named.__getitem__,
        on_change=partial(fit_data, info),
        help="A network with training settings, named for its accuracy on the real CIFAR-10. It sets the whole page.",
        width=AIM_WIDTH,
    )
    return on_this_machine(PRESETS[name].experiment, info)


def on_this_machine(experiment: Experiment, info: DatasetInfo) -> Experiment:
    """Return a preset on this machine's data, with at most a tenth held out and no more pictures than there are."""
    held_out = min(experiment.held_out or info.train_images // 10, info.train_images // 10)
    images = min(experiment.train_images, info.train_images - held_out)
    return replace(experiment, data=info.name, held_out=held_out, train_images=images)


def fit_data(info: DatasetInfo) -> None:
    """Set the page's other settings to the values of the selected preset, as far as a dataset allows them."""
    base = on_this_machine(PRESETS[st.session_state.get(AIM, START)].experiment, info)
    for key, value in defaults(base).items():
        st.session_state[key] = value


def fit_network(info: DatasetInfo) -> None:
    """Select plain training settings for a network that is not designed for those of the speed records."""
    name = st.session_state[link_to_cifar.NET]
    aim = PRESETS[st.session_state.get(AIM, START)].experiment
    if name not in network_picker.SPEED and network_picker.name_of(aim.layers) in network_picker.SPEED:
        st.session_state[AIM] = PLAIN
        fit_data(info)
        st.session_state[link_to_cifar.NET] = name


def defaults(base: Experiment) -> dict[str, Any]:
    """Return every setting of the page with the preset's values."""
    return {
        link_to_cifar.NET: network_picker.name_of(base.layers),
        link_to_cifar.STACK: "",
        link_to_cifar.NORM: True,
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
    """Return the name of a preset's pipeline in AUGMENTATIONS."""
    return next(name for name in AUGMENTATIONS if PIPELINES[name].busy == pipeline.busy)


def pick(settings: Settings, base: Experiment, layers: Network, info: DatasetInfo, places: Places) -> Experiment:
    """Draw the training controls: two in the row, the others in its popover.

    Args:
        settings: The page's.
        base: The preset's experiment.
        layers: The selected network.
        info: The dataset.
        places: The control row.

    Returns:
        The experiment that is set up.
    """
    with places.more:
        budgeted = _is_budgeted(settings)
    with places.main:
        length = _length(settings, budgeted)
        rates = tuple(sorted({*RATES, base.learning_rate}))
        rate = settings.steps(
            "ci_rate",
            "Learning rate",
            rates,
            format=lambda value: f"{value:g}",
            help="Step size of the weights: too small trains slowly, too large does not train at all. The range test "
            "in the settings shows useful values.",
            width=SLIDER,
        )
    linked = pipeline_link.load_from_url(pipeline_link.TRAIN_CIFAR)
    with places.switches:
        switched = ablation_switches.pick(settings, base, layers)
    with places.pictures:
        pictures = _pictures(settings, base, info, linked)
    with places.more:
        more = _more(settings)
    planned = replace(base, layers=layers, learning_rate=rate, **length, **switched, **pictures, **more)
    with places.rates:
        range_test.show(planned, rates, info)
    return planned


def _is_budgeted(settings: Settings) -> bool:
    """Draw the choice of how long to train. Return whether it is a time budget."""
    how = settings.segments(
        "ci_length",
        "How long",
        ("epochs", "budget"),
        format={"epochs": "Epochs", "budget": "Time budget"}.__getitem__,
        help="Train for a number of epochs, or for a time budget",
    )
    return bool(how == "budget")


def _length(settings: Settings, budgeted: bool) -> dict[str, Any]:
    if not budgeted:
        epochs = settings.slider(
            "ci_epochs", "Epochs", 1, 100, help="Passes through the training pictures", width=SLIDER
        )
        return {"epochs": epochs, "time_budget": 0.0}
    seconds = settings.steps(
        "ci_budget",
        "Seconds of training",
        BUDGETS,
        format=lambda value: numbers.duration(value),
        help="The learning rate decays over this time; then the run ends.",
        width=SLIDER,
    )
    return {"epochs": BUDGET_EPOCHS, "time_budget": float(seconds)}


def _pictures(settings: Settings, base: Experiment, info: DatasetInfo, linked: Pipeline | None) -> dict[str, Any]:
    largest = info.train_images - base.held_out
    images = settings.steps(
        "ci_images",
        "Training pictures",
        sorted({*(n for n in IMAGES if n < largest), base.train_images, largest}),
        format=numbers.count,
        help=f"Number of pictures to train on. {numbers.count(base.held_out)} more are held out for choosing settings; "
        f"{numbers.count(info.test_images)} others are for testing.",
    )
    options = dict(AUGMENTATIONS)
    if linked is not None:
        options = {BROUGHT: pipeline_link.FROM_LINK_TITLE} | options
    chosen = settings.choice(
        AUGMENTATION,
        "Augmentation",
        list(options),
        format=options.__getitem__,
        help="Random changes of each training picture, different every time. Test pictures are not changed.",
    )
    if chosen == BROUGHT and linked is not None:
        st.markdown(pipeline_link.step_list(linked))
    ablation.beside(chosen, AUGMENTATION)
    batch = settings.steps(
        "ci_batch", "Batch size", sorted({*BATCHES, base.batch_size}), help="Pictures per training step"
    )
    ablation.beside(batch, "ci_batch")
    augmentation = linked if chosen == BROUGHT else PIPELINES[chosen]
    return {"train_images": images, "augmentation": augmentation, "batch_size": batch}


def _more(settings: Settings) -> dict[str, Any]:
    return {
        "schedule": settings.choice(
            "ci_schedule",
            "Schedule",
            SCHEDULES,
            format=str.capitalize,
            help="How the learning rate changes over the run",
        ),
        "warmup": settings.slider(
            "ci_warmup",
            "Warm-up (fraction)",
            0,
            0.5,
            step=0.01,
            help="Share of the steps in which the learning rate rises from 0",
        ),
        "weight_decay": settings.slider(
            "ci_decay", "Weight decay", 0, 0.2, step=0.0001, help="How strongly weights are pulled toward 0"
        ),
        "precision": ablation.beside(
            settings.choice(
                "ci_precision",
                "Precision",
                PRECISIONS,
                help="Auto uses bf16 or fp16 if this machine computes it faster, else float32.",
            ),
            "ci_precision",
        ),
        "seed": settings.number("ci_seed", "Seed", 0, 2**31 - 1, help="The same seed gives the same run"),
    }
