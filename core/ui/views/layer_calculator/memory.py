"""The memory that a network takes: for a batch size and an optimizer, in training and in inference."""

import streamlit as st
from markupsafe import Markup

from core.layers.calculator import Row
from core.layers.memory import MAX_BATCH, OPTIMIZER_NUMBERS, Memory, memory
from core.size_text import format_bytes
from core.ui.display import numbers
from core.ui.state.settings import Settings

DEFAULTS = {"c_batch": 64, "c_optimizer": "adamw"}
TITLES = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD with momentum",
    "nesterov": "SGD with Nesterov momentum",
    "adadelta": "Adadelta",
    "muon": "Muon",
    "sgd without momentum": "SGD without momentum",
}


def show(settings: Settings, rows: list[Row]) -> None:
    """Draw both controls and the parts of the memory."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=180):
            batch = settings.number("c_batch", "Batch size", 1, MAX_BATCH, help="Pictures that are computed at once")
        optimizer = settings.choice(
            "c_optimizer",
            "Optimizer",
            list(OPTIMIZER_NUMBERS),
            help="Momentum keeps one number for each parameter, Adam's two running means keep two",
            format=TITLES.__getitem__,
            width=280,
        )
    found = memory(rows, batch, optimizer)
    cell = Markup("<div><span>{}</span><b>{}</b><span>{}</span></div>")
    cells = Markup().join(cell.format(*total) for total in parts(found, optimizer))
    st.html(Markup('<div class="figures">{}</div>').format(cells))
    st.caption(conventions(found, batch))


def parts(found: Memory, optimizer: str) -> tuple[tuple[str, str, str], ...]:
    """Return the title, size and meaning of each part; the totals first."""
    kept = OPTIMIZER_NUMBERS[optimizer]
    return (
        ("Training", format_bytes(found.training), "the four parts together"),
        ("Weights", format_bytes(found.weights), "parameters, running means and variances"),
        ("Gradients", format_bytes(found.gradients), "one number for each parameter"),
        ("Optimizer", format_bytes(found.optimizer), f"{kept or 'no'} number{'s' * (kept != 1)} for each parameter"),
        ("Activations", format_bytes(found.activations), "kept for the backward pass"),
        ("Inference", format_bytes(found.inference), "weights, pictures, a layer's input and output"),
    )


def conventions(found: Memory, batch: int) -> str:
    """Return what is counted, and what is not."""
    share = numbers.percent(found.activations / max(found.training, 1), 0)
    return (
        f"Activations are {share} of a training's memory with {numbers.count(batch)} pictures at once, and the only "
        "part of it that grows with the batch. Counted as PyTorch keeps them, in float32, each tensor once: the "
        "pictures, inputs of layers with weights, outputs of ReLU, tanh and sigmoid, inputs of other activations, max "
        "pooling's inputs and the places of the largest values, dropout's masks. Not counted: the libraries' "
        "workspaces, gradients of activations while they pass through, the loss, and PyTorch itself."
    )
