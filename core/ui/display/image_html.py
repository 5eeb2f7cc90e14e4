"""Small pictures as HTML: enlarged by a whole factor without smoothing, each with an alternative text."""

import base64
from functools import lru_cache

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from core.images.rendering import to_png

MOST_KEPT_BYTES = 32_768  # of a picture whose URL is kept


def data_url(image: NDArray[np.uint8]) -> str:
    """Return a picture (H, W), (H, W, 3) or (H, W, 4) as the URL of a PNG."""
    if image.nbytes > MOST_KEPT_BYTES:
        return _encoded(image)
    return _kept(np.ascontiguousarray(image).tobytes(), image.shape)


@lru_cache(maxsize=512)
def _kept(levels: bytes, shape: tuple[int, ...]) -> str:
    """Return the URL of a small picture, which all sessions that see it share."""
    return _encoded(np.frombuffer(levels, np.uint8).reshape(shape))


def _encoded(image: NDArray[np.uint8]) -> str:
    return f"data:image/png;base64,{base64.b64encode(to_png(image)).decode()}"


def img(image: NDArray[np.uint8], times: int, alt: str) -> Markup:
    """Return an `<img>` of a picture (H, W), (H, W, 3) or (H, W, 4), each pixel `times` x `times` screen pixels."""
    height, width = image.shape[:2]
    return Markup('<img class="pixels" src="{}" width="{}" height="{}" alt="{}">').format(
        data_url(image), width * times, height * times, alt
    )


def figure(image: NDArray[np.uint8], times: int, alt: str, caption: str) -> Markup:
    """Return a picture with a caption under it; `caption` is HTML, `alt` plain text."""
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(img(image, times, alt), Markup(caption))
