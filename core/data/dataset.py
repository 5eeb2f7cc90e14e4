"""Types for datasets: pictures and labels, what is known about them, and progress reports."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.size_text import format_shape

Pixels = NDArray[np.uint8]
Shape = tuple[int, int, int]


class DataError(Exception):
    """Raised for a dataset that is not available. The message is a sentence: what is wrong and what to do."""


class BrokenSource(DataError):
    """Raised for files with the wrong content. The message names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What is known about a dataset before its pictures are read."""

    name: str  # its identity, part of a run's key: "mnist", "mnist-5k", "pets@1a2b3c4d"
    title: str  # shown to users
    shape: Shape  # (C, H, W) of one picture
    classes: tuple[str, ...]
    train_images: int
    test_images: int
    source: str  # a sentence: where it comes from on this machine
    standin: bool  # whether it replaces a larger set that is not available
    caveat: str = ""  # of a stand-in: a sentence to show with every result measured on it
    notes: tuple[str, ...] = ()  # of a user's own set: sentences on what was left out or decided


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Pictures and labels, read-only. The pictures are views of one memory map, shared by all who load them."""

    info: DatasetInfo
    train_images: Pixels  # (N, C, H, W)
    train_labels: Pixels  # (N,), indices into `info.classes`
    test_images: Pixels  # (M, C, H, W)
    test_labels: Pixels  # (M,)

    @classmethod
    def split(cls, info: DatasetInfo, images: Pixels, labels: Pixels) -> "Dataset":
        """Return a dataset of pictures in memory, which are read-only from here on.

        Args:
            info: The dataset's information.
            images: (N + M, C, H, W), those for training first.
            labels: (N + M,).

        Returns:
            The dataset, whose first `info.train_images` pictures are for training.
        """
        for array in (images, labels):
            array.flags.writeable = False
        n = info.train_images
        return cls(
            info=info, train_images=images[:n], train_labels=labels[:n], test_images=images[n:], test_labels=labels[n:]
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """A dataset as it is stored: one row per picture, the label and then the pixels, training rows first."""

    array: Pixels  # (N + M, 1 + C * H * W)
    train: int  # N
    shape: Shape
    classes: tuple[str, ...]
    title: str
    notes: tuple[str, ...] = ()  # as of DatasetInfo

    def __post_init__(self) -> None:
        """Check that the fields agree with each other. Raises BrokenSource."""
        if self.array.ndim != 2 or self.array.shape[1] != 1 + math.prod(self.shape):
            raise BrokenSource(f"{self.title}: not all pictures are {format_shape(self.shape)}.")
        if not 0 < self.train < len(self.array):
            raise BrokenSource(f"{self.title}: both training and test pictures are needed.")
        if int(self.array[:, 0].max()) >= len(self.classes):
            raise BrokenSource(f"{self.title}: a label is not one of the {len(self.classes)} classes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a preparation. `total` is 0 if it is unknown."""

    stage: Literal["waiting", "downloading", "reading", "writing", "fallback"]
    text: str  # a sentence for users
    done: int = 0  # bytes while downloading, pictures while reading and writing
    total: int = 0

    @property
    def fraction(self) -> float:
        """Share done, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of one dataset on this machine, for the command line and the home page."""

    name: str  # the name to ask for: "mnist"
    info: DatasetInfo | None  # what `load` gives; None if that is unknown until it is prepared again
    prepared: bool  # whether a copy with a verified checksum can be opened at once
    whole: bool  # whether everything that was checked is in order
    bytes: int  # on disk, of the files that would be used
    broken: tuple[str, ...]  # a sentence for each broken file
