"""Learning-rate range test: one button runs it, another applies the suggested rate."""

from collections.abc import Sequence

import streamlit as st

from core.data import DatasetInfo
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.training.range_test import RANGE_STEPS, doubt, range_test, suggestion
from core.ui import messages
from core.ui.backend import client, redrawn_fragments
from core.ui.display import output_names
from core.ui.run_panels import run_controls
from core.ui.views.cifar import rate_chart, run_titles, time_budget

TICK_SECONDS = 0.5


def show(experiment: Experiment, rates: Sequence[float], info: DatasetInfo) -> None:
    """Draw the range test of an experiment.

    Args:
        experiment: The experiment that is set up on the page.
        rates: Values of the learning-rate slider.
        info: The dataset.
    """
    tested = range_test(experiment)
    st.markdown(
        f"The learning rate rises by a factor of a million in {RANGE_STEPS} steps. Rates at which the loss falls are "
        "useful; where it jumps up, the rate is too large (Smith 2017)."
    )
    try:
        runs = client.runs().get_many([tested.key])
    except StoreUnavailable as error:
        messages.error(error)
        return
    run = runs.get(tested.key)
    if run is None or run_controls.untrained([tested], runs):
        if run is not None and run.reason:
            messages.warning(run.reason)
        if run_controls.train_button(
            [tested], "Run it", "ci_range", device=time_budget.wanted(), help="Takes a few seconds; other runs continue"
        ):
            st.rerun()
        return
    redrawn_fragments.fragment(_panel, TICK_SECONDS if run.active else None)(tested, rates, info, run.active)


def _panel(tested: Experiment, rates: Sequence[float], info: DatasetInfo, was_active: bool) -> None:
    try:
        frames = client.feed().frames([tested.key]).get(tested.key)
    except StoreUnavailable as error:
        messages.error(error)
        return
    if frames is None:
        return
    points = frames.progress["learning_rate"].tolist(), frames.progress["loss"].tolist()
    suggested = None if frames.run.active else suggestion(*points)
    st.vega_lite_chart(
        rate_chart.tested(frames, suggested),
        rate_chart.range_spec(output_names.loss_title(tested.layers)),
        key="ci_range_chart",
        alt="Loss against learning rate; the suggested rate is given below",
    )
    if suggested is not None:
        nearest = rate_chart.nearest(rates, suggested.learning_rate)
        st.markdown(
            f"The loss was lowest at {suggested.lowest:.2g} and fell fastest at {suggested.steepest:.2g}. A quarter of "
            f"the rate with the lowest loss is a good peak learning rate: **{suggested.learning_rate:.2g}**."
        )
        if st.button(
            f"Use {nearest:g}",
            key="ci_range_use",
            on_click=_use,
            args=(nearest,),
            help="Sets the learning rate to the nearest value of the slider",
        ):
            st.rerun()  # the whole page: the slider is not in this fragment
    elif not frames.run.active:
        st.markdown(f"**No suggestion:** {doubt(*points)}")
    st.caption(run_titles.standin(info))
    if was_active and not frames.run.active:
        st.rerun()


def _use(rate: float) -> None:
    st.session_state["ci_rate"] = rate
