"""Run a picture through a network in the inference process, and hold every layer's output."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    Conv,
    ConvTranspose,
    Dropout,
    GlobalPool,
    Linear,
    Pool,
    PrimaryCapsules,
    RoutedCapsules,
)
from core.runs.inference_client import decode_array, encode_array
from core.size_text import format_shape
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.display.layer_groups import layer_words
from core.ui.state.settings import Settings
from core.ui.views.anatomy.network_picker import LoadedNetwork
from core.ui.views.anatomy.picture import InputPicture

Floats = NDArray[np.float32]

ELEMENTWISE_OR_POOLING = (Activation, AdaptivePool, BatchNorm, BlurPool, CapsuleDecoder, Dropout, GlobalPool, Pool)
WEIGHTS, SEED, SCALE = "n_weights", "n_seed", "n_scale"
SCALES = {"plane": "Per plane", "layer": "Per layer", "network": "Whole network"}
DEFAULTS: dict[str, Any] = {WEIGHTS: "trained", SEED: 0, SCALE: "plane"}


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """One picture in one network, with the outputs of all layers."""

    network: LoadedNetwork
    picture: InputPicture
    outputs: tuple[Floats, ...]  # of the picture (as the network gets it) and of each layer: (K, H, W), (I, D) or (N,)
    seed: int | None  # of random weights; None for the trained ones
    scale: str  # a key of SCALES: what the color scale covers

    @property
    def logits(self) -> Floats:
        """Return the inputs of the softmax, or the lengths of the classes' capsules, (classes,)."""
        return self.outputs[self.network.ending.logits].ravel()

    @property
    def probabilities(self) -> Floats:
        """Return the softmax of the logits, or the lengths of capsules, (classes,)."""
        logits = self.logits
        if self.network.ending.is_lengths:
            return logits
        powers: Floats = np.exp(logits - logits.max())
        probabilities: Floats = powers / powers.sum()
        return probabilities

    def certainty(self, place: int) -> str:
        """Return how sure the network is of a class, after "It predicts 7,": "at 93.4 %"."""
        estimate = float(self.probabilities[place])
        if self.network.ending.is_lengths:
            return f"whose capsule is {numbers.rounded(estimate)} long"
        return f"at {numbers.percent(estimate, 1)}"

    def planes(self, layer: int) -> Floats:
        """Return the output of layer `layer` (from 1; 0 is the picture) as planes, as `as_planes` does."""
        return as_planes(self.outputs[layer])

    def limits(self, layer: int) -> Floats:
        """Return the absolute value in full color for each plane, (K,). A list, of units or capsules, is one plane."""
        sizes: Floats = np.abs(self.planes(layer)).max(axis=(1, 2))
        if self.scale == "network":
            sizes = np.full_like(sizes, max(float(np.abs(out).max()) for out in self.outputs[1:]))
        elif self.scale == "layer" or self.outputs[layer].ndim < 3:
            sizes = np.full_like(sizes, sizes.max())
        return np.where(sizes > 0, sizes, 1).astype(np.float32)

    def title(self, layer: int) -> str:
        """Return a layer's title: "Layer 3, ReLU"."""
        return f"Layer {layer}, {layer_words(self.network.rows[layer - 1])[0]}" if layer else "The picture"

    def plane_word(self, layer: int) -> str:
        """Return the word for the parts of a layer's output: "plane", "capsule" or "unit"."""
        return ("unit", "capsule", "plane")[self.outputs[layer].ndim - 1]

    def weighted(self, layer: int) -> int | None:
        """Return the layer with weights behind the output of `layer`: itself, or the last one before it.

        None without one, or if a layer in between (a Flatten, say) breaks the match of planes and filters.
        """
        for index in range(layer, 0, -1):
            row = self.network.rows[index - 1]
            if isinstance(row.layer, Conv | ConvTranspose | Linear | PrimaryCapsules | RoutedCapsules):
                return index
            if not isinstance(row.layer, ELEMENTWISE_OR_POOLING):
                return None
        return None


def pick(settings: Settings) -> tuple[int | None, str]:
    """Draw the switches; return the seed of random weights (None for trained ones) and the color scale."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind = settings.segments(
            WEIGHTS,
            "Weights",
            ["trained", "random"],
            format=str.capitalize,
            help="Trained weights, or random ones, as before training",
        )
        scale = settings.segments(
            SCALE,
            "Color scale",
            list(SCALES),
            format=SCALES.__getitem__,
            help="Full color is the largest absolute value of each plane, of the layer, or of the network. Per plane, "
            "weak planes are as visible as strong ones; otherwise planes can be compared.",
        )
        seed = settings.number(SEED, "Seed", 0, 9999, help="Seed of the random weights") if kind == "random" else None
    return seed, str(scale)


def run_forward(network: LoadedNetwork, picture: InputPicture, seed: int | None, scale: str) -> ForwardPass:
    """Run a picture through a network. Raises InferenceError."""
    sizes = [network.shape, *(row.output_shape for row in network.rows)]
    flat = _outputs(network.name, picture.pixels.tobytes(), network.shape, seed)
    return ForwardPass(network, picture, tuple(_split(flat, sizes)), seed, scale)


@st.cache_data(max_entries=128, show_spinner="Running the network")
def _outputs(network: str, pixels: bytes, shape: Sequence[int], seed: int | None) -> Floats:
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    inference = client.inference()
    flat: Floats = decode_array(
        inference.query("outputs", network=inference.file(network), image=encode_array(picture), seed=seed)
    )
    return flat


@st.cache_data(max_entries=64, show_spinner="Reading the weights")
def parameters(network: str, layer: int, seed: int | None, inner: str = "") -> tuple[Floats, Floats]:
    """Return weights and biases of a layer, from 1, as `core.insight.activations` does. Raises InferenceError.

    `inner` is the path of a layer inside a block: "body.3".
    """
    inference = client.inference()
    values = {"layer": layer - 1, "seed": seed, "inner": inner}
    weights, biases = inference.query("parameters", network=inference.file(network), **values)
    return decode_array(weights), decode_array(biases)


@st.cache_data(max_entries=32, show_spinner="Running the network")
def in_block(
    network: str, pixels: bytes, shape: Sequence[int], layer: int, sizes: Sequence[Sequence[Shape]], seed: int | None
) -> list[list[Floats]]:
    """Return the outputs of the layers on each branch of the block at `layer`, from 1; `sizes` are their shapes.

    The picture is uint8, its `shape` (C, H, W). Raises InferenceError.
    """
    inference = client.inference()
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values: dict[str, Any] = {"image": encode_array(picture), "layer": layer - 1, "seed": seed}
    branches = inference.query("in_block", network=inference.file(network), **values)
    return [_split(decode_array(flat), shapes) for flat, shapes in zip(branches, sizes, strict=True)]


@st.cache_data(max_entries=32, show_spinner="Routing the capsules")
def routing(network: str, pixels: bytes, shape: Sequence[int], layer: int, seed: int | None) -> tuple[Floats, Floats]:
    """Return the coupling coefficients (I, J) and predictions (J, I, E) of the routing at `layer`, from 1.

    The picture is uint8, its `shape` (C, H, W). Raises InferenceError.
    """
    inference = client.inference()
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values: dict[str, Any] = {"image": encode_array(picture), "layer": layer - 1, "seed": seed}
    coefficients, predictions = inference.query("routing", network=inference.file(network), **values)
    return decode_array(coefficients), decode_array(predictions)


def as_planes(values: Floats) -> Floats:
    """Return an output as (K, H, W): a capsule as a plane of one row (I, 1, D), a unit as one of one number (N, 1, 1).

    Examples:
        >>> as_planes(np.zeros((10, 16))).shape, as_planes(np.zeros(10)).shape
        ((10, 1, 16), (10, 1, 1))
    """
    return values.reshape(len(values), *(1,) * (3 - values.ndim), *values.shape[1:])


def _split(flat: Floats, shapes: Sequence[Shape]) -> list[Floats]:
    """Return the arrays of these shapes that are concatenated in `flat`."""
    ends = np.cumsum([math.prod(shape) for shape in shapes], dtype=int)
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=False)]


def size(shape: tuple[int, ...]) -> str:
    """Return the shape of a block, "16 × 26 × 26" (C × H × W), of capsules, "10 capsules of 16", or "128 units"."""
    if len(shape) == 1:
        return f"{numbers.count(shape[0])} unit{'s' * (shape[0] != 1)}"
    if len(shape) == 2:
        return f"{numbers.count(shape[0])} capsule{'s' * (shape[0] != 1)} of {shape[1]}"
    return format_shape(shape)


def escape_markdown(name: str) -> str:
    """Escape a class name, which may come from a visitor's own data, for Markdown."""
    return re.sub(r"([^\w\s])", r"\\\1", name)
