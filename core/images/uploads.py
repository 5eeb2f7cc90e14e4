"""Picture files that people give: checked, decoded within bounds, brought to a size the pages work on.

A file is refused before its pixels are decoded where its size alone says so. What is decoded is at most MAX_PIXELS, at
4 bytes each; a JPEG takes less, since it is read at the reduced scale that is needed.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.images.display import to_bytes
from core.images.pictures import LARGEST_SIDE, PictureError

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
LIMITS = f"PNG, JPEG, WebP, BMP, GIF or TIFF, up to {MAX_BYTES // 2**20} MB and {MAX_PIXELS // 10**6} million pixels"

_RESIZABLE = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}  # modes that Pillow resizes by averaging, not by dropping


def read_upload(data: bytes, *, side: int = LARGEST_SIDE) -> NDArray[np.float32]:
    """The picture in a file's bytes: float32 in [0, 1], (H, W) or (H, W, 3), H and W at most `side` pixels.

    Larger pictures are made smaller (antialiased), smaller ones left. Shown as meant: turned as its EXIF tag says, CMYK
    and palettes as RGB, transparency on white, 16 bits in full, the first frame of an animation. Integers over 16 bits
    and floats, which have no agreed white, are stretched from their smallest value (0) to their largest (1).
    Raises PictureError, a sentence, for anything else.
    """
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 2**20:,.0f} MB"
        raise PictureError(f"This file has {size}; a picture may have up to {MAX_BYTES // 2**20} MB. Make it smaller.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.width, image.height)
            return _decode(image, side)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(_why_unreadable(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(_too_many_pixels("more than 100 million")) from None
    except Exception as error:  # broken files make Pillow's decoders raise almost any exception
        raise PictureError("This picture is damaged or cut short and cannot be read: save or send it again.") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(_too_many_pixels(f"{width:,} x {height:,}"))


def _too_many_pixels(found: str) -> str:
    return f"This picture has {found} pixels; up to {MAX_PIXELS // 10**6} million can be read. Make it smaller first."


def _why_unreadable(data: bytes) -> str:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        found = "The file is empty"
    elif start.startswith((b"<svg", b"<?xml")) or b"<svg" in start:
        found = "An SVG file holds drawing instructions and no pixels"
    elif data[4:8] == b"ftyp":
        found = "This is a HEIC, AVIF or video file"
    elif start.startswith(b"%pdf"):
        found = "This is a PDF document"
    else:
        found = "This file is not a picture, or is one in another format"
    return f"{found}: give a {LIMITS}."


def _decode(image: Image.Image, side: int) -> NDArray[np.float32]:
    """(H, W) or (H, W, 3). Made smaller first and converted then where the mode allows it, which keeps memory low."""
    if image.mode.startswith(("I", "F")):
        return _decode_deep(image, side)
    if image.mode not in _RESIZABLE or (image.has_transparency_data and image.mode in ("L", "RGB")):
        gray = image.mode in ("1", "L")
        image = image.convert(("LA" if gray else "RGBA") if image.has_transparency_data else ("L" if gray else "RGB"))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    gray = image.mode in ("L", "LA")
    if image.mode in ("LA", "RGBA"):
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    levels = np.asarray(image.convert("L" if gray else "RGB"), dtype=np.float32)
    return levels / np.float32(255)


def _decode_deep(image: Image.Image, side: int) -> NDArray[np.float32]:
    """(H, W): one channel of 16 bits, or of numbers without an agreed white."""
    deep = np.asarray(ImageOps.exif_transpose(image), dtype=np.float32)
    values = np.nan_to_num(deep, posinf=0, neginf=0)
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else (float(values.min()), float(values.max()))
    values -= low
    values /= (high - low) or 1
    reduced = Image.fromarray(values)
    reduced.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture: NDArray[np.float32] = np.clip(np.asarray(reduced), 0, 1)
    return picture


def squared(picture: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """The middle square of a picture (H, W) or (H, W, 3) in [0, 1], made `side` x `side` by averaging: (side, side, 3).

    A square smaller than that is enlarged smoothly.
    """
    height, width = picture.shape[:2]
    across = min(height, width)
    top, left = (height - across) // 2, (width - across) // 2
    square = Image.fromarray(to_bytes(picture[top : top + across, left : left + across])).convert("RGB")
    resized = square.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(resized, np.uint8)
