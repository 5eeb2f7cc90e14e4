"""A run to take away: weights, settings, history, the network as PyTorch code that loads those weights, and ONNX."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import data, places
from core.insight.pretrained import NetworkError, normalization
from core.layers.codegen import Trained as Program
from core.layers.codegen import pytorch
from core.runs.files import WEIGHTS
from core.runs.inference_client import InferenceError
from core.runs.onnx_export import onnx
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.run_panels.trained_run import Trained
from core.ui.widgets.download_button import download_button

DIGIT = (1, 28, 28)
VIEWS = {"mirror": "two", "mirror+shift": "six"}
_WEIGHTS = "The trained numbers, as safetensors: no program hides in such a file"
NEEDS = "The program needs torch and safetensors: `pip install torch safetensors`. ONNX needs onnxruntime."


def show(trained: Sequence[Trained], shape: tuple[int, int, int] = DIGIT) -> None:
    """Draw each run's files, side by side. Their networks take pictures of `shape`, (C, H, W)."""
    for number, (column, one) in enumerate(zip(st.columns(len(trained), gap="medium"), trained, strict=True)):
        with column, st.container(border=True):
            st.markdown(f"**{one.name}**, run `{one.run.id}`")
            _files(one, f"{number}", shape)


def _files(one: Trained, place: str, shape: tuple[int, int, int]) -> None:
    name = f"{one.role.name.lower().replace(' ', '-')}-{one.run.id}"
    path = one.run.folder / WEIGHTS
    experiment = one.run.experiment
    with st.container(horizontal=True):
        if path.is_file():
            _button("Weights", path.read_bytes(), f"{name}.safetensors", "application/octet-stream", place, _WEIGHTS)
        else:
            st.caption("The weights are not on this machine any more: train the run again.")
        settings = json.dumps(json.loads(experiment.to_json()), indent=2)
        told = "The experiment, all of it, as JSON. Load settings, on this page, takes it up again."
        _button("Settings", settings, f"{name}.json", "application/json", place, told)
        _button("History", history(one), f"{name}.csv", "text/csv", place, "Every point of the curves, as CSV")
        code = ""
        try:
            code = program(experiment, shape, f"{name}.safetensors", *normalization(path), accuracies(one.run))
        except NetworkError as error:
            if path.is_file():
                messages.caption(f"No program: {error}")
        else:
            told = "The network as a program that loads the weights and prepares a picture as the training did"
            _button("PyTorch", code, f"{name}.py", "text/x-python", place, told)
        _onnx(one, f"{name}.onnx", place, shape)
    st.caption(f"{answers(one.run)} {NEEDS}".strip())
    if code:
        with st.expander("The program", icon=":material/code:"):
            st.code(code, language="python")


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs={Experiment: lambda experiment: experiment.key})
def program(
    experiment: Experiment,
    shape: tuple[int, int, int],
    weights: str,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    accuracies: tuple[float, float] | None = None,
) -> str:
    """Return the trained network as PyTorch code that loads the file `weights` and answers as the pages do."""
    order = data.permutation(shape).tolist() if experiment.shuffle_pixels else None
    trained = Program(weights, mean, std, order, experiment.test_time, accuracies)
    return pytorch(experiment.layers, shape, trained=trained)


def accuracies(run: Run) -> tuple[float, float] | None:
    """Return the test accuracy with one view and with all; None where they are one, or the run has not told both."""
    one, every = run.summary.get("test_one_view_accuracy"), run.summary.get("test_accuracy")
    return None if run.experiment.test_time not in VIEWS or one is None or every is None else (one, every)


def answers(run: Run) -> str:
    """Return a sentence on the views that the program and ONNX answer with; empty for a run of one view."""
    views = VIEWS.get(run.experiment.test_time)
    if views is None:
        return ""
    told = f"PyTorch and ONNX answer as this page does, with the mean over {views} views of a picture"
    if (both := accuracies(run)) is None:
        return f"{told}."
    one, every = map(numbers.percent, both)
    figures = f"right for {every} of the test pictures; with one view, for {one}."
    return f"{told}: {figures} {client.caveat(run.experiment.data)}".strip()


def _onnx(one: Trained, file: str, place: str, shape: tuple[int, int, int]) -> None:
    """A button that exports, and then one that takes the file: the export takes seconds."""
    key = f"onnx_{one.run.id}"
    if not st.session_state.get(key) and not st.button(
        "ONNX …",
        key=f"{key}_{place}",
        icon=":material/deployed_code:",
        help="Exports the network, normalization included, and checks with onnxruntime that it answers as PyTorch does",
    ):
        return
    try:
        with st.spinner("Exporting, and checking with onnxruntime"):
            content = onnx(places.home(), one.run.folder)
    except InferenceError as error:
        messages.error(error)
        return
    st.session_state[key] = True
    sizes = ", ".join(map(str, shape))
    told = f"Takes pictures (N, {sizes}) from 0 to 1, puts out logits; equal to PyTorch's to 1e-4"
    _button("ONNX", content, file, "application/octet-stream", place, told)


def _button(label: str, content: str | bytes, file: str, kind: str, place: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"download_{label}_{place}", help=help)


def history(one: Trained) -> str:
    """Progress and evaluations of a run in the order of its steps, as CSV."""
    frames = client.feed().frames([one.run.id])[one.run.id]
    progress = frames.progress.assign(split="train")
    rows = pd.concat([progress, frames.evaluated]).sort_values("step", kind="stable")
    first = ["split", "step", "epoch", "images", "seconds", "whole_seconds", "loss", "accuracy"]
    return str(rows[[*first, *(column for column in rows if column not in first)]].to_csv(index=False))
