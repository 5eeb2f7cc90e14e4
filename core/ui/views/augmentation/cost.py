"""What a pipeline costs on this machine: measured when asked."""

import streamlit as st

from core.training.augmentation.pipeline import Pipeline
from core.ui.display import numbers
from core.ui.views.augmentation import queries
from core.ui.views.augmentation.picture import Subject


def show(pipeline: Pipeline, subject: Subject) -> None:
    """Draw the two rates. Raises InferenceError."""
    if not pipeline:
        st.caption("No step, no cost.")
        return
    whole, single = queries.cost(pipeline, subject)
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "256 pictures at once",
            numbers.rate(whole),
            help="As training does it: one pass for all of them",
        )
        st.metric("Picture by picture", numbers.rate(single), help="torchvision.transforms.v2, one after the other")
    st.markdown(
        f"Measured here just now, on pictures of {subject.size}: at once is **{whole / single:.1f} times** as "
        "fast. A network that learns faster than its pictures are changed waits for them."
    )
    st.button("Measure again", icon=":material/timer:", key="a_measure", help="Other work on the machine changes it")
