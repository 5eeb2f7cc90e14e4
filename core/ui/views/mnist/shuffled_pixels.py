"""Show that MLPs ignore which pixels are neighbors: a flattened digit, and both networks on shuffled pixels."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.data import permutation
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.components.flattened_digit import example_digit, flattened
from core.ui.display import numbers
from core.ui.run_panels.contenders import Contender
from core.ui.state.link_to_mnist import INPUT_SHAPE
from core.ui.views.mnist import comparison

SWITCH = "m_shuffle"


def show(contenders: Sequence[Contender]) -> None:
    """Draw the section.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    shuffled = bool(contenders) and contenders[0].experiment.shuffle_pixels
    st.markdown(
        "An MLP receives a digit as a list of 784 numbers, each with its own weights. With the pixels in another "
        "order, the same for every picture, it computes the same sums: an MLP does not use which pixels are "
        "neighbors. A CNN's kernels combine neighboring pixels only, and shuffling separates those."
    )
    flattened(example_digit(), permutation(INPUT_SHAPE), shuffled=shuffled, key="m_flattened")
    if not contenders:
        return
    _results(contenders)
    st.button(
        "Train with the pixels in order" if shuffled else "Train on shuffled pixels",
        icon=":material/shuffle:",
        on_click=_switch,
        args=(not shuffled,),
        help="All other settings stay the same. Earlier runs stay on the chart.",
    )


def _results(contenders: Sequence[Contender]) -> None:
    """Draw a table of the accuracies with both pixel orders, as far as they were trained."""
    pairs = [(contender, variants(contender.experiment)) for contender in contenders]
    runs = client.runs().get_many([variant.key for _, both in pairs for variant in both])
    rows = [
        f"| {contender.role.name} | " + " | ".join(_accuracy(runs.get(variant.key)) for variant in both) + " |"
        for contender, both in pairs
    ]
    st.markdown("\n".join(["| Test accuracy | pixels in order | pixels shuffled |", "| --- | --- | --- |", *rows]))


def variants(experiment: Experiment) -> tuple[Experiment, Experiment]:
    """Return the experiment with its pixels in order, and with its pixels shuffled."""
    return replace(experiment, shuffle_pixels=False), replace(experiment, shuffle_pixels=True)


def _accuracy(run: Run | None) -> str:
    return numbers.percent(run.summary["test_accuracy"]) if run and run.state == FINISHED else "not trained yet"


def _switch(shuffled: bool) -> None:
    st.session_state[SWITCH] = shuffled
    st.session_state[comparison.COMPARISON.train_now] = True
