"""A picture's way through a network: what every layer puts out for it, asked of the process that has torch."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.layers.shape_inference import Shape
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    GlobalPool,
    Linear,
    Pool,
)
from core.runs.inference_client import decode_array, encode_array
from core.shapes import format_shape
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.display.network_stages import layer_words
from core.ui.state.settings import Settings
from core.ui.views.anatomy.network_picker import Subject
from core.ui.views.anatomy.picture import Shown

Floats = NDArray[np.float32]

KEEP_PLANES = (Activation, AdaptivePool, BatchNorm, BlurPool, Dropout, GlobalPool, Pool)
WEIGHTS, SEED, SCALE = "n_weights", "n_seed", "n_scale"
SCALES = {"plane": "Each plane", "layer": "The layer", "network": "The network"}
DEFAULTS: dict[str, Any] = {WEIGHTS: "trained", SEED: 0, SCALE: "plane"}


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """One picture in one network."""

    subject: Subject
    shown: Shown
    outputs: tuple[Floats, ...]  # the picture as the network gets it, then each layer's: (K, H, W) or (N,)
    seed: int | None  # of random weights; None for the trained ones
    scale: str  # a key of SCALES: over what the colors are scaled

    @property
    def logits(self) -> Floats:
        """(classes,): the numbers whose softmax are the probabilities."""
        return self.outputs[self.subject.ending.logits].ravel()

    @property
    def probabilities(self) -> Floats:
        """(classes,): the softmax of the logits, the network's own where it has one."""
        logits = self.logits
        raised: Floats = np.exp(logits - logits.max())
        shares: Floats = raised / raised.sum()
        return shares

    def planes(self, layer: int) -> Floats:
        """What layer `layer` (from 1; 0 is the picture) puts out, as (K, H, W); a flat list as (N, 1, 1)."""
        out = self.outputs[layer]
        return out if out.ndim == 3 else out[:, None, None]

    def limits(self, layer: int) -> Floats:
        """(K,): the size that is shown in full color, for every plane. A flat list is scaled as one plane."""
        sizes: Floats = np.abs(self.planes(layer)).max(axis=(1, 2))
        if self.scale == "network":
            sizes = np.full_like(sizes, max(float(np.abs(out).max()) for out in self.outputs[1:]))
        elif self.scale == "layer" or self.outputs[layer].ndim == 1:
            sizes = np.full_like(sizes, sizes.max())
        return np.where(sizes > 0, sizes, 1).astype(np.float32)

    def title(self, layer: int) -> str:
        """ "Layer 3, ReLU"."""
        return f"Layer {layer}, {layer_words(self.subject.rows[layer - 1])[0]}" if layer else "The picture"

    def plane_word(self, layer: int) -> str:
        """What the parts of a layer are called."""
        return "plane" if self.outputs[layer].ndim == 3 else "unit"

    def weighted(self, layer: int) -> int | None:
        """The layer with filters or weights of its own that made what `layer` shows: it, or the last one before it.

        None where there is none, or where a Flatten, say, lies between, so that planes are not filters' any more.
        """
        for place in range(layer, 0, -1):
            row = self.subject.rows[place - 1]
            if isinstance(row.layer, Conv | ConvTranspose | Linear):
                return place
            if not isinstance(row.layer, KEEP_PLANES):
                return None
        return None


def pick(settings: Settings) -> tuple[int | None, str]:
    """Draw the switches, and answer the seed of random weights (None: trained) and the colors' scale."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind = settings.segments(
            WEIGHTS,
            "Weights",
            ["trained", "random"],
            format=str.capitalize,
            help="Those that training found, or the same network before training: weights drawn at random",
        )
        scale = settings.segments(
            SCALE,
            "Full color is the largest of",
            list(SCALES),
            format=SCALES.__getitem__,
            help="Per plane, weak planes show as much as strong ones. Per layer or over the whole network, they can be "
            "compared.",
        )
        seed = settings.number(SEED, "Seed", 0, 9999, help="Of the random weights") if kind == "random" else None
    return seed, str(scale)


def go(subject: Subject, shown: Shown, seed: int | None, scale: str) -> Pass:
    """Send the picture through. Raises InferenceError."""
    sizes = [subject.shape, *(row.output_shape for row in subject.rows)]
    flat = _outputs(subject.name, shown.pixels.tobytes(), subject.shape, seed)
    return Pass(subject, shown, tuple(_split(flat, sizes)), seed, scale)


@st.cache_data(max_entries=128, show_spinner="Asking the network")
def _outputs(network: str, pixels: bytes, shape: Sequence[int], seed: int | None) -> Floats:
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    asked = client.inference()
    found: Floats = decode_array(
        asked.query("outputs", network=asked.file(network), image=encode_array(picture), seed=seed)
    )
    return found


@st.cache_data(max_entries=64, show_spinner="Reading the weights")
def parameters(network: str, layer: int, seed: int | None, inner: str = "") -> tuple[Floats, Floats]:
    """Weights and biases of a layer, from 1, as `core.insight.activations` gives them. Raises InferenceError.

    `inner` is a layer's place in the block that stands there: "body.3".
    """
    asked = client.inference()
    values = {"layer": layer - 1, "seed": seed, "inner": inner}
    weights, biases = asked.query("parameters", network=asked.file(network), **values)
    return decode_array(weights), decode_array(biases)


@st.cache_data(max_entries=32, show_spinner="Asking the network")
def in_block(
    network: str, pixels: bytes, shape: Sequence[int], layer: int, sizes: Sequence[Sequence[Shape]], seed: int | None
) -> list[list[Floats]]:
    """What the layers on each way through the block at `layer`, from 1, put out; `sizes` are their shapes.

    The picture is uint8, its `shape` (C, H, W). Raises InferenceError.
    """
    asked = client.inference()
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values: dict[str, Any] = {"image": encode_array(picture), "layer": layer - 1, "seed": seed}
    ways = asked.query("in_block", network=asked.file(network), **values)
    return [_split(decode_array(flat), shapes) for flat, shapes in zip(ways, sizes, strict=True)]


def _split(flat: Floats, shapes: Sequence[Shape]) -> list[Floats]:
    """Arrays that came one after another; the last part of the split is what is left: nothing."""
    ends = np.cumsum([math.prod(shape) for shape in shapes], dtype=int)
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=False)]


def size(shape: tuple[int, ...]) -> str:
    """Return the shape of a block, "16 × 26 × 26" (C × H × W), or of a flat list, "128 units"."""
    if len(shape) == 1:
        return f"{numbers.count(shape[0])} unit{'s' * (shape[0] != 1)}"
    return format_shape(shape)


def marked(name: str) -> str:
    """A class's name for Markdown, which a person's own data may bring: none of its characters is an instruction."""
    return re.sub(r"([^\w\s])", r"\\\1", name)
