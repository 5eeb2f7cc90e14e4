"""Chains of up to four filters, as data: the kernel page's settings, its link, and the computation."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.images.convolution import PADDINGS, Padding, convolve
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import MAX_KERNEL_SIZE, KernelError, check_kernel
from core.images.pictures import Picture, check_picture, to_gray

Grid = tuple[tuple[float, ...], ...]

MAX_FILTERS = 4
MAX_STRIDE = MAX_DILATION = 8
_MAX_JSON_CHARACTERS = 50_000  # characters; four filters of 3 x 11 x 11 weights written in full stay under it


@dataclass(frozen=True, slots=True)
class Filter:
    """One step of a chain. Raises KernelError when it is created with invalid settings."""

    grids: tuple[Grid, ...]  # one: each channel is filtered on its own; three: one per color, summed to one plane
    stride: int = 1
    padding: Padding = "zero"
    flip: bool = False
    dilation: int = 1
    name: str = ""  # the catalogue's key if it came from there

    def __post_init__(self) -> None:
        """Check every setting, and convert weights to plain floats, so that equal filters are equal."""
        if not isinstance(self.grids, list | tuple) or len(self.grids) not in (1, 3):
            raise KernelError("A filter has one grid of weights, or three: one for each color.")
        kernels = [check_kernel(grid, largest=MAX_KERNEL_SIZE) for grid in self.grids]
        if len({kernel.shape for kernel in kernels}) > 1:
            raise KernelError("The three grids of a filter must have the same size.")
        for name, most in (("stride", MAX_STRIDE), ("dilation", MAX_DILATION)):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise KernelError(f"The {name} must be a whole number from 1 to {most}; got {value!r:.40}.")
        if self.padding not in PADDINGS:
            raise KernelError(f"The padding must be one of {', '.join(PADDINGS)}; got {self.padding!r:.40}.")
        if type(self.flip) is not bool:
            raise KernelError(f"Flip must be true or false; got {self.flip!r:.40}.")
        if self.name not in ("", *CATALOGUE):
            raise KernelError(f"There is no kernel named {self.name!r:.40} in the catalogue.")
        object.__setattr__(self, "grids", tuple(tuple(map(tuple, kernel.tolist())) for kernel in kernels))

    @property
    def is_signed(self) -> bool:
        """Return True if a weight is negative, so that the output can be below zero on a picture in [0, 1]."""
        return any(weight < 0 for grid in self.grids for row in grid for weight in row)

    def apply(self, picture: Picture) -> Picture:
        """Return the picture filtered with this step.

        Args:
            picture: (H, W) or (H, W, C).

        Returns:
            The filtered picture; one plane for a filter of three grids.

        Raises:
            KernelError: Three grids meet a picture without three channels, or the filter does not fit the picture.
        """
        depth = picture.shape[2] if picture.ndim == 3 else 1
        if len(self.grids) not in (1, depth):
            raise KernelError(
                f"A filter with {len(self.grids)} kernels needs a picture with as many channels, and this one has "
                f"{depth}: put the filter first, on a color picture, or filter each channel on its own."
            )
        return convolve(
            picture,
            self.grids[0] if len(self.grids) == 1 else np.stack(self.grids, axis=2),
            stride=self.stride,
            padding=self.padding,
            flip=self.flip,
            dilation=self.dilation,
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """Filters in order: the output of one is the input of the next. With `gray`, the luminance is filtered."""

    filters: tuple[Filter, ...] = ()
    gray: bool = False

    def __post_init__(self) -> None:
        """Check the number of filters; each filter has checked itself."""
        if len(self.filters) > MAX_FILTERS:
            raise KernelError(f"A chain has at most {MAX_FILTERS} filters; this one has {len(self.filters)}.")

    def run(self, image: ArrayLike) -> tuple[Picture, ...]:
        """Return the input and the output of each filter, not clipped.

        Args:
            image: The picture, (H, W) or (H, W, C).

        Returns:
            len(filters) + 1 pictures.

        Raises:
            KernelError: A filter does not fit its input; the message names it, counted from 1.
            PictureError: The picture is invalid.
        """
        stages = [to_gray(image) if self.gray else check_picture(image)]
        for number, step in enumerate(self.filters, start=1):
            try:
                stages.append(step.apply(stages[-1]))
            except KernelError as refusal:
                raise KernelError(f"Filter {number}: {refusal}") from None
        return tuple(stages)

    def to_json(self) -> str:
        """Return canonical JSON, equal for equal chains. The kernel page's link holds it."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Chain":
        """Return the chain that `to_json` wrote; nothing is executed.

        Args:
            text: JSON, at most 50,000 characters.

        Returns:
            The chain.

        Raises:
            KernelError: The text is anything else.
        """
        if len(text) > _MAX_JSON_CHARACTERS:
            raise KernelError("This link is too long to come from this page.")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise KernelError("This link is damaged: its filters cannot be read.") from None
        whole = _known(data, cls)
        filters = whole.get("filters", [])
        if not isinstance(filters, list) or type(whole.get("gray", False)) is not bool:
            raise KernelError("This link is damaged: its filters cannot be read.")
        return cls(tuple(Filter(**_known(step, Filter)) for step in filters), whole.get("gray", False))


def _known(data: object, kind: type[Filter] | type[Chain]) -> dict[str, Any]:
    """Return a JSON object's settings. Raises KernelError for one that `kind` does not have."""
    names = {field.name for field in fields(kind)}
    if not isinstance(data, Mapping) or set(data) - names or (kind is Filter and "grids" not in data):
        raise KernelError(
            f"This link is damaged: a {kind.__name__.lower()} has the settings {', '.join(sorted(names))}."
        )
    return dict(data)
