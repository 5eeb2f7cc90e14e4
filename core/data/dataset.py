"""What a dataset is, and the small things that are said about one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Shape = tuple[int, int, int]


class DataError(Exception):
    """A dataset that cannot be had. The message is a sentence: what is wrong and what to do."""


class BrokenSource(DataError):
    """Files that are there and are not what they should be. The message names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What is known of a dataset before its pictures are read."""

    name: str  # its identity, which goes into a run's key: "mnist", "mnist-5k", "pets@1a2b3c4d"
    title: str  # for people
    shape: Shape  # (C, H, W) of one picture
    classes: tuple[str, ...]
    train_images: int
    test_images: int
    source: str  # a sentence: where this machine has it from
    standin: bool  # whether it takes the place of a larger set that could not be had
    caveat: str = ""  # of a stand-in: the sentence that belongs beside every figure measured on it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Pictures and labels, read-only. The pictures are views of one memory map, shared by all who load them."""

    info: DatasetInfo
    train_images: Pixels  # (N, C, H, W)
    train_labels: Pixels  # (N,), positions in `info.classes`
    test_images: Pixels  # (M, C, H, W)
    test_labels: Pixels  # (M,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """A dataset in the form it is stored: one row a picture, the label and then the pixels, training rows first."""

    array: Pixels  # (N + M, 1 + C * H * W)
    train: int  # N
    shape: Shape
    classes: tuple[str, ...]
    title: str

    def __post_init__(self) -> None:
        """Hold the parts to each other. Raises BrokenSource."""
        channels, height, width = self.shape
        if self.array.ndim != 2 or self.array.shape[1] != 1 + channels * height * width:
            raise BrokenSource(f"{self.title}: the pictures are not all {width} x {height} with {channels} channels.")
        if not 0 < self.train < len(self.array):
            raise BrokenSource(f"{self.title}: both training and test pictures are needed.")
        if int(self.array[:, 0].max()) >= len(self.classes):
            raise BrokenSource(f"{self.title}: a label lies outside the {len(self.classes)} classes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a preparation has come. `total` is 0 where it cannot be known."""

    stage: Literal["waiting", "downloading", "reading", "writing", "fallback"]
    text: str  # a sentence for people
    done: int = 0  # bytes while downloading, pictures while reading and writing
    total: int = 0

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What one dataset is on this machine, for the command line and the home page."""

    name: str  # what one asks for: "mnist"
    info: DatasetInfo | None  # what one gets; None where that cannot be told before it is prepared anew
    prepared: bool  # whether it opens at once, with its checksum verified
    whole: bool  # whether all that was looked at is as it should be
    bytes: int  # on disk, of what would be used
    broken: tuple[str, ...]  # a sentence for each file that is broken, by name
