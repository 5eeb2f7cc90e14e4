"""The pipeline to take away: trained with, as a program, as JSON, as a link."""

import json

import streamlit as st

from core.training.augmentation.codegen import program
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import Normalize
from core.ui.layout import navigation
from core.ui.state import pipeline_link, query
from core.ui.views.augmentation.picture import Subject
from core.ui.widgets.download_button import download_button


def train_link(pipeline: Pipeline) -> None:
    """A link to the MNIST page, which then trains with these steps."""
    wanted = pipeline.trainable
    if not wanted:
        return
    with st.container(horizontal=True, gap="medium"):
        brought = {pipeline_link.TRAIN: wanted.to_json()}
        navigation.link(navigation.find("mnist"), "Train with this on MNIST", query.link_to("mnist", **brought))
        brought = {pipeline_link.TRAIN_CIFAR: wanted.to_json(), pipeline_link.CIFAR_CHOICE: pipeline_link.FROM_LINK}
        navigation.link(navigation.find("cifar"), "Train with this on CIFAR-10", query.link_to("cifar", **brought))
    if any(isinstance(step, Normalize) for step in pipeline.steps):
        st.caption("Without Normalize: training does that to the test pictures too, with the data's own figures.")


def show(pipeline: Pipeline, subject: Subject) -> None:
    """The downloads, the program in sight, and the link."""
    height, width = subject.picture.shape[:2]
    text = program(pipeline, height, width)
    spec = json.dumps(json.loads(pipeline.to_json()), indent=1)
    with st.container(horizontal=True):
        _button("PyTorch", text, "augmentation.py", "text/x-python", "A program of torchvision.transforms.v2")
        _button("JSON", spec, "augmentation.json", "application/json", "To paste here again, or into an experiment")
    st.code(text, language="python")
    st.caption("With 16 times the page's seed, plus 0 to 15, it draws the pictures above, to the bit.")
    st.markdown("**A link that reopens all of this**")
    st.code(query.address(), language=None, wrap_lines=True)
    if subject.key.startswith("own"):
        st.caption("A picture of your own is not in the link: it stays in this session.")


def _button(label: str, content: str | bytes, file: str, kind: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"a_download_{label}", help=help)
