"""Colors with a meaning, the same on every page: Okabe and Ito's, which the color-blind tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.layers import specs
from core.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Role:
    """Something the app compares: its name on the screen and its color everywhere."""

    name: str
    color: str


MLP = Role("MLP", "#D55E00")
CNN = Role("CNN", "#0072B2")
CNN_AUGMENTED = Role("CNN with augmentation", "#009E73")
CAPSULES = Role("Capsules", "#CC79A7")
CNN_BLUR_POOLED = Role("Blur-pooled CNN", "#56B4E9")
SECOND = "#E69F00"  # a second example of a kind
CHANCE = "#8A8F98"  # chance, or random weights


def role(experiment: Experiment) -> Role:
    """What an experiment's network is an example of."""
    if not any(isinstance(layer, specs.Conv) for layer in experiment.layers):
        return MLP
    return CNN_AUGMENTED if experiment.augmentation else CNN


def roles(experiments: Sequence[Experiment]) -> list[Role]:
    """A role for each, told apart: the second example of a kind takes the color kept for it and says so."""
    named: list[Role] = []
    for experiment in experiments:
        own = role(experiment)
        named.append(Role(f"Second {own.name}", SECOND) if own in named else own)
    return named
