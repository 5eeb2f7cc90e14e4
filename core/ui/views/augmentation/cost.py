"""Measure a pipeline's speed on this machine."""

import streamlit as st

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.views.augmentation import queries
from core.ui.views.augmentation.picture import InputPicture


def show(pipeline: Pipeline, source: InputPicture) -> None:
    """Draw the speed with and without batching. Raises InferenceError."""
    if not pipeline:
        st.caption("Add a step to measure its cost.")
        return
    batched, single = queries.cost(pipeline, source)
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Batched, 256 pictures",
            numbers.rate(batched),
            help="As in training: all pictures in one pass",
        )
        st.metric("One by one", numbers.rate(single), help="torchvision.transforms.v2, one picture after the other")
    st.markdown(
        f"Measured just now on pictures of {source.size}: batched is **{batched / single:.1f} times** as fast. "
        "If augmentation is slower than training, the network has to wait for its pictures."
    )
    st.button(
        "Measure again", icon=":material/timer:", key="a_measure", help="Other work on the machine affects the result"
    )
