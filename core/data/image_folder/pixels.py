"""Decode pictures of any kind and size to one size and one number of channels."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from core.data.dataset import Pixels, Shape
from core.data.image_folder.options import DEFAULT_SIDE, MAX_SIDE, MIN_SIDE, Options
from core.images.uploads import Header, read_in_8_bits

# A large picture is first made this many times as large as its shape: exact at its cut edges, and quick.
FIRST_SCALE = 4
MAX_LONG_SIDE = 4096  # that is kept of a very long picture before its middle is cut out
FITS = {
    "crop": "scaled, with the longer side cropped",
    "pad": "scaled, with white at two sides",
    "stretch": "stretched",
}


def common_shape(headers: Sequence[Header], options: Options) -> Shape:
    """Return the shape that all pictures get.

    Args:
        headers: Of some pictures.
        options: The size and colors, where they are set.

    Returns:
        (C, H, W): the size of more than half of the pictures if it is within the limits, else a small square.
    """
    sizes = Counter((header.height, header.width) for header in headers)
    size, count = sizes.most_common(1)[0]
    if options.size:
        size = options.size
    elif 2 * count <= len(headers) or not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        size = (DEFAULT_SIDE, DEFAULT_SIDE)
    gray = options.colors == "gray" or (options.colors == "auto" and all(header.gray for header in headers))
    return (1 if gray else 3, *size)


@dataclass(slots=True)
class Decoder:
    """Decodes pictures to one shape, and counts what it had to change."""

    shape: Shape
    options: Options
    resized: int = 0
    pixels: int = 0  # of all pictures so far, in their files

    def decode(self, data: bytes) -> Pixels:
        """Return the picture in a file's bytes, (C, H, W). Raises PictureError."""
        channels, height, width = self.shape
        picture = read_in_8_bits(data, side=self._side)
        if picture.size != (width, height):
            self.resized += 1
            picture = self._fit(picture, (width, height))
        mode = "L" if channels == 1 else "RGB"
        array = np.asarray(picture if picture.mode == mode else picture.convert(mode))
        return array[None] if channels == 1 else array.transpose(2, 0, 1)

    def _side(self, width: int, height: int) -> int:
        """Return how long a picture's longer side must stay for its shorter one to fill the shape."""
        self.pixels += width * height
        most = FIRST_SCALE * max(self.shape[1:])
        if self.options.fit == "pad":
            return most
        return min(math.ceil(most * max(width, height) / min(width, height)), MAX_LONG_SIDE)

    def _fit(self, picture: Image.Image, size: tuple[int, int]) -> Image.Image:
        """Bring a picture to the size, (width, height)."""
        if self.options.fit == "pad":
            return ImageOps.pad(picture, size, Image.Resampling.LANCZOS, color="white")
        if self.options.fit == "crop":
            scale = min(picture.width / size[0], picture.height / size[1])
            width, height = (max(1, round(side * scale)) for side in size)
            left, top = (picture.width - width) // 2, (picture.height - height) // 2
            picture = picture.crop((left, top, left + width, top + height))
        return picture.resize(size, Image.Resampling.LANCZOS)
