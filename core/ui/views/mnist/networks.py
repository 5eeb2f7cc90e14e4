"""Cards of the contenders: main settings, drawing, parameters and MACs of each network."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.layers import builders, specs
from core.layers.calculator import analyse
from core.layers.validation import LayerError
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui import messages
from core.ui.display import colors, numbers
from core.ui.display.colors import Role
from core.ui.display.network_diagram import network_svg
from core.ui.run_panels import settings_file
from core.ui.run_panels.labels import OPTIMIZER_NAMES
from core.ui.state import mnist_link
from core.ui.state.mnist_link import FROM_CALCULATOR, INPUT_SHAPE
from core.ui.state.settings import Settings
from core.ui.views.mnist import calculator_network, width_budget
from core.ui.views.mnist.training_settings import Recipe

OWN = "own"
TITLES = {OWN: "Your own", FROM_CALCULATOR: "From the layer calculator"}
DENSE_UNITS = (0, 16, 32, 64, 128, 256, 512)

_CNN: dict[str, Any] = {
    "": OWN,
    "_blocks": 2,
    "_filters": 16,
    "_kernel": 3,
    "_pool": "max",
    "_dense": 64,
    "_drop": 0.0,
    "_norm": False,
}
DEFAULTS: dict[str, Any] = {
    "m_budget": "free",
    "m_third": False,
    "m_mlp": OWN,
    "m_mlp_layers": 2,
    "m_mlp_width": 128,
    "m_mlp_drop": 0.0,
    **{f"m_cnn{name}": value for name, value in _CNN.items()},
    **{f"m_aug{name}": value for name, value in _CNN.items()},
    "m_aug_shift": 2.0,
    "m_aug_rotate": 10.0,
    "m_aug_scale": 0.1,
}


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the networks that are compared."""

    slot: str  # "m_mlp", "m_cnn" or "m_aug": its place on the page
    role: Role
    experiment: Experiment
    parameters: int
    macs: int


@lru_cache(maxsize=1024)
def cost(layers: specs.Network) -> tuple[int, int]:
    """Return the parameters, and the MACs for one picture of INPUT_SHAPE.

    Raises:
        LayerError: If the network is invalid.
    """
    rows = analyse(layers, INPUT_SHAPE)
    return sum(row.parameters for row in rows), sum(row.macs for row in rows)


@lru_cache(maxsize=256)
def picture(layers: specs.Network, role: Role) -> str:
    """Return a drawing of the network as SVG in one line, since Markdown treats indented lines as code."""
    return " ".join(network_svg(layers, INPUT_SHAPE, color=role.color, title=f"{role.name}, layer by layer").split())


def pick(settings: Settings, recipe: Recipe) -> list[Contender]:
    """Draw the two or three cards and return their contenders; none if a network is invalid."""
    cards = [st.container(border=True, key=f"card_{slot}") for slot in ("m_mlp", "m_cnn")]
    wanted = width_budget.pick(settings)
    net = calculator_network.load_from_url()
    third = settings.switch(
        "m_third",
        "Add a CNN with data augmentation",
        help="Its training digits are shifted, rotated and scaled at random each time.",
    )
    slots = ["m_mlp", "m_cnn", *(["m_aug"] if third else [])]
    cards += [st.container(border=True, key=f"card_{slot}") for slot in slots[2:]]
    heads = [card.container() for card in cards]
    try:
        with cards[1]:
            cnn = _cnn(settings, "m_cnn", recipe, net)
        with cards[0]:
            chosen = [_mlp(settings, recipe, wanted, cnn, net), cnn]
        for index, slot in enumerate(slots[:2]):  # a loaded network goes to the card of its kind
            with cards[index]:
                chosen[index] = settings_file.current("m", chosen[index], partial(_belongs_to, slot))
        for card in cards[2:]:
            with card:
                chosen.append(_cnn(settings, "m_aug", recipe))
        contenders = [
            Contender(slot, role, experiment, *cost(experiment.layers))
            for slot, role, experiment in zip(slots, colors.roles(chosen), chosen, strict=True)
        ]
    except LayerError as error:
        messages.error(f"Invalid network: {error}")
        return []
    calculator_network.remember(net)
    for head, contender in zip(heads, contenders, strict=True):
        _head(head, contender)
    return contenders


def _belongs_to(slot: str, loaded: Experiment) -> bool:
    """Return True if a loaded experiment's network belongs on this card."""
    return mnist_link.slot(loaded.layers) == slot


def _head(container: DeltaGenerator, contender: Contender) -> None:
    """Draw name, picture and cost above the controls."""
    role = contender.role
    name = role.name[0].upper() + role.name[1:]
    container.html(
        Markup(
            '<div class="card-head" style="--role: {}"><i></i><b>{}</b><span>{} parameters · {} MACs</span></div>'
        ).format(role.color, name, numbers.count(contender.parameters), numbers.short(contender.macs))
    )
    container.markdown(picture(contender.experiment.layers, role), unsafe_allow_html=True)


def _mlp(settings: Settings, recipe: Recipe, wanted: str, cnn: Experiment, net: specs.Network | None) -> Experiment:
    preset, _ = _preset(settings, "m_mlp", recipe, net)
    if preset:
        return preset
    note = st.container()
    left, middle, right = st.columns([2, 3, 2], wrap=False)
    with left:
        depth = settings.slider(
            "m_mlp_layers",
            "Layers",
            0,
            5,
            help="Hidden layers. With none the network is a linear classifier: ten weighted sums.",
        )
    with right:
        drop = settings.slider(
            "m_mlp_drop",
            "Dropout",
            0,
            0.8,
            step=0.05,
            help="Share of the units that are set to 0 at random in each training step.",
        )

    def of_width(width: int) -> Experiment:
        return recipe.own(builders.mlp([width] * depth, drop))

    if depth and wanted == "parameters":
        width_budget.size_by_parameters(cost(cnn.layers)[0], depth)
    elif depth and wanted == "time":
        with note:
            width_budget.size_by_time(cnn, of_width)
    with middle:
        width = settings.slider(
            "m_mlp_width",
            "Units",
            *width_budget.WIDTHS,
            help="Units of each hidden layer." + (" Set by the parameter budget." if wanted == "parameters" else ""),
            disabled=depth == 0 or wanted == "parameters",
        )
    return of_width(width)


def _cnn(settings: Settings, slot: str, recipe: Recipe, net: specs.Network | None = None) -> Experiment:
    preset, beside = _preset(settings, slot, recipe, net)
    if preset:
        return preset
    left, middle, right = st.columns(3, wrap=False)
    with left:
        blocks = settings.slider(
            f"{slot}_blocks",
            "Blocks",
            1,
            4,
            help="Each block convolves, halves the picture by pooling, and doubles the filters.",
        )
    with middle:
        filters = settings.slider(
            f"{slot}_filters",
            "Filters K",
            1,
            64,
            help="Kernels of the first block; each computes one output plane. Every later block has twice as many.",
        )
    with right:
        kernel = settings.steps(
            f"{slot}_kernel",
            "Kernel F",
            (1, 3, 5, 7),
            help="Kernel size: each output value depends on F × F pixels.",
            format=lambda f: f"{f} × {f}",
        )
    with beside:
        rest = _rest(settings, slot)
        augmentation = _own_augmentation(settings) if slot == "m_aug" else None
    return recipe.own(builders.cnn(blocks, filters, kernel, **rest), augmentation)


def _rest(settings: Settings, slot: str) -> dict[str, Any]:
    with st.popover("More", icon=":material/tune:", help="Pooling, dense units, dropout, batch norm"):
        return {
            "pool": settings.segments(
                f"{slot}_pool",
                "Pooling",
                ("max", "average"),
                format=str.capitalize,
                help="How each 2 × 2 window is reduced to one value.",
            ),
            "dense": settings.steps(
                f"{slot}_dense",
                "Dense units",
                DENSE_UNITS,
                help="Units of the fully connected layer before the ten outputs; 0 leaves it out.",
            ),
            "dropout": settings.slider(
                f"{slot}_drop",
                "Dropout",
                0,
                0.8,
                step=0.05,
                help="Share of the dense units that are set to 0 at random in each training step.",
            ),
            "batch_norm": settings.switch(
                f"{slot}_norm",
                "Batch norm",
                help="Normalizes each plane to mean 0 and variance 1 over the batch: faster, more stable training.",
            ),
        }


def _own_augmentation(settings: Settings) -> Pipeline:
    with st.popover("Augmentation", icon=":material/open_with:", help="Random changes of its training digits"):
        return random_affine(
            shift=settings.slider("m_aug_shift", "Shift (px)", 0, 6, step=1, help="Maximum shift (± px)."),
            rotate=settings.slider("m_aug_rotate", "Rotate (degrees)", 0, 45, step=1, help="Maximum angle (±°)."),
            scale=settings.slider(
                "m_aug_scale",
                "Scale (fraction)",
                0,
                0.5,
                step=0.05,
                help="Maximum change: 0.1 means 10 % smaller to 10 % larger.",
            ),
        )


def _preset(
    settings: Settings, slot: str, recipe: Recipe, net: specs.Network | None
) -> tuple[Experiment | None, DeltaGenerator]:
    """Draw the selection of a preset.

    Args:
        settings: The page's.
        slot: The card.
        recipe: The shared training settings.
        net: The network from the layer calculator, which can be selected on the card of its kind.

    Returns:
        The selected experiment, or None for the card's own settings; and the container beside the selection.
    """
    convolves = slot != "m_mlp"
    names = [
        name
        for name, preset in PRESETS.items()
        if name.startswith("mnist-") and (colors.role(preset.experiment) != colors.MLP) == convolves
    ]
    row = st.container(horizontal=True, gap="small")
    with row:
        name = settings.choice(
            slot,
            "Network",
            [OWN, *([FROM_CALCULATOR] if net and mnist_link.slot(net) == slot else []), *names],
            format=lambda name: TITLES.get(name) or PRESETS[name].title,
            help="A preset is a network with its own training settings, named for its accuracy with all of MNIST.",
            label_visibility="collapsed",
        )
    if name == OWN:
        return None, row
    if name == FROM_CALCULATOR and net:
        note = mnist_link.ending_note(net, INPUT_SHAPE)
        st.caption(f"The network from the layer calculator, trained with the settings on this page. {note}".strip())
        return recipe.own(net), row
    experiment = recipe.preset(PRESETS[name].experiment)
    st.caption(
        f"{PRESETS[name].purpose} Its own settings: epochs {experiment.epochs}, batch size {experiment.batch_size}, "
        f"{OPTIMIZER_NAMES[experiment.optimizer]} at {experiment.learning_rate:g}. "
        "Training images, seed, shuffling and precision are those set on this page."
    )
    return experiment, row
