"""Equal budgets: set the MLP's width so that it matches the CNN in parameters or training time.

Capsules, if they are switched on, are set to the same parameters by `capsule_card`.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.layers import equal_parameters
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
NOW, MATCHED = "m_match_now", "m_matched"  # session keys: measure in this rerun; what the width was measured for
PROBES = 4


def pick(settings: Settings) -> str:
    """Draw the selection of a budget, and return it."""
    chosen = settings.segments(
        "m_budget",
        "Budget",
        list(BUDGETS),
        format=BUDGETS.__getitem__,
        help="Sets the width of the MLP's hidden layers so that both networks have about as many parameters, or train "
        "at about the same speed on this machine. The same parameters also set the sizes of a capsule network.",
        on_change=_switched,
    )
    return str(chosen)


def size_by_parameters(cnn_parameters: int, depth: int) -> None:
    """Set the MLP's width so that it has about as many parameters as the CNN. Call this before drawing its slider."""
    _set_width(equal_parameters.width_for_parameters(cnn_parameters, depth))


def size_by_time(cnn: Experiment, mlp: Callable[[int], Experiment]) -> None:
    """Set the MLP's width so that it trains as fast as the CNN, if that was just requested.

    Call this before drawing its slider. The width is then a setting like any other, so a link reproduces it.

    Args:
        cnn: The CNN's experiment.
        mlp: Returns the MLP's experiment for a width.
    """
    wanted = f"{cnn.key} {mlp(1).key}"
    if st.session_state.pop(NOW, False):
        try:
            width, mlp_rate, cnn_rate = _measure(cnn.to_json(), mlp(1).to_json())
        except InferenceError as error:
            messages.warning(f"The speeds could not be measured. {error}")
            return
        _set_width(width)
        st.session_state[MATCHED] = wanted, f"MLP {numbers.rate(mlp_rate)}, CNN {numbers.rate(cnn_rate)}"
    matched, speeds = st.session_state.get(MATCHED, (None, ""))
    if matched == wanted:
        st.caption(f"Measured here: {speeds}")
    else:
        st.button(
            "Measure for these settings",
            icon=":material/timer:",
            help="Trains both networks for a moment to measure their speed, and sets the MLP's width.",
            on_click=_switched,
        )


def width_of_equal_rate(target: float, rate: Callable[[int], float]) -> tuple[int, float]:
    """Find the width in WIDTHS whose rate is closest to a target, with PROBES measurements.

    The search bisects the logarithm of the width, then interpolates between the two widths that enclose the target.

    Args:
        target: In images per second.
        rate: Measures the images per second for a width; it falls as the width grows.

    Returns:
        The width and its rate.
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
    """Return the MLP's width, its rate and the CNN's, in images per second.

    Raises:
        InferenceError: If a network cannot be measured.
    """
    measure = client.inference().images_per_second
    target = measure(Experiment.from_json(cnn))
    return *width_of_equal_rate(target, lambda width: measure(_widened(Experiment.from_json(mlp), width))), target


def _widened(mlp: Experiment, width: int) -> Experiment:
    layers = mlp.layers
    hidden = [replace(layer, units=width) if isinstance(layer, Linear) else layer for layer in layers[:-1]]
    return replace(mlp, layers=(*hidden, layers[-1]))


def _set_width(width: int) -> None:
    st.session_state[WIDTH] = min(max(width, WIDTHS[0]), WIDTHS[1])


def _switched() -> None:
    st.session_state[NOW] = True
