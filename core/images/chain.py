"""Up to four filters one after the other, as data: what the kernel page sets, its link, and its computation."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.images.catalogue import CATALOGUE
from core.images.kernels import MAX_KERNEL_SIZE, PADDINGS, KernelError, Padding, check_kernel, convolve, convolve_depth
from core.images.pictures import Picture, check_picture, to_grey

Grid = tuple[tuple[float, ...], ...]

MAX_FILTERS = 4
MAX_STRIDE = MAX_DILATION = 8
_MAX_JSON_CHARACTERS = 50_000  # characters; four filters of 3 x 11 x 11 weights written in full stay under it


@dataclass(frozen=True, slots=True)
class Filter:
    """One step of a chain. Anything that cannot be is refused when it is made, with a KernelError."""

    grids: tuple[Grid, ...]  # one: each channel filtered alone; three: as deep as a color picture, summed to one plane
    stride: int = 1
    padding: Padding = "zero"
    flip: bool = False
    dilation: int = 1
    name: str = ""  # the catalogue's key, where it was taken from there

    def __post_init__(self) -> None:
        """Check every setting; weights become plain floats, so that equal filters are equal."""
        if not isinstance(self.grids, list | tuple) or len(self.grids) not in (1, 3):
            raise KernelError("A filter has one grid of weights, or three: one a color.")
        kernels = [check_kernel(grid, largest=MAX_KERNEL_SIZE) for grid in self.grids]
        if len({kernel.shape for kernel in kernels}) > 1:
            raise KernelError("The three grids of a filter have one size.")
        for name, most in (("stride", MAX_STRIDE), ("dilation", MAX_DILATION)):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise KernelError(f"The {name} is a whole number from 1 to {most}; got {value!r:.40}.")
        if self.padding not in PADDINGS:
            raise KernelError(f"The padding is one of {', '.join(PADDINGS)}; got {self.padding!r:.40}.")
        if type(self.flip) is not bool:
            raise KernelError(f"Flip is true or false; got {self.flip!r:.40}.")
        if self.name not in ("", *CATALOGUE):
            raise KernelError(f"There is no kernel named {self.name!r:.40} in the catalogue.")
        object.__setattr__(self, "grids", tuple(tuple(map(tuple, kernel.tolist())) for kernel in kernels))

    def apply(self, picture: Picture) -> Picture:
        """The picture through this filter. Raises KernelError where three grids meet a picture without three colors."""
        if len(self.grids) == 1:
            return convolve(
                picture,
                self.grids[0],
                stride=self.stride,
                padding=self.padding,
                flip=self.flip,
                dilation=self.dilation,
            )
        depth = picture.shape[2] if picture.ndim == 3 else 1
        if depth != len(self.grids):
            raise KernelError(
                f"A filter as deep as a color picture needs {len(self.grids)} channels, and this picture has {depth}: "
                "put it first, on a color picture, or filter each channel alone."
            )
        return convolve_depth(
            picture,
            np.stack(self.grids, axis=2),
            stride=self.stride,
            padding=self.padding,
            flip=self.flip,
            dilation=self.dilation,
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """Filters in order: the answer of one is the next one's picture. With `gray`, luminance is filtered, not colors."""

    filters: tuple[Filter, ...] = ()
    gray: bool = False

    def __post_init__(self) -> None:
        """Check the length; each filter has checked itself."""
        if len(self.filters) > MAX_FILTERS:
            raise KernelError(f"A chain has at most {MAX_FILTERS} filters; this one has {len(self.filters)}.")

    def run(self, image: ArrayLike) -> tuple[Picture, ...]:
        """The picture as it goes in, then after each filter: len(filters) + 1 pictures, not clipped."""
        stages = [to_grey(image) if self.gray else check_picture(image)]
        for number, step in enumerate(self.filters, start=1):
            try:
                stages.append(step.apply(stages[-1]))
            except KernelError as refusal:
                raise KernelError(f"Filter {number}: {refusal}") from None
        return tuple(stages)

    def to_json(self) -> str:
        """Canonical JSON: equal chains write equal text. The kernel page's link holds it."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Chain":
        """The chain that `to_json` wrote. Raises KernelError, a sentence, for anything else; nothing is executed."""
        if len(text) > _MAX_JSON_CHARACTERS:
            raise KernelError("This link is too long to be one of this page's.")
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
    """The settings of an object that has no others than `kind` has."""
    names = {field.name for field in fields(kind)}
    if not isinstance(data, Mapping) or set(data) - names or (kind is Filter and "grids" not in data):
        raise KernelError(
            f"This link is damaged: a {kind.__name__.lower()} has the settings {', '.join(sorted(names))}."
        )
    return dict(data)
