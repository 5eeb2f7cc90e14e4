"""Draw with a capsule network's decoder in the browser, while a slider moves: it gets the decoder's weights once."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="capsule_decoder", styles="capsule_decoder")
_mount = st.components.v2.component("cnn_lab.capsule_decoder", css=ASSETS.css, js=ASSETS.js)


def weights(packed: bytes, widths: Sequence[int]) -> str:
    """Send a decoder's weights to the browser, without drawing anything, and return the name that the others ask for.

    They are an element of their own, which Streamlit sends again only when it changes.

    Args:
        packed: as from `core.insight.capsule_decoder.Decoder.pack`.
        widths: of its input and of each layer.
    """
    name = hashlib.sha256(packed).hexdigest()[:16]
    head = json.dumps({"name": name, "widths": list(widths)})
    _mount(key="unseen_capsule_decoder", data=head.encode() + b"\n" + packed)
    return name


def sliders(
    decoder: str, vector: NDArray[np.floating], digit: int, picture: NDArray[np.uint8], title: str, *, key: str
) -> None:
    """Draw a picture, a slider for each number of its capsule, and what the decoder draws of them.

    Args:
        decoder: the name that `weights` returned.
        vector: (E,), the capsule.
        digit: its class.
        picture: (H, H), what the network was shown.
        title: of the picture.
        key: key of the component.
    """
    pixels = [round(level / 255, 3) for level in picture.ravel().tolist()]
    _mount(key=key, data={**_capsule(decoder, vector, digit, len(picture)), "pixels": pixels, "title": title})


def grid(
    decoder: str, vector: NDArray[np.floating], digit: int, side: int, steps: Sequence[float], *, key: str
) -> None:
    """Draw a row of reconstructions for each number of a capsule, which is moved by each of `steps` in turn.

    Args:
        decoder: the name that `weights` returned.
        vector: (E,), the capsule.
        digit: its class.
        side: pixels of a picture's side.
        steps: what is added to a number, one a column.
        key: key of the component.
    """
    _mount(key=key, data={**_capsule(decoder, vector, digit, side), "steps": list(steps)})


def _capsule(decoder: str, vector: NDArray[np.floating], digit: int, side: int) -> dict[str, object]:
    return {"decoder": decoder, "vector": [round(float(number), 4) for number in vector], "digit": digit, "side": side}
