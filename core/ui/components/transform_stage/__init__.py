"""A picture that is moved by hand, and what networks answer meanwhile.

The browser transforms the picture as `core.insight.invariance.transform` does, and shows every answer that it has got
before at once. For others it asks Python: one question at a time, always the latest.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.transforms import LIMITS
from core.ui.components.kit import assets
from core.ui.components.kit.linked_state import LinkedComponent
from core.ui.components.transform_stage.state import FIELDS, LABELS, TransformState

__all__ = ["Answers", "Network", "Subject", "TransformState", "current", "has_asked", "transform_stage"]

Probabilities = NDArray[np.float32]

_STAGE = LinkedComponent("i_stage", TransformState, FIELDS)
ASSETS = assets(
    Path(__file__).parent, script="transform_stage", styles="transform_stage", panel=True, number=True, notes=True
)
_mount = st.components.v2.component("cnn_lab.transform_stage", css=ASSETS.css, js=ASSETS.js)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The picture to move: uint8 (C, H, W), its title ("A 7"), the classes, and the true one if it is known."""

    pixels: NDArray[np.uint8]
    title: str
    noun: str
    classes: Sequence[str]
    truth: int | None


@dataclass(frozen=True, slots=True)
class Network:
    """A network that answers. `lengths` if its outputs are lengths of capsules."""

    name: str
    meaning: str  # of the name, in a phrase
    color: str
    lengths: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What each network puts out for the picture: as it is, as it was moved, and at every value of the strip.

    `about` identifies the picture and the networks.
    """

    about: str
    unchanged: Sequence[Probabilities]  # (classes,) each
    moved: Sequence[Probabilities]  # (classes,) each
    strip: Sequence[Probabilities]  # (S, classes) each


def has_asked() -> bool:
    """Return whether the browser has asked for answers or reported a transform."""
    return _STAGE.has_reported


def current() -> TransformState:
    """Return the transform that the browser last reported, or that of the link."""
    return _STAGE.current()


def transform_stage(
    subject: Subject, networks: Sequence[Network], answers: Answers | None, *, waits: bool = False
) -> None:
    """Draw the stage.

    Args:
        subject: The picture.
        networks: Who answers.
        answers: The answers for `current()`; None if there are no networks or they did not answer.
        waits: Whether the browser asks for the answers once the picture is drawn.
    """
    state = current()
    data: dict[str, Any] = {
        "picture": {
            "shape": subject.pixels.shape,
            "base64": base64.b64encode(subject.pixels.tobytes()).decode("ascii"),
        },
        "title": subject.title,
        "noun": subject.noun,
        "classes": list(subject.classes),
        "truth": subject.truth,
        "limits": {name: LIMITS[name] for name in LABELS},
        "networks": [asdict(network) for network in networks],
        "waits": waits,
        "answers": answers
        and {
            "about": hashlib.sha256(answers.about.encode()).hexdigest()[:16],  # it names files of this machine
            "transform": state.transform.to_list(),
            "along": state.i_along,
            "values": state.strip,
            "unchanged": [_encoded(block) for block in answers.unchanged],
            "moved": [_encoded(block) for block in answers.moved],
            "strip": [_encoded(block) for block in answers.strip],
        },
    }
    _STAGE.show(_mount, data)


def _encoded(block: Probabilities) -> str:
    return base64.b64encode(np.ascontiguousarray(block, "<f4").tobytes()).decode("ascii")
