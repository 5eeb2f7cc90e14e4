"""Cards of the contenders: main settings, drawing, parameters and MACs of each network."""

from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.layers import builders, specs
from core.layers.setting_checks import LayerError
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.display import colors
from core.ui.layout import column_grid
from core.ui.run_panels import settings_file
from core.ui.run_panels.contenders import Contender, cost, head
from core.ui.state import link_to_mnist
from core.ui.state.settings import Settings
from core.ui.views.mnist import calculator_network, capsule_card, preset_picker, width_budget
from core.ui.views.mnist.preset_picker import OWN
from core.ui.views.mnist.training_settings import Recipe

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
    link_to_mnist.CAPSULES_SWITCH: False,
    "m_mlp": OWN,
    "m_mlp_layers": 2,
    "m_mlp_width": 128,
    "m_mlp_drop": 0.0,
    **{f"m_cnn{name}": value for name, value in _CNN.items()},
    **{f"m_aug{name}": value for name, value in _CNN.items()},
    "m_aug_shift": 2.0,
    "m_aug_rotate": 10.0,
    "m_aug_scale": 0.1,
    capsule_card.SLOT: OWN,
    **capsule_card.DEFAULTS,
}


# Contenders that can be switched on: the switch's key, its label and its help.
SWITCHES = {
    "m_aug": (
        "m_third",
        "Add a CNN with data augmentation",
        "Its training digits are shifted, rotated and scaled at random each time.",
    ),
    capsule_card.SLOT: (
        link_to_mnist.CAPSULES_SWITCH,
        "Add a capsule network",
        "Its parts are vectors, which vote for the digit by routing. It trains more slowly than the other networks.",
    ),
}


def pick(settings: Settings, recipe: Recipe, more: DeltaGenerator) -> tuple[list[Contender], dict[str, DeltaGenerator]]:
    """Draw the cards, each with its name, cost and settings.

    Args:
        settings: The page's.
        recipe: The shared training settings.
        more: Where the budget and further networks are chosen.

    Returns:
        The contenders, none if a network is invalid; and their cards by slot.
    """
    with more:
        wanted = width_budget.pick(settings)
        net = calculator_network.load_from_url()
        added = [slot for slot, (key, label, help) in SWITCHES.items() if settings.switch(key, label, help=help)]
    slots = ["m_mlp", "m_cnn", *added]
    rows = range(0, len(slots), 2)
    columns = [
        column
        for row in rows
        for column in (column_grid.swiped(f"cards_{row}", 2) if len(rows) > 1 else column_grid.halves())
    ]
    cards = {
        slot: column.container(border=True, height="stretch", key=f"card_{slot}")
        for slot, column in zip(slots, columns, strict=False)
    }
    heads, controls = {}, {}
    for slot, card in cards.items():
        with card.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head_{slot}"):
            heads[slot] = st.container()
            controls[slot] = st.popover("Change", icon=":material/tune:", help="Settings of this network")
    chosen: dict[str, Experiment] = {}
    try:
        for slot in sorted(cards, key=lambda slot: slot != "m_cnn"):  # the others may follow the CNN's size
            with controls[slot]:
                planned = _planned(settings, slot, recipe, wanted, chosen.get("m_cnn"), net)
                # a loaded network goes to the card of its kind
                chosen[slot] = settings_file.current("m", planned, partial(_belongs_to, slot))
        named = zip(cards, colors.roles([chosen[slot] for slot in cards]), strict=True)
        contenders = [Contender.of(slot, role, chosen[slot]) for slot, role in named]
    except LayerError as error:
        messages.error(f"Invalid network: {error}")
        return [], cards
    calculator_network.remember(net)
    for contender in contenders:
        head(heads[contender.slot], contender)
    return contenders, cards


def _planned(
    settings: Settings,
    slot: str,
    recipe: Recipe,
    wanted: str,
    cnn: Experiment | None,
    net: specs.Network | None,
) -> Experiment:
    """Draw a card's controls and return its experiment. All cards but the CNN's are given the CNN."""
    if cnn is None or slot == "m_aug":
        return _cnn(settings, slot, recipe, net if slot == "m_cnn" else None)
    if slot == "m_mlp":
        return _mlp(settings, recipe, wanted, cnn, net)
    preset = preset_picker.pick(settings, slot, recipe, net)
    equal_to = cost(cnn.layers)[0] if wanted == "parameters" else None
    return preset or recipe.own(capsule_card.layers(settings, equal_to))


def _belongs_to(slot: str, loaded: Experiment) -> bool:
    """Return True if a loaded experiment's network belongs on this card."""
    return link_to_mnist.slot(loaded.layers) == slot


def _mlp(settings: Settings, recipe: Recipe, wanted: str, cnn: Experiment, net: specs.Network | None) -> Experiment:
    preset = preset_picker.pick(settings, "m_mlp", recipe, net)
    if preset:
        return preset
    depth = settings.slider(
        "m_mlp_layers",
        "Layers",
        0,
        5,
        help="Hidden layers. With none the network is a linear classifier: ten weighted sums.",
    )
    units = st.container()
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
        with units:
            width_budget.size_by_time(cnn, of_width)
    with units:
        width = settings.slider(
            "m_mlp_width",
            "Units",
            *width_budget.WIDTHS,
            help="Units of each hidden layer." + (" Set by the parameter budget." if wanted == "parameters" else ""),
            disabled=depth == 0 or wanted == "parameters",
        )
    return of_width(width)


def _cnn(settings: Settings, slot: str, recipe: Recipe, net: specs.Network | None = None) -> Experiment:
    preset = preset_picker.pick(settings, slot, recipe, net)
    if preset:
        return preset
    blocks = settings.slider(
        f"{slot}_blocks",
        "Blocks",
        1,
        4,
        help="Each block convolves, halves the picture by pooling, and doubles the filters.",
    )
    filters = settings.slider(
        f"{slot}_filters",
        "Filters K",
        1,
        64,
        help="Kernels of the first block; each computes one output plane. Every later block has twice as many.",
    )
    kernel = settings.steps(
        f"{slot}_kernel",
        "Kernel F",
        (1, 3, 5, 7),
        help="Kernel size: each output value depends on F × F pixels.",
        format=lambda f: f"{f} × {f}",
    )
    rest = _rest(settings, slot)
    augmentation = _own_augmentation(settings) if slot == "m_aug" else None
    return recipe.own(builders.cnn(blocks, filters, kernel, **rest), augmentation)


def _rest(settings: Settings, slot: str) -> dict[str, Any]:
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
    st.caption("Random changes of its training digits:")
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
