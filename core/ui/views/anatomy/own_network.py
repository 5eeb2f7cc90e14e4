"""Pick a person's own trained network: its file of weights, what it is, and the data it is shown with."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, identity
from core.ui.state.settings import Settings
from core.ui.widgets import upload

OWN, DATA = "n_own", "n_data"
DEFAULTS: dict[str, Any] = {OWN: False, DATA: "mnist"}
MISSING = (
    "Open Settings and upload the network's weights, and its settings or its program if this app did not save them."
)
MAX_ABOUT = 200_000  # characters of a program or of settings


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A network that was taken in."""

    name: str  # as `InferenceClient.file` takes it
    experiment: Experiment


def is_wanted(settings: Settings) -> bool:
    """Draw the switch between the app's networks and one's own."""
    return settings.switch(
        OWN,
        "A network of your own",
        help="Upload the weights of a network that you trained elsewhere, or downloaded here",
    )


def pick(settings: Settings) -> OwnNetwork | None:
    """Draw the fields and return the network; None before there is a file. Raises InferenceError."""
    weights = upload.file(
        "n_weights_file",
        ["safetensors", "onnx"],
        "Weights (.safetensors) or network (.onnx)",
        help="As this app exports them, or as safetensors.torch.save_file and torch.onnx.export write them. The file "
        "cannot hold code",
    )
    about = upload.file(
        "n_about_file",
        ["json", "py", "txt"],
        "Settings (JSON) or PyTorch program",
        help="Not needed for weights from this app, or for ONNX. A program is read, never run",
    )
    names = [status.name for status in client.datasets() if status.info is not None]
    dataset = settings.choice(
        DATA,
        "Data",
        names if DEFAULTS[DATA] in names else [DEFAULTS[DATA], *names],
        help="The pictures that the network is shown: those it was trained on, or others of the same size and number "
        "of classes",
    )
    if weights is None:
        return None
    program = "" if about is None else _text(about.content)
    found = _adopted(identity.owner(), weights.id, program, dataset, weights.content)
    for note in found["notes"]:
        messages.caption(note)
    return OwnNetwork(found["name"], Experiment.from_json(found["experiment"]))


def _text(content: bytes) -> str:
    return content[: 4 * MAX_ABOUT].decode("utf-8-sig", errors="replace")[: MAX_ABOUT + 1]


@st.cache_data(max_entries=50, ttl=3600, show_spinner="Reading the network")
def _adopted(owner: str, upload_id: str, about: str, dataset: str, _content: bytes) -> dict[str, Any]:
    """Take in a network, for `owner` alone; `upload_id` stands for its content. Raises InferenceError."""
    return client.inference().adopt(_content, about, dataset)
