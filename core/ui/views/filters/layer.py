"""The page's layer: a picture, its filters with the user's edits, and the planes that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.filter_layer import convolution_layer
from core.images.kernel_catalogue import CATALOGUE, CatalogueKernel
from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.images.rendering import GRAY_PROJECTIONS, downscale
from core.images.sample_pictures import SAMPLES, sample
from core.layers.calculator import Row, analyze
from core.layers.specs import Conv
from core.ui.components.filter_layer import Edits, Mix, StackFilter

MAX_SIDE = 128
"""Longer side of the picture in pixels: large enough to recognize what a plane shows, and fast to compute."""
SIZES = (3, 5, 7)
OWN = {"own_a": "Your filter A", "own_b": "Your filter B"}
KERNELS: dict[str, CatalogueKernel] = {key: entry for key, entry in CATALOGUE.items() if SIZES[0] in entry.sizes}
MIXES = {key: Mix(title, shares) for key, (title, shares) in GRAY_PROJECTIONS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The page's layer and its input picture, (H, W) or (H, W, 3)."""

    picture: Picture
    colored: Picture  # the same picture in color, if it has one
    alt: str
    filters: tuple[StackFilter, ...]  # before edits
    edits: Edits
    size: int  # F, px
    stride: int  # S, px
    padding: Literal["zero", "valid"]
    relu: bool  # for every plane without its own setting

    @property
    def depth(self) -> int:
        """Return D_in, the number of channels of the picture."""
        return 1 if self.picture.ndim == 2 else self.picture.shape[2]

    @property
    def border(self) -> int:
        """Return P, the zeros on each side of the picture (px)."""
        return self.size // 2 if self.padding == "zero" else 0

    def weights(self, filter: StackFilter) -> Kernel:
        """Return a filter's weights with the user's edits, (D_in, F, F)."""
        edit = self.edits.get(filter.key)
        given = np.asarray(filter.weights, np.float64)
        changed = edit.array() if edit else None
        if changed is not None and changed.shape == given.shape:
            return changed
        if edit and filter.base is not None and edit.mix in MIXES and self.depth == 3:
            return _deep(filter.base, edit.mix)
        return given

    def bias(self, filter: StackFilter) -> float:
        """Return a filter's bias with the user's edit."""
        edit = self.edits.get(filter.key)
        return filter.bias if edit is None or edit.bias is None else edit.bias

    def rectified(self, filter: StackFilter) -> bool:
        """Return True if ReLU is applied to the filter's plane."""
        edit = self.edits.get(filter.key)
        return self.relu if edit is None or edit.relu is None else edit.relu

    def flat(self, key: str) -> tuple[Kernel, str]:
        """Return a filter for gray pictures, (F, F), and its name: the sum of its channels."""
        filter = next(item for item in self.filters if item.key == key)
        edit = self.edits.get(key)
        kernel: Kernel = (
            self.weights(filter).sum(axis=0) if edit and edit.weights else np.asarray(filter.base, np.float64)
        )
        return kernel, filter.title

    def block(self) -> Picture:
        """Return the output of the layer, (H', W', K)."""
        grids = [np.moveaxis(self.weights(item), 0, 2) for item in self.filters]  # (F, F, D_in) each
        return convolution_layer(
            self.picture,
            [grid[:, :, 0] if self.depth == 1 else grid for grid in grids],
            [self.bias(item) for item in self.filters],
            relu=[self.rectified(item) for item in self.filters],
            stride=self.stride,
            padding=self.padding,
        )

    def row(self, depth: int | None = None) -> Row:
        """Return sizes and parameters for a picture of this size with `depth` channels (by default its own)."""
        height, width = self.picture.shape[:2]
        layer = Conv(len(self.filters), self.size, stride=self.stride, padding=self.border)
        return analyze((layer,), (depth or self.depth, height, width))[0]


def title(key: str) -> str:
    """Return a filter's display name."""
    return OWN[key] if key in OWN else CATALOGUE[key].title


def grid(key: str, size: int) -> Kernel:
    """Return a catalogue kernel as an F x F filter: in that size, or its 3 x 3 weights padded with zeros."""
    entry = CATALOGUE[key]
    if size in entry.sizes:
        return entry.kernel(size)
    return np.pad(entry.kernel(SIZES[0]), (size - SIZES[0]) // 2)


def _deep(base: NDArray[np.floating[Any]], mix: str) -> Kernel:
    """Return the kernel for three channels: (F, F) -> (3, F, F)."""
    deep: Kernel = np.asarray(MIXES[mix].shares)[:, None, None] * base
    return deep


def stack_filter(key: str, size: int, in_color: bool) -> StackFilter:
    """Return a filter before edits, in a size, for pictures in gray or in color."""
    base = np.zeros((size, size)) if key in OWN else grid(key, size)
    mix = next(iter(MIXES))
    why = "Set its weights in the grid below: each change updates the plane at once."
    return StackFilter(
        key,
        title(key),
        why if key in OWN else CATALOGUE[key].why,
        _deep(base, mix) if in_color else base[None],
        base=base,
        mix=mix,
        is_own=key in OWN,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def reduced(key: str, _picture: Picture, side: int = MAX_SIDE) -> Picture:
    """Return the picture reduced to `side` pixels, in 256 levels; a smaller one unchanged. `key` identifies it.

    A generated picture is generated at that size: reducing it would lose its single white pixel.
    """
    name = key.split()[0]
    if name in SAMPLES and not isinstance(SAMPLES[name].source, str):
        drawn = sample(name, side)
        return drawn if drawn.ndim == _picture.ndim else downscale(_picture, side)
    return downscale(_picture, side)


def shown_titles(filters: Sequence[StackFilter]) -> str:
    """Return the filters' names as a list in words."""
    return ", ".join(item.title for item in filters)
