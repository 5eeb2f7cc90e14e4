"""Read a zip of pictures, `train/CLASS/*.png` and `test/CLASS/*.png`: how users bring data of their own.

Nothing is unpacked to the disk, and no name in the zip is ever used as a path. The contents are limited before anything
is read, and again while it is read.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.data import order
from core.data.dataset import BrokenSource, Pixels, Progress, Report, Rows, Shape
from core.shapes import format_shape

MAX_ZIP_BYTES = 512 * 2**20
MAX_PICTURES = 100_000
MAX_PICTURE_BYTES = 256 * 2**10  # of one file; 64 x 64 x 4 uncompressed are 16 KiB
MAX_PIXEL_BYTES = 512 * 2**20  # of all pictures together, in memory
MIN_SIDE, MAX_SIDE = 8, 64
MAX_CLASSES = 256  # a label is one byte
MAX_CLASS_LETTERS = 40
LIMITS = (
    f"a zip of at most {MAX_ZIP_BYTES // 2**20} MiB with train/CLASS/ and test/CLASS/ folders of PNG or JPEG pictures, "
    f"at most {MAX_PICTURES:,} pictures of {MAX_PICTURE_BYTES // 2**10} KiB each, all of the same size from "
    f"{format_shape((MIN_SIDE, MIN_SIDE))} to {format_shape((MAX_SIDE, MAX_SIDE))} pixels, in 2 to {MAX_CLASSES} "
    "classes"
)
SUFFIXES = (".png", ".jpg", ".jpeg")
GRAY_MODES, COLOR_MODES = ("1", "L", "LA"), ("P", "RGB", "RGBA", "YCbCr", "CMYK")
SYSTEM_FILES = re.compile(
    r"(^|/)(__MACOSX/|\.(?!\.)|Thumbs\.db$|desktop\.ini$)"
)  # what file managers leave in a zip unasked


@dataclass(frozen=True, slots=True)
class Survey:
    """What a zip's directory says, within the limits; only the first picture has been read."""

    train: tuple[tuple[zipfile.ZipInfo, int], ...]  # with each picture's label
    test: tuple[tuple[zipfile.ZipInfo, int], ...]
    classes: tuple[str, ...]  # in alphabetical order
    shape: Shape


def survey(path: Path) -> Survey:
    """Check a zip against the limits, as far as its directory tells.

    Args:
        path: The zip.

    Returns:
        Its pictures, classes and shape.

    Raises:
        BrokenSource: It exceeds a limit; the message is a sentence.
    """
    with _opened(path) as archive:
        return _survey(archive, path)


def read(path: Path, title: str, report: Report) -> Rows:
    """Return all pictures of a zip, in the order of `core.data.order`.

    Args:
        path: The zip.
        title: The dataset's title.
        report: Called with the progress.

    Returns:
        The rows.

    Raises:
        BrokenSource: A picture is invalid; the message names the first one.
    """
    with _opened(path) as archive:
        found = _survey(archive, path)
        total = len(found.train) + len(found.test)
        array = np.empty((total, 1 + int(np.prod(found.shape))), np.uint8)
        for row, (entry, label) in enumerate((*found.train, *found.test)):
            if row % 500 == 0:
                report(Progress(stage="reading", text=f"Reading {path.name}.", done=row, total=total))
            picture = _picture(archive, entry, path)
            pixels = _pixels(picture, gray=found.shape[0] == 1, where=f"{entry.filename} in {path.name}")
            if pixels.shape != found.shape:
                raise BrokenSource(
                    f"{entry.filename} in {path.name} has {format_shape(pixels.shape[1:])} pixels and the first "
                    f"picture {format_shape(found.shape[1:])}: resize all to the same size."
                )
            array[row, 0] = label
            array[row, 1:] = pixels.reshape(-1)
    split = len(found.train)
    array[:split], array[split:] = order.sort_by_content(array[:split]), order.sort_by_content(array[split:])
    return Rows(array=array, train=split, shape=found.shape, classes=found.classes, title=title)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip, and raise BrokenSource for any damage that shows while it is read."""
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise BrokenSource(f"{path.name} is larger than {MAX_ZIP_BYTES // 2**20} MiB: use fewer pictures.")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        ValueError,
        struct.error,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise BrokenSource(f"{path.name} is broken or incomplete ({error}): create the zip again.") from None


def _survey(archive: zipfile.ZipFile, path: Path) -> Survey:
    """Return the survey of an open zip. Raises BrokenSource."""
    files = [entry for entry in archive.infolist() if not entry.is_dir() and not SYSTEM_FILES.search(entry.filename)]
    if len(files) > MAX_PICTURES:
        raise BrokenSource(f"{path.name} holds {len(files):,} files; the limit is {MAX_PICTURES:,}.")
    pictures: dict[str, list[tuple[zipfile.ZipInfo, str]]] = {"train": [], "test": []}
    for entry in files:
        parts = entry.filename.split("/")
        if (
            ".." in parts
            or "\\" in entry.filename
            or entry.filename.startswith("/")
            or not entry.filename.isprintable()
        ):
            raise BrokenSource(f"{path.name} holds a file with a name that is not allowed: {entry.filename!r:.80}.")
        if parts[0] in pictures:
            _check(entry, parts, path)
            pictures[parts[0]].append((entry, parts[1]))
    for split, members in pictures.items():
        if not members:
            raise BrokenSource(f"{path.name} has no pictures in {split}/CLASS/. It must be {LIMITS}.")
    classes = sorted({name for _, name in pictures["train"]})
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise BrokenSource(f"{path.name} has {len(classes)} classes in train/; it must have 2 to {MAX_CLASSES}.")
    label = {name: number for number, name in enumerate(classes)}
    if strange := sorted({name for _, name in pictures["test"]} - label.keys()):
        raise BrokenSource(f"{path.name} has test/{strange[0]} but no train/{strange[0]}: each class must be in both.")
    train, test = (tuple((entry, label[name]) for entry, name in pictures[split]) for split in ("train", "test"))
    first = train[0][0]
    picture = _picture(archive, first, path)
    shape = _pixels(picture, gray=picture.mode in GRAY_MODES, where=f"{first.filename} in {path.name}").shape
    if (len(train) + len(test)) * int(np.prod(shape)) > MAX_PIXEL_BYTES:
        raise BrokenSource(f"{path.name} has more than {MAX_PIXEL_BYTES // 2**20} MiB of pixels: use fewer pictures.")
    return Survey(train, test, tuple(classes), (shape[0], shape[1], shape[2]))


def _check(entry: zipfile.ZipInfo, parts: list[str], path: Path) -> None:
    """Check one file of train/ or test/ by what the directory says about it. Raises BrokenSource."""
    where = f"{entry.filename} in {path.name}"
    if len(parts) != 3 or not parts[1].strip() or len(parts[1]) > MAX_CLASS_LETTERS:
        raise BrokenSource(f"{where} is not in the folder of a class, as in train/CLASS/picture.png.")
    if not parts[2].lower().endswith(SUFFIXES):
        raise BrokenSource(f"{where} is not a picture: only {', '.join(SUFFIXES)} belong in train/ and test/.")
    if entry.file_size > MAX_PICTURE_BYTES:
        raise BrokenSource(f"{where} has {entry.file_size:,} bytes; the limit is {MAX_PICTURE_BYTES:,}.")
    if entry.flag_bits & 1:
        raise BrokenSource(f"{where} is protected by a password: create the zip without one.")


def _picture(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> Image.Image:
    """Return one picture, decoded after its size was checked. Raises BrokenSource."""
    where = f"{entry.filename} in {path.name}"
    with archive.open(entry) as stream:
        content = stream.read(MAX_PICTURE_BYTES + 1)
    if len(content) > MAX_PICTURE_BYTES:
        raise BrokenSource(f"{where} unpacks to more than {MAX_PICTURE_BYTES:,} bytes.")
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if all(MIN_SIDE <= side <= MAX_SIDE for side in picture.size):
            picture.load()
            return picture
    except Exception:  # decoders raise nearly anything for a hostile file, and all of it means the same
        raise BrokenSource(f"{where} cannot be read as a PNG or JPEG picture.") from None
    raise BrokenSource(
        f"{where} has {format_shape((picture.height, picture.width))} pixels; each side must have {MIN_SIDE} to "
        f"{MAX_SIDE}."
    )


def _pixels(picture: Image.Image, *, gray: bool, where: str) -> Pixels:
    """Return a picture as an array with one channel or three, (C, H, W). Raises BrokenSource."""
    if picture.mode not in GRAY_MODES + COLOR_MODES:
        raise BrokenSource(
            f"{where} has pixels of a type that cannot be read ({picture.mode}): save it with 8 bits per color."
        )
    if gray and picture.mode not in GRAY_MODES:
        raise BrokenSource(f"{where} is in color and the first picture is gray: use the same mode for all of them.")
    array = np.asarray(picture.convert("L" if gray else "RGB"))
    return array[None] if gray else array.transpose(2, 0, 1)
