"""HTML figures of the pooling page: the pooled plane, and other values on the same scale."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.images.rendering import full_size, to_bytes
from core.ui.display import image_html
from core.ui.display.image_colors import on_page


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The input of pooling: a picture (H, W) or (H, W, 3), or one feature plane (H, W)."""

    image: Picture
    title: str  # for captions
    alt: str  # alternative text

    @property
    def limit(self) -> float:
        """Return the value shown at full intensity: 1 for a picture, the largest magnitude for a feature plane."""
        largest = full_size(self.image)
        return 1.0 if self.image.min() >= 0 and largest <= 1 else largest

    def screen(self, values: Picture, limit: float | None = None) -> NDArray[np.uint8]:
        """Return the pixels of `values` on this plane's scale or up to `limit`; signed colors if it is signed."""
        limit = self.limit if limit is None else limit
        if self.image.ndim == 2 and self.image.min() < 0:
            return on_page(values, limit)
        return to_bytes(values / full_size(limit))


def describe_size(image: Picture) -> str:
    """Return the size as text without line breaks: "28 × 28 px", with the channels of a color picture."""
    height, width = image.shape[:2]
    text = f"{height} × {width} px" + (f", {image.shape[2]} channels" if image.ndim == 3 else "")
    return text.replace(" ", "\u00a0")


def zoom(shape: tuple[int, ...], side: int) -> int:
    """Return the screen pixels per pixel, at least 1, for which the longer side takes at most `side`."""
    return max(1, side // max(shape[:2]))


def figure(levels: NDArray[np.uint8], scale: int, alt: str, caption: str) -> Markup:
    """Return a figure of a picture at `scale` screen pixels per pixel."""
    return Markup(image_html.figure(levels, scale, alt, escape(caption)))


def frames(*parts: Markup) -> Markup:
    """Return figures and the signs between them side by side; they wrap on narrow screens."""
    return Markup('<div class="frames">{}</div>').format(Markup().join(parts))


def sign(text: str) -> Markup:
    """Return a sign between two figures."""
    return Markup('<span class="sign" aria-hidden="true">{}</span>').format(text)
