"""Networks that are trained side by side: each one's place on the page, its cost, and the head of its card."""

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.layers import specs
from core.layers.calculator import analyze, totals
from core.layers.equal_parameters import DIGIT, without_decoder
from core.training.experiment import Experiment
from core.ui.display import numbers, word_meanings
from core.ui.display.colors import Role


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the networks that are compared."""

    slot: str  # "m_mlp": its place on the page, and the first letters of its keys
    role: Role
    experiment: Experiment
    parameters: int  # without a decoder, which takes no part in an answer
    macs: int

    @classmethod
    def of(cls, slot: str, role: Role, experiment: Experiment) -> "Contender":
        """Return the contender that trains an experiment on digits.

        Raises:
            LayerError: If its network is invalid.
        """
        return cls(slot, role, experiment, *cost(without_decoder(experiment.layers)))


@lru_cache(maxsize=1024)
def cost(layers: specs.Network) -> tuple[int, int]:
    """Return the parameters, and the MACs for one digit.

    Raises:
        LayerError: If the network is invalid.
    """
    found = totals(analyze(layers, DIGIT))
    return found.parameters, found.macs


def head(container: DeltaGenerator, contender: Contender) -> None:
    """Draw name and cost of a contender: the head of its card. A decoder's parameters are told apart."""
    role, layers = contender.role, contender.experiment.layers
    name = role.name[0].upper() + role.name[1:]
    decoder = cost(layers)[0] - contender.parameters
    more = f" + {numbers.count(decoder)} in the decoder" if decoder else ""
    container.html(
        Markup('<div class="card-head" style="--role: {}"><i></i><b>{}</b><span>{} {}{} · {} {}</span></div>').format(
            role.color,
            name,
            numbers.count(contender.parameters),
            word_meanings.titled("parameters"),
            more,
            numbers.short(contender.macs),
            word_meanings.titled("MACs"),
        )
    )
