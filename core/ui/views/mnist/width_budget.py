"""The same budget for both: an MLP as wide as the CNN has parameters, or as it takes to train."""

import math
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.layers import builders
from core.layers.specs import Linear
from core.runs.inference_client import InferenceError
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.state.settings import Settings

BUDGETS = {"free": "Free", "parameters": "Same parameters", "time": "Same training time"}
WIDTHS = (1, 2048)
WIDTH = "m_mlp_width"
NOW, MATCHED = "m_match_now", "m_matched"  # in the session: measure in this run; what the width was measured for
PROBES = 4


def pick(settings: Settings) -> str:
    """The switch."""
    chosen = settings.segments(
        "m_budget",
        "Budget",
        list(BUDGETS),
        format=BUDGETS.__getitem__,
        help="Sizes the MLP's hidden layers so that both networks have about the same number of parameters, or train "
        "about the same number of images a second on this machine.",
        on_change=_switched,
    )
    return str(chosen)


def size_by_parameters(cnn_parameters: int, depth: int) -> None:
    """Set the MLP's width to what has about as many parameters as the CNN. Before the width's slider is drawn."""
    _set_width(builders.width_for_parameters(cnn_parameters, depth))


def size_by_time(cnn: Experiment, mlp: Callable[[int], Experiment]) -> None:
    """Set the MLP's width to what trains as fast as the CNN, when that was asked for just now. Before its slider.

    `mlp` gives the MLP's experiment for a width. The width is then a setting like any other: a link reproduces it.
    """
    wanted = f"{cnn.key} {mlp(1).key}"
    if st.session_state.pop(NOW, False):
        try:
            width, own, other = _measure(cnn.to_json(), mlp(1).to_json())
        except InferenceError as error:
            messages.warning(f"The speeds could not be measured. {error}")
            return
        _set_width(width)
        st.session_state[MATCHED] = wanted, f"MLP {numbers.rate(own)}, CNN {numbers.rate(other)}"
    matched, speeds = st.session_state.get(MATCHED, (None, ""))
    if matched == wanted:
        st.caption(f"Measured here: {speeds}")
    else:
        st.button(
            "Measure for these settings",
            icon=":material/timer:",
            help="Trains both for a moment and sets the MLP's width by what that shows.",
            on_click=_switched,
        )


def width_of_equal_rate(target: float, rate: Callable[[int], float]) -> tuple[int, float]:
    """The width in WIDTHS whose rate (images/s, falling as the width grows) is nearest to `target`, and that rate.

    Measures PROBES times: by halves in the logarithm, then along the line through the two that enclose the target.
    """
    low, high = WIDTHS[0], WIDTHS[1]
    measured = {high: rate(high)}
    if measured[high] >= target:
        return high, measured[high]
    width = 128
    for _ in range(PROBES):
        measured[width] = rate(width)
        low, high = (width, high) if measured[width] > target else (low, width)
        if low in measured and high in measured and measured[low] > measured[high]:
            part = math.log(measured[low] / target) / math.log(measured[low] / measured[high])
        else:
            part = 0.5
        width = round(math.exp(math.log(low) + part * (math.log(high) - math.log(low))))
        if width in measured:
            break
    best = min(measured, key=lambda w: abs(math.log(measured[w] / target)))
    return best, measured[best]


@st.cache_data(max_entries=200, show_spinner="Measuring how fast each network trains on this machine")
def _measure(cnn: str, mlp: str) -> tuple[int, float, float]:
    """The MLP's width, its rate and the CNN's, images a second. Raises InferenceError."""
    ask = client.inference().images_per_second
    target = ask(Experiment.from_json(cnn))
    return *width_of_equal_rate(target, lambda width: ask(_widened(Experiment.from_json(mlp), width))), target


def _widened(mlp: Experiment, width: int) -> Experiment:
    layers = mlp.layers
    hidden = [replace(layer, units=width) if isinstance(layer, Linear) else layer for layer in layers[:-1]]
    return replace(mlp, layers=(*hidden, layers[-1]))


def _set_width(width: int) -> None:
    st.session_state[WIDTH] = min(max(width, WIDTHS[0]), WIDTHS[1])


def _switched() -> None:
    st.session_state[NOW] = True
