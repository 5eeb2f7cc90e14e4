"""The colors of augmented pictures: from black 0 to white 1, or around 0 where a step normalizes values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.images.rendering import to_bytes
from core.training.augmentation.specs import Normalize
from core.training.augmentation.step import Step
from core.ui.display import image_colors, numbers


@dataclass(frozen=True, slots=True)
class ValueScale:
    """A scale for pictures (H, W) or (H, W, 3). With a limit, it goes from its negative over 0 to it."""

    limit: float | None = None

    def levels(self, picture: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Return the picture for the screen: one plane around 0 in two colors, three around mid-gray."""
        values = np.nan_to_num(picture).astype(np.float64)
        if self.limit is None:
            return to_bytes(values)
        return image_colors.on_page(values, self.limit) if values.ndim == 2 else to_bytes(values / self.limit / 2 + 0.5)

    def words(self, *, gray: bool) -> str:
        """Return the scale in words; empty for ordinary pictures."""
        if self.limit is None:
            return ""
        most = numbers.rounded(self.limit, 2)
        if gray:
            return f"color scale: {numbers.MINUS}{most} (blue), 0 (no color), {most} (orange)"
        return f"scale of each channel: {numbers.MINUS}{most} (black), 0 (mid-gray), {most} (white)"


def of(steps: tuple[Step, ...], pictures: NDArray[np.floating]) -> ValueScale:
    """Return the scale for all pictures that these steps made: the kind follows from the steps, not from the values."""
    if not any(isinstance(step, Normalize) for step in steps):
        return ValueScale()
    return ValueScale(float(np.abs(np.nan_to_num(pictures)).max()) or 1.0)
