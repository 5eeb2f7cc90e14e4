"""The selection on each card: its own settings, the layer calculator's network, or a preset."""

import streamlit as st

from core.layers import specs
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui.run_panels.setting_labels import OPTIMIZER_NAMES
from core.ui.state import link_to_mnist
from core.ui.state.link_to_mnist import FROM_CALCULATOR, INPUT_SHAPE
from core.ui.state.settings import Settings
from core.ui.views.mnist.training_settings import Recipe

OWN = "own"
TITLES = {OWN: "Your own", FROM_CALCULATOR: "From the layer calculator"}
PUBLISHED = "capsnet"  # takes hours: the capsules page offers it, with an estimate of its time


def names(slot: str) -> list[str]:
    """Return the presets that a card offers; both CNNs' cards offer the same."""
    kind = "m_cnn" if slot == "m_aug" else slot
    return [
        name
        for name, preset in PRESETS.items()
        if preset.experiment.data == "mnist"
        and link_to_mnist.slot(preset.experiment.layers) == kind
        and name != PUBLISHED
    ]


def pick(settings: Settings, slot: str, recipe: Recipe, net: specs.Network | None) -> Experiment | None:
    """Draw the selection of a preset.

    Args:
        settings: The page's.
        slot: The card.
        recipe: The shared training settings.
        net: The network from the layer calculator, which can be selected on the card of its kind.

    Returns:
        The selected experiment, or None for the card's own settings.
    """
    name = settings.choice(
        slot,
        "Network",
        [OWN, *([FROM_CALCULATOR] if net and link_to_mnist.slot(net) == slot else []), *names(slot)],
        format=lambda name: TITLES.get(name) or PRESETS[name].title,
        help="A preset is a network with its own training settings, named for its accuracy with all of MNIST.",
    )
    if name == OWN:
        return None
    if name == FROM_CALCULATOR and net:
        note = link_to_mnist.ending_note(net, INPUT_SHAPE)
        st.caption(f"The network from the layer calculator, trained with the settings on this page. {note}".strip())
        return recipe.own(net)
    experiment = recipe.preset(PRESETS[name].experiment)
    st.caption(
        f"{PRESETS[name].purpose} Its own settings: epochs {experiment.epochs}, batch size {experiment.batch_size}, "
        f"{OPTIMIZER_NAMES[experiment.optimizer]} at {experiment.learning_rate:g}. "
        "Training images, seed, shuffling and precision are those set on this page."
    )
    return experiment
