"""The notes' "MLPs lose pixel proximity", shown: a digit as a list, and both networks on shuffled pixels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.data import permutation
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.components import sliding_window
from core.ui.components.flattened_digit import flattened
from core.ui.display import numbers
from core.ui.state.mnist_link import INPUT_SHAPE
from core.ui.views.mnist import live
from core.ui.views.mnist.networks import Contender

SWITCH = "m_shuffle"


def show(contenders: Sequence[Contender]) -> None:
    """Draw the section. Raises StoreUnavailable when the runs cannot be read."""
    shuffled = bool(contenders) and contenders[0].experiment.shuffle_pixels
    st.markdown(
        "An MLP is given a digit as one line of 784 numbers, each with weights of its own. Number the pixels in "
        "another order, the same for every picture, and the same sums come out: it knew no neighbors. "
        "A CNN's kernels look at neighbors only, and shuffled pixels have none."
    )
    flattened(
        np.array(sliding_window.digit(), np.uint8), permutation(INPUT_SHAPE), shuffled=shuffled, key="m_flattened"
    )
    if not contenders:
        return
    _results(contenders)
    st.button(
        "Train them with the pixels in place" if shuffled else "Train them on shuffled pixels",
        icon=":material/shuffle:",
        on_click=_switch,
        args=(not shuffled,),
        help="Everything else stays as it is set above. The runs of before stay on the chart.",
    )


def _results(contenders: Sequence[Contender]) -> None:
    """What was measured of both kinds, as far as it was trained."""
    pairs = [(contender, twins(contender.experiment)) for contender in contenders]
    runs = client.runs().get_many([twin.key for _, both in pairs for twin in both])
    rows = [
        f"| {contender.role.name} | " + " | ".join(_accuracy(runs.get(twin.key)) for twin in both) + " |"
        for contender, both in pairs
    ]
    st.markdown("\n".join(["| Test accuracy | pixels in place | pixels shuffled |", "| --- | --- | --- |", *rows]))


def twins(experiment: Experiment) -> tuple[Experiment, Experiment]:
    """The same experiment with its pixels in place, and with its pixels shuffled."""
    return replace(experiment, shuffle_pixels=False), replace(experiment, shuffle_pixels=True)


def _accuracy(run: Run | None) -> str:
    return numbers.percent(run.summary["test_accuracy"]) if run and run.state == FINISHED else "not trained yet"


def _switch(shuffled: bool) -> None:
    st.session_state[SWITCH] = shuffled
    st.session_state[live.TRAIN_NOW] = True
