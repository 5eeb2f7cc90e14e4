"""Check the arguments of queries to trained networks."""

import numpy as np
from numpy.typing import NDArray

from core.size_text import format_shape


class QueryError(ValueError):
    """Raised for a query without an answer; the message is a sentence."""


def of_shape(shape: tuple[int, ...], pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return `pictures`, (N, C, H, W), if they are of `shape`.

    Raises:
        QueryError: They are not.
    """
    if pictures.shape[1:] != shape:
        takes, given = format_shape(shape), format_shape(pictures.shape[1:])
        raise QueryError(f"This network takes pictures of {takes} (channels, height, width), these are {given}.")
    return pictures
