"""The learning-rate range test beside the learning rate: one click runs it, another takes what it says."""

from collections.abc import Sequence

import streamlit as st

from core.data import DatasetInfo
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.training.range_test import RANGE_STEPS, doubt, range_test, suggestion
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.views.cifar import rate_chart, run_titles, time_budget

TICK_SECONDS = 0.5


def show(experiment: Experiment, rates: Sequence[float], info: DatasetInfo) -> None:
    """Draw the test of the experiment that is set up."""
    tested = range_test(experiment)
    st.markdown(
        f"In {RANGE_STEPS} steps the learning rate rises a millionfold. Where the loss falls, the rate is useful; "
        "where it jumps up, it is too large (Smith 2017)."
    )
    try:
        known = client.runs().get_many([tested.key]).get(tested.key)
    except StoreUnavailable as error:
        messages.error(error)
        return
    if known is None or known.state in ("stopped", "failed"):
        if known is not None and known.reason:
            messages.warning(known.reason)
        if st.button(
            "Run it", key="ci_range", type="primary", help="It trains for a few seconds, beside what trains already"
        ) and run_requests.submit([tested], time_budget.wanted()):
            st.rerun()
        return
    st.fragment(_panel, run_every=TICK_SECONDS if known.active else None)(tested, rates, info, known.active)


def _panel(tested: Experiment, rates: Sequence[float], info: DatasetInfo, was_active: bool) -> None:
    try:
        frames = client.feed().frames([tested.key]).get(tested.key)
    except StoreUnavailable as error:
        messages.error(error)
        return
    if frames is None:
        return
    points = frames.progress["learning_rate"].tolist(), frames.progress["loss"].tolist()
    found = None if frames.run.active else suggestion(*points)
    st.vega_lite_chart(
        rate_chart.tested(frames, found),
        rate_chart.range_spec(),
        key="ci_range_chart",
        alt="Loss against learning rate; what it suggests is said below",
    )
    if found is not None:
        near = rate_chart.suggested(rates, found.learning_rate)
        st.markdown(
            f"The loss was least at {found.lowest:.2g} and fell fastest at {found.steepest:.2g}. A quarter of the "
            f"first is a good peak: **{found.learning_rate:.2g}**."
        )
        if st.button(
            f"Use {near:g}",
            key="ci_range_use",
            on_click=_use,
            args=(near,),
            help="Sets the learning rate to the slider's nearest step",
        ):
            st.rerun()  # the whole page: the slider is not in this fragment
    elif not frames.run.active:
        st.markdown(f"**It cannot tell:** {doubt(*points)}")
    st.caption(run_titles.standin(info))
    if was_active and not frames.run.active:
        st.rerun()


def _use(near: float) -> None:
    st.session_state["ci_rate"] = near
