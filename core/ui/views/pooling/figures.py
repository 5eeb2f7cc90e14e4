"""Pictures of the pooling page: what is pooled, and other values on the same scale."""

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from core.images.display import to_bytes
from core.images.pictures import Picture
from core.ui.display import image_html
from core.ui.display.image_colors import on_page


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """What is pooled: a picture (H, W) or (H, W, 3), or one feature plane (H, W)."""

    image: Picture
    title: str  # for a caption
    alt: str  # in words, what it shows

    @property
    def limit(self) -> float:
        """The size shown at full strength: 1 for a picture's values, the largest there is for a feature plane's."""
        largest = float(np.abs(self.image).max())
        return 1.0 if self.image.min() >= 0 and largest <= 1 else largest

    def screen(self, values: Picture, limit: float | None = None) -> NDArray[np.uint8]:
        """Other values on this plane's scale, or up to another limit; signed colors where the plane has them."""
        limit = self.limit if limit is None else limit
        if self.image.ndim == 2 and self.image.min() < 0:
            return on_page(values, limit)
        return to_bytes(values / (limit or 1))


def size(image: Picture) -> str:
    """ "28 × 28 px", with the channels of a color picture; it does not break over lines."""
    height, width = image.shape[:2]
    text = f"{height} × {width} px" + (f", {image.shape[2]} channels" if image.ndim == 3 else "")
    return text.replace(" ", "\u00a0")


def times(shape: tuple[int, ...], side: int) -> int:
    """Screen pixels a pixel, a whole number, for the longer side to take at most `side` of them where that can be."""
    return max(1, side // max(shape[:2]))


def figure(levels: NDArray[np.uint8], scale: int, alt: str, caption: str) -> str:
    """A picture at `scale` screen pixels a pixel, so that several of different sizes can be compared."""
    return image_html.figure(levels, scale, alt, escape(caption))


def frames(*parts: str) -> str:
    """Figures and the signs between them, side by side where there is room."""
    return f'<div class="frames">{"".join(parts)}</div>'


def sign(text: str) -> str:
    """A sign between two figures."""
    return f'<span class="sign" aria-hidden="true">{text}</span>'
