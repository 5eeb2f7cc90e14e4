"""Export the pipeline: to the training pages, as a script, as JSON, and as a link."""

import json

import streamlit as st

from core.training.augmentation.codegen import program
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import Normalize
from core.ui.layout import navigation
from core.ui.state import page_url, pipeline_link
from core.ui.views.augmentation.picture import InputPicture
from core.ui.views.augmentation.queries import GRID, shown
from core.ui.widgets.download_button import download_button


def train_link(pipeline: Pipeline) -> None:
    """Draw links to the training pages, which then train with these steps."""
    trainable = pipeline.trainable
    if not trainable:
        return
    with st.container(horizontal=True, gap="medium"):
        parameters = {pipeline_link.TRAIN: trainable.to_json()}
        navigation.link(navigation.find("mnist"), "Train with this on MNIST", page_url.link_to("mnist", **parameters))
        parameters = {
            pipeline_link.TRAIN_CIFAR: trainable.to_json(),
            pipeline_link.CIFAR_CHOICE: pipeline_link.FROM_LINK,
        }
        navigation.link(
            navigation.find("cifar"), "Train with this on CIFAR-10", page_url.link_to("cifar", **parameters)
        )
    if any(isinstance(step, Normalize) for step in pipeline.steps):
        st.caption(
            "Without Normalize: training normalizes pictures itself, by the dataset's mean and standard deviation."
        )


def show(pipeline: Pipeline, source: InputPicture) -> None:
    """Draw the download buttons, the script, and a link to this page."""
    height, width = source.picture.shape[:2]
    script = program(pipeline, height, width)
    spec = json.dumps(json.loads(pipeline.to_json()), indent=1)
    with st.container(horizontal=True):
        _button("PyTorch", script, "augmentation.py", "text/x-python", "A script with torchvision.transforms.v2")
        _button(
            "JSON",
            spec,
            "augmentation.json",
            "application/json",
            "The steps as JSON, to paste on this page or into an experiment",
        )
    st.code(script, language="python")
    last = shown(pipeline) - 1
    turns = f" and epochs 0 … {last} at index {source.index}" if pipeline.busy.alternating else ""
    st.caption(
        f"Use seeds {GRID}·s … {GRID}·s+{last}, with s the seed above,{turns} to reproduce these pictures exactly."
    )
    st.markdown("**Link to this page with all its settings**")
    st.code(page_url.address(), language=None, wrap_lines=True)
    if source.key.startswith("own"):
        st.caption("The link does not contain your own picture, which stays in this session.")


def _button(label: str, content: str | bytes, file: str, kind: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"a_download_{label}", help=help)
