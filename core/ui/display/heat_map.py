"""Draw the maps of Grad-CAM, alone and over the picture, and name the layers they are computed from."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from core.layers.calculator import Row
from core.ui.display import colors, layer_groups

_VIRIDIS = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors.VIRIDIS], np.float32)


def layers(rows: tuple[Row, ...], indices: list[int]) -> dict[int, str]:
    """Return labels of the layers to choose from, by index; they name the layer and its output size.

    An activation, a pooling or a sum represents the convolution before it.
    """
    labels = {}
    for index in indices:
        following = rows[index + 1].layer if index + 1 < len(rows) else None
        if type(following).__name__ in ("BatchNorm", "Activation", "Pool"):
            continue  # the layer that follows is listed instead
        kind = type(rows[index].layer).__name__
        name = layer_groups.NAMES.get(kind, kind).lower()
        height, width = rows[index].output_shape[1:]
        labels[index] = f"{index + 1}: {name}, {height} × {width}"
    return labels


def default_layer(rows: tuple[Row, ...], indices: list[int]) -> int:
    """Return the last layer whose map is larger than one pixel, which Grad-CAM usually uses."""
    larger = [index for index in indices if rows[index].output_shape[1] > 1]
    return larger[-1] if larger else indices[-1]


def painted(map_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a map (h, w) in viridis colors from 0 to its maximum; a map of one number gets the middle color."""
    share = (
        map_ / float(map_.max())
        if map_.size > 1 and map_.max() > 0
        else np.full(map_.shape, 0.5 * float(map_.max() > 0))
    )
    position = np.clip(share, 0, 1) * (len(_VIRIDIS) - 1)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, len(_VIRIDIS) - 1)
    mixed = _VIRIDIS[low] + (_VIRIDIS[high] - _VIRIDIS[low]) * (position - low)[..., None]
    return np.asarray(mixed.round(), np.uint8)


def overlay(picture: NDArray[np.uint8], map_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the map, enlarged smoothly to the picture's size, blended half and half with the picture."""
    side = picture.shape[0]
    if map_.size == 1:
        enlarged = np.broadcast_to(painted(map_), picture.shape)
    else:
        grown = zoom(map_, side / map_.shape[0], order=1, grid_mode=True, mode="nearest")[:side, :side]
        enlarged = painted(np.asarray(grown, np.float32))
    return np.asarray((picture.astype(np.float32) + enlarged) / 2, np.uint8)
