"""Export of a run: weights, settings, history, PyTorch code that loads those weights, and ONNX."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import app_paths, data
from core.insight.pretrained import NetworkError, normalization
from core.layers.codegen.pytorch import Trained as TrainedWeights
from core.layers.codegen.pytorch import pytorch_program
from core.layers.logits import ends_in_lengths
from core.runs.inference_client import InferenceError
from core.runs.onnx_export import onnx
from core.runs.run import Run
from core.runs.run_files import WEIGHTS
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.layout import column_grid
from core.ui.run_panels.trained_run import Trained
from core.ui.widgets.download_button import download_button

DIGIT = (1, 28, 28)
VIEWS = {"mirror": "two", "mirror+shift": "six"}
_WEIGHTS = "The trained weights as safetensors; safetensors files cannot contain code"
REQUIREMENTS = "The PyTorch code needs torch and safetensors: `pip install torch safetensors`. ONNX needs onnxruntime."


def show(trained: Sequence[Trained], shape: tuple[int, int, int] = DIGIT) -> None:
    """Draw the downloads of each run, side by side.

    Args:
        trained: The runs.
        shape: Of the networks' input, (C, H, W).
    """
    if not trained:
        st.markdown("Train a network to take it with you.")
        return
    for number, (column, run) in enumerate(zip(column_grid.equal(len(trained)), trained, strict=True)):
        with column, st.container(border=True):
            st.markdown(f"**{run.name}**, run `{run.run.id}`")
            _files(run, f"{number}", shape)


def _files(trained: Trained, column: str, shape: tuple[int, int, int]) -> None:
    name = f"{trained.role.name.lower().replace(' ', '-')}-{trained.run.id}"
    path = trained.run.folder / WEIGHTS
    experiment = trained.run.experiment
    with st.container(horizontal=True):
        if path.is_file():
            _button("Weights", path.read_bytes(), f"{name}.safetensors", "application/octet-stream", column, _WEIGHTS)
        else:
            st.caption("The weights were removed from this machine: train the run again.")
        settings = json.dumps(json.loads(experiment.to_json()), indent=2)
        help = "Experiment settings (JSON), for Load settings on this page"
        _button("Settings", settings, f"{name}.json", "application/json", column, help)
        _button("History", history(trained), f"{name}.csv", "text/csv", column, "Every point of the curves (CSV)")
        code = ""
        try:
            code = program(experiment, shape, f"{name}.safetensors", *normalization(path), accuracies(trained.run))
        except NetworkError as error:
            if path.is_file():
                messages.caption(f"No PyTorch code: {error}")
        else:
            help = "A Python program that loads the weights and prepares a picture as in training"
            _button("PyTorch", code, f"{name}.py", "text/x-python", column, help)
        _onnx(trained, f"{name}.onnx", column, shape)
    st.caption(f"{views_sentence(trained.run)} {REQUIREMENTS}".strip())
    if code:
        with st.expander("PyTorch code", icon=":material/code:"):
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
    """Return the trained network as PyTorch code that loads the file `weights` and predicts as the pages do."""
    order = data.permutation(shape).tolist() if experiment.shuffle_pixels else None
    trained = TrainedWeights(weights, mean, std, order, experiment.test_time, accuracies)
    return pytorch_program(experiment.layers, shape, trained=trained)


def accuracies(run: Run) -> tuple[float, float] | None:
    """Return the test accuracy with one view and with all views; None if they are the same or one is unknown."""
    one_view, all_views = run.summary.get("test_one_view_accuracy"), run.summary.get("test_accuracy")
    if run.experiment.test_time not in VIEWS or one_view is None or all_views is None:
        return None
    return one_view, all_views


def views_sentence(run: Run) -> str:
    """Return a sentence on the test-time views that the exports use; empty for a run with one view."""
    views = VIEWS.get(run.experiment.test_time)
    if views is None:
        return ""
    note = f"PyTorch and ONNX predict as this page does, with the mean over {views} views of a picture"
    if (both := accuracies(run)) is None:
        return f"{note}."
    one_view, all_views = map(numbers.percent, both)
    figures = f"test accuracy {all_views}, with one view {one_view}."
    return f"{note}: {figures} {client.caveat(run.experiment.data)}".strip()


def _onnx(trained: Trained, file: str, column: str, shape: tuple[int, int, int]) -> None:
    """Draw a button that starts the export, which takes seconds, and then a download button."""
    key = f"onnx_{trained.run.id}"
    if not st.session_state.get(key) and not st.button(
        "ONNX …",
        key=f"{key}_{column}",
        icon=":material/deployed_code:",
        help="Exports the network with its normalization, and checks with onnxruntime that its outputs equal PyTorch's",
    ):
        return
    try:
        with st.spinner("Exporting, and checking with onnxruntime"):
            content = onnx(app_paths.home(), trained.run.folder)
    except InferenceError as error:
        messages.error(error)
        return
    st.session_state[key] = True
    sizes = ", ".join(map(str, shape))
    name = "lengths of capsules" if ends_in_lengths(trained.run.experiment.layers) else "logits"
    help = f"Input: pictures (N, {sizes}) with values from 0 to 1. Output: {name}, equal to PyTorch's within 1e-4"
    _button("ONNX", content, file, "application/octet-stream", column, help)


def _button(label: str, content: str | bytes, file: str, kind: str, column: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"download_{label}_{column}", help=help)


def history(trained: Trained) -> str:
    """Return the progress and evaluations of a run, in the order of its steps, as CSV."""
    frames = client.feed().frames([trained.run.id])[trained.run.id]
    progress = frames.progress.assign(split="train")
    rows = pd.concat([progress, frames.evaluated]).sort_values("step", kind="stable")
    first = ["split", "step", "epoch", "images", "seconds", "whole_seconds", "loss", "accuracy"]
    return str(rows[[*first, *(column for column in rows if column not in first)]].to_csv(index=False))
