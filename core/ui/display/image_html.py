"""Small pictures in a page's HTML: gray digits at whole multiples, no smoothing, each with its words."""

import base64
from html import escape

import numpy as np
from numpy.typing import NDArray

from core.images.display import to_png


def img(image: NDArray[np.uint8], times: int, alt: str) -> str:
    """An `<img>` of a picture (H, W), (H, W, 3) or (H, W, 4), each pixel `times` x `times` screen pixels."""
    source = base64.b64encode(to_png(image)).decode()
    height, width = image.shape[:2]
    return (
        f'<img class="pixels" src="data:image/png;base64,{source}" width="{width * times}" height="{height * times}" '
        f'alt="{escape(alt)}">'
    )


def figure(image: NDArray[np.uint8], times: int, alt: str, caption: str) -> str:
    """A picture with a caption under it; `caption` is HTML."""
    return f"<figure>{img(image, times, alt)}<figcaption>{caption}</figcaption></figure>"
