"""Read MNIST's four idx files, as published and as torchvision arranges them: `MNIST/raw/`, each plain or gzipped.

The idx format is LeCun's: a big-endian magic number, one 32-bit size per dimension, then the bytes.

References:
    LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.
"""

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.data.dataset import BrokenSource, DatasetInfo, Pixels, Progress, Report, Rows

INFO = DatasetInfo(
    name="mnist",
    title="MNIST handwritten digits",
    shape=(1, 28, 28),
    classes=tuple("0123456789"),
    train_images=60_000,
    test_images=10_000,
    source="",
    standin=False,
)


class IdxFile(NamedTuple):
    """One published file: its name, and the size and MD5 of its unpacked content."""

    name: str
    bytes: int
    md5: str


FILES = (
    IdxFile("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
    IdxFile("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
    IdxFile("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
    IdxFile("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"),
)
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")  # torchvision's
DOWNLOAD_BYTES = 11_594_722  # of the four gzipped files


def problems(raw: Path) -> list[str]:
    """Return what is wrong with a raw folder, as far as names and sizes tell, in sentences."""
    found = []
    for file in FILES:
        plain, packed = raw / file.name, raw / f"{file.name}.gz"
        if packed.is_file() or (plain.is_file() and plain.stat().st_size == file.bytes):
            continue
        if plain.is_file():
            found.append(f"{plain} has {plain.stat().st_size:,} bytes; the published file has {file.bytes:,}.")
        else:
            found.append(f"{plain} is missing.")
    return found


def read(raw: Path, report: Report) -> Rows:
    """Return all 70,000 digits in the order of the files, which is torchvision's.

    Args:
        raw: The folder.
        report: Called with the progress.

    Returns:
        The rows.

    Raises:
        BrokenSource: A file is missing or not the published one; the message names it.
    """
    report(Progress(stage="reading", text="Reading MNIST and checking it against its published checksums."))
    train_images, train_labels, test_images, test_labels = (_read_file(raw, file) for file in FILES)
    array = np.empty((len(train_images) + len(test_images), 1 + int(np.prod(INFO.shape))), np.uint8)
    array[:, 0] = np.concatenate([train_labels, test_labels])
    for part, images in (
        (array[: len(train_images)], train_images),
        (array[len(train_images) :], test_images),
    ):
        part[:, 1:] = images.reshape(len(images), -1)
    return Rows(array=array, train=len(train_images), shape=INFO.shape, classes=INFO.classes, title=INFO.title)


def _read_file(raw: Path, file: IdxFile) -> Pixels:
    """Return the array of one file, plain or gzipped, whichever is the published content. Raises BrokenSource."""
    complaint = f"{raw / file.name} is missing."
    for path in (raw / file.name, raw / f"{file.name}.gz"):
        if not path.is_file():
            continue
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                content = stream.read(file.bytes + 1)  # one more than published: enough to see that it is too long
        except (EOFError, gzip.BadGzipFile, zlib.error):
            content = b""
        if hashlib.md5(content, usedforsecurity=False).hexdigest() == file.md5:
            return parse_idx(content)
        complaint = f"{path} is broken: it is not the published file (its checksum is wrong)."
    raise BrokenSource(complaint)


def parse_idx(content: bytes) -> Pixels:
    """Return the array in an idx file of unsigned bytes. Raises BrokenSource for anything else."""
    dimensions = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    shape = tuple(np.frombuffer(content, ">u4", dimensions, 4).tolist()) if len(content) >= 4 + 4 * dimensions else ()
    values = np.frombuffer(content, np.uint8)[4 + 4 * dimensions :]
    if not shape or values.size != int(np.prod(shape)):
        raise BrokenSource("This is not an idx file of unsigned bytes, or a part of it is missing.")
    return values.reshape(shape)
