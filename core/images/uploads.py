"""Read picture files that users upload: checked, decoded within limits, resized for the pages.

A file is refused before its pixels are decoded if its header is enough to tell: too many pixels, a side too long, parts
that unpack to more than the picture. What is decoded is at most MAX_PIXELS, at 4 bytes each (a JPEG at the reduced
scale that is needed); after that, strips of STRIP pixels are converted and averaged one by one. Only one file is
decoded at a time, however many users upload.
"""

import io
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base
from PIL.TiffImagePlugin import MM, OPEN_INFO, PHOTOMETRIC_INTERPRETATION, TILELENGTH, TILEWIDTH

from core.images.pictures import LARGEST_SIDE, PictureError
from core.images.rendering import to_bytes
from core.size_text import format_shape

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 25_000_000
MAX_WEBP_PIXELS = MAX_PIXELS // 2  # its decoder holds four copies
MAX_SIDE = 30_000  # resizing keeps weights for every pixel of a line
MAX_SCANS = 100  # of a progressive JPEG: each goes through the whole picture
STRIP = 2**20  # pixels that are converted at a time
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
LIMITS = (
    f"PNG, JPEG, WebP, BMP, GIF or TIFF, up to {MAX_BYTES // 2**20} MB, {MAX_PIXELS / 10**6:g} million pixels "
    f"({MAX_WEBP_PIXELS / 10**6:g} in a WebP) and {MAX_SIDE:,} per side"
)

_DAMAGED = "This picture is damaged or incomplete and cannot be read: save or export it again."
_GRAY = ("1", "L", "LA", "La")
_DEEP = ("I", "F")  # how the modes of more than 8 bits begin
_decoding = threading.Lock()
# Pillow knows scans of 16 bits whose 0 is white in Intel's byte order only; _stretch_converter turns both.
OPEN_INFO.setdefault((MM, 0, (1,), 1, (16,), ()), ("I;16B", "I;16B"))


@dataclass(frozen=True, slots=True)
class Header:
    """What is known about a picture before its pixels are decoded."""

    height: int  # upright
    width: int
    gray: bool


def read_header(data: bytes) -> Header:
    """Return what the header of a picture's file says.

    Args:
        data: The file's content.

    Returns:
        The size and kind of the picture.

    Raises:
        PictureError: The file is too large, or not a picture that can be read.
    """
    with _opened(data) as image:
        # A PNG that has no EXIF data before its pixels would be decoded to look for them.
        # A TIFF tells its upright size.
        told = "exif" in image.info if image.format == "PNG" else image.format != "TIFF"
        turned = told and image.getexif().get(Base.Orientation, 1) in (5, 6, 7, 8)
        width, height = reversed(image.size) if turned else image.size
        return Header(height, width, image.mode in _GRAY or image.mode.startswith(_DEEP))


def read_upload(data: bytes, *, side: int | Callable[[int, int], int] = LARGEST_SIDE) -> NDArray[np.float32]:
    """Return the picture in a file's bytes.

    Larger pictures are made smaller (antialiased), smaller ones keep their size. EXIF rotation is applied; CMYK and
    palettes become RGB, transparency white; 16 bits are kept in full; of an animation the first frame is used. Integers
    over 16 bits and floats, which have no standard white, are stretched from their smallest value (0) to their largest
    (1).

    Args:
        data: The file's content.
        side: Maximum height and width of the result in pixels, or a function of the file's width and height.

    Returns:
        The picture, float32 in [0, 1], (H, W) or (H, W, 3).

    Raises:
        PictureError: The file is too large, damaged, or not a picture that can be read; the message says what to do.
    """
    levels = _read(data, side)
    picture = np.asarray(levels, dtype=np.float32)
    return np.clip(picture, 0, 1) if levels.mode == "F" else picture / np.float32(255)


def read_in_8_bits(data: bytes, *, side: int | Callable[[int, int], int] = LARGEST_SIDE) -> Image.Image:
    """Return what `read_upload` does, "L" or "RGB" in 8 bits: sooner, if the file has no more than 8 bits."""
    levels = _read(data, side)
    return Image.fromarray(to_bytes(np.asarray(levels))) if levels.mode == "F" else levels


def _read(data: bytes, side: int | Callable[[int, int], int]) -> Image.Image:
    """Return what `_decode` returns of a file's bytes. Raises PictureError."""
    with _opened(data) as image:
        return _decode(image, side if isinstance(side, int) else side(image.width, image.height))


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open a picture's file, checked, with its pixels not decoded yet. Raises PictureError for any damage."""
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 2**20:,.0f} MB"
        raise PictureError(f"This file has {size}; the limit is {MAX_BYTES // 2**20} MB. Make the picture smaller.")
    with _decoding:
        try:
            _check_tables(data)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image)
                _check_parts(image, data)
                yield image
        except PictureError:
            raise
        except UnidentifiedImageError:
            raise PictureError(_why_unreadable(data)) from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PictureError(_too_many_pixels("more than 100 million")) from None
        except Exception as error:  # broken files make Pillow's decoders raise almost any exception
            raise PictureError(_DAMAGED) from error


def _check_size(image: Image.Image) -> None:
    """Raise PictureError if the header announces too many pixels or too long a side."""
    most = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS
    if image.width * image.height <= most and max(image.size) <= MAX_SIDE:
        return
    found = format_shape((image.height, image.width))
    if image.width * image.height > most:
        raise PictureError(_too_many_pixels(found, most))
    raise PictureError(f"This picture has {found} pixels; the limit is {MAX_SIDE:,} per side. Crop it first.")


def _check_tables(data: bytes) -> None:
    """Refuse a TIFF file with tables of numbers longer than any picture's: Pillow makes objects of them on opening."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or data[2:4] not in (b"*\0", b"\0*", b"+\0", b"\0+"):
        return
    big = 43 in data[2:4]
    (start,) = struct.unpack_from(f"{order}Q", data, 8) if big else struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}{'Q' if big else 'H'}", data, start)
    start, width, layout = (start + 8, 20, "HHQ") if big else (start + 2, 12, "HHI")
    for place in range(min(entries, (len(data) - start) // width)):
        _, kind, count = struct.unpack_from(f"{order}{layout}", data, start + place * width)
        if count > MAX_PIXELS // 16**2 * 2 and kind not in (1, 2, 7):  # those stay bytes
            raise PictureError(_DAMAGED)


def _check_parts(image: Image.Image, data: bytes) -> None:
    """Refuse parts that unpack to more than their picture, and JPEGs with too many scans."""
    tags = getattr(image, "tag_v2", {})
    if int(tags.get(TILEWIDTH, 1)) * int(tags.get(TILELENGTH, 1)) > MAX_PIXELS:
        raise PictureError(_DAMAGED)
    if image.format == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise PictureError(_DAMAGED)


def _too_many_pixels(found: str, most: int = MAX_PIXELS) -> str:
    """Return the message for a picture with too many pixels."""
    return f"This picture has {found} pixels; the limit is {most / 10**6:g} million. Make it smaller first."


def _why_unreadable(data: bytes) -> str:
    """Return the message for a file that is not a picture Pillow can read."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        found = "The file is empty"
    elif start.startswith((b"<svg", b"<?xml")) or b"<svg" in start:
        found = "An SVG file contains drawing instructions, not pixels"
    elif data[4:8] == b"ftyp":
        found = "This is a HEIC, AVIF or video file"
    elif start.startswith(b"%pdf"):
        found = "This is a PDF document"
    else:
        found = "This file is not a picture, or is in another format"
    return f"{found}. Use a {LIMITS}."


def _decode(image: Image.Image, side: int) -> Image.Image:
    """Decode a picture, upright and at most `side` pixels high and wide: "L" or "RGB", of more than 8 bits "F"."""
    image.draft(None, (2 * side, 2 * side))  # a JPEG is decoded at a half, a quarter or an eighth where that is enough
    image.load()  # a TIFF turns itself here
    small = _shrink(image, side, _stretch_converter(image) if image.mode.startswith(_DEEP) else _to_gray_or_rgb)
    if (orientation := image.getexif().get(Base.Orientation, 1)) != 1:
        small.getexif()[Base.Orientation] = orientation
        small = ImageOps.exif_transpose(small)
    return small


def _shrink(image: Image.Image, side: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return the picture at most `side` pixels wide and high: its strips converted, averaged, resized."""
    if max(image.size) <= side and image.width * image.height <= STRIP:
        return convert(image)  # as the many small pictures of a dataset are
    factor = max(1, max(image.size) // (2 * side))
    reduced = [convert(strip).reduce(factor) for strip in _strips(image, factor)]
    whole = Image.new(reduced[0].mode, (reduced[0].width, sum(strip.height for strip in reduced)))
    top = 0
    for strip in reduced:
        whole.paste(strip, (0, top))
        top += strip.height
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return whole.resize(size, Image.Resampling.LANCZOS, box=(0, 0, image.width / factor, image.height / factor))


def _strips(image: Image.Image, factor: int) -> Iterator[Image.Image]:
    """Yield strips of about STRIP pixels from the top, with heights that `factor` divides; the last has the rest."""
    step = max(1, STRIP // (image.width * factor)) * factor
    for top in range(0, image.height, step):
        yield image.crop((0, top, image.width, min(top + step, image.height)))


def _to_gray_or_rgb(strip: Image.Image) -> Image.Image:
    """Convert a strip to gray or RGB, with white where it is transparent."""
    gray = strip.mode in _GRAY
    if strip.has_transparency_data:
        clear = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return strip.convert("L" if gray else "RGB")


def _stretch_converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return a function that converts strips of 16 bits, or without a standard white, to floats from 0 to 1."""
    low, high = 0.0, 65535.0
    clear = image.info.get("transparency")  # the level that a gray PNG of 16 bits has for transparent
    if image.mode.startswith("I;16"):
        # Pillow turns TIFF's 1 and 8 bits where 0 is white (as in scans), and leaves 16 as they are.
        if getattr(image, "tag_v2", {}).get(PHOTOMETRIC_INTERPRETATION) == 0:
            low, high = high, low
    else:
        ends = [(part.min(), part.max()) for part in map(_to_numbers, _strips(image, 1))]
        low, high = min(least for least, _ in ends), max(most for _, most in ends)

    def convert(strip: Image.Image) -> Image.Image:
        """Convert one strip."""
        numbers = _to_numbers(strip)
        if clear is not None:
            numbers = np.where(numbers == clear, high, numbers)
        return Image.fromarray(((numbers - low) / ((high - low) or 1)).astype(np.float32))

    return convert


def _to_numbers(strip: Image.Image) -> NDArray[np.float64]:
    """Return a strip as float64 (H, W), with 0 for anything that is not a number."""
    return np.nan_to_num(np.asarray(strip, dtype=np.float64), posinf=0, neginf=0)


def center_square_rgb(picture: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """Crop a picture to its middle square and resize that (antialiased) to 8-bit color.

    Args:
        picture: (H, W) or (H, W, 3) in [0, 1].
        side: Height and width of the result in pixels.

    Returns:
        The picture, (side, side, 3), uint8.
    """
    height, width = picture.shape[:2]
    across = min(height, width)
    top, left = (height - across) // 2, (width - across) // 2
    square = Image.fromarray(to_bytes(picture[top : top + across, left : left + across])).convert("RGB")
    resized = square.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(resized, np.uint8)
