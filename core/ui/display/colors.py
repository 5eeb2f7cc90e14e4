"""Colors with a meaning, the same on every page: Okabe and Ito's palette, which color-blind people can tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.layers import specs
from core.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Role:
    """Something the app compares: its name on the screen and its color everywhere."""

    name: str
    short: str  # where there is little room: at a line's end, on the scoreboard
    color: str
    meaning: str = ""  # a phrase for those who do not know the name


MLP = Role("MLP", "MLP", "#D55E00", "Multilayer perceptron: each unit sees every pixel")
CNN = Role("CNN", "CNN", "#0072B2", "Convolutional network: small windows slide over the picture")
CNN_AUGMENTED = Role("CNN with augmentation", "CNN+aug", "#009E73", "Trained on shifted and turned pictures, too")
CAPSULES = Role(
    "capsule network", "Capsules", "#CC79A7", "Its answers are lengths of capsules, which also say how parts lie"
)
CNN_BLUR_POOLED = Role("Blur-pooled CNN", "Blur CNN", "#56B4E9", "Pools with a blur, so that small shifts matter less")
SECOND = "#E69F00"  # a second example of a kind
CHANCE = "#8A8F98"  # chance, or random weights


Theme = Literal["light", "dark"]
PAPER: dict[Theme, str] = {"light": "#FDFCF9", "dark": "#14181D"}  # the page itself, as in .streamlit/config.toml
INK: dict[Theme, str] = {"light": "#1C2530", "dark": "#E7E5DF"}  # letters, as there
GRAY: dict[Theme, str] = {"light": "#5C6370", "dark": "#AEB4BD"}  # letters and lines of less weight
LIGHTER = {  # the same hues for letters on the dark page
    "#D55E00": "#FF8A3D",
    "#0072B2": "#56B0EA",
    "#009E73": "#34C99C",
}


def on_page(color: str, theme: Theme) -> str:
    """Return a color as it is legible for letters and lines on the page: lighter on the dark one."""
    return LIGHTER.get(color, color) if theme == "dark" else color


def theme() -> Theme:
    """Return the theme of the visitor's browser."""
    return "dark" if st.context.theme.type == "dark" else "light"


def kind(layers: Sequence[specs.Layer]) -> Role:
    """Return the kind of network that these layers are: an MLP, a CNN, or one of capsules."""
    if any(isinstance(layer, specs.PrimaryCapsules) for layer in layers):
        return CAPSULES
    return CNN if any(isinstance(layer, specs.Conv) for layer in layers) else MLP


def role(experiment: Experiment) -> Role:
    """Return the kind of network that an experiment trains, with its name and color."""
    if (own := kind(experiment.layers)) != CNN:
        return own
    if any(isinstance(layer, specs.BlurPool) for layer in experiment.layers) and not experiment.augmentation:
        return CNN_BLUR_POOLED
    return CNN_AUGMENTED if experiment.augmentation else CNN


def roles(experiments: Sequence[Experiment]) -> list[Role]:
    """Return a role for each experiment; the second network of a kind gets a color and a name of its own."""
    named: list[Role] = []
    for experiment in experiments:
        own = role(experiment)
        named.append(Role(f"second {own.name}", f"{own.short} 2", SECOND) if own in named else own)
    return named


VIRIDIS = ("#440154", "#482878", "#3E4A89", "#31688E", "#26828E", "#1F9E89", "#35B779", "#6DCD59", "#B4DE2C", "#FDE725")


def viridis(share: float) -> tuple[str, str]:
    """Return the color of a magnitude from 0 to 1, and the color of text on it."""
    step = min(int(share * len(VIRIDIS)), len(VIRIDIS) - 1)
    return VIRIDIS[step], "#FFFFFF" if step < 5 else "#000000"
