"""Read CIFAR-10 in its published forms: the binary archive, its unpacked batches, and torchvision's pickled batches.

Every form gives the same rows in the same order (`core.data.content_order.sort_by_content`), so that "cifar10" means
one array of numbers wherever it came from.

References:
    Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
"""

import hashlib
import pickletools
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.data import content_order
from core.data.dataset import BrokenSource, DatasetInfo, Pixels, Progress, Report, Rows

INFO = DatasetInfo(
    name="cifar10",
    title="CIFAR-10 photographs",
    shape=(3, 32, 32),
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    train_images=50_000,
    test_images=10_000,
    source="",
    standin=False,
)
BATCH_IMAGES, ROW_BYTES = 10_000, 1 + 3 * 32 * 32

# The SHA-256 of all rows in our order, which holds for every form the published pictures come in.
ROWS_SHA256 = "061c9d55f4bead282ea643bf7c382df1b0852fb87f0578ced2e319dbda3ad359"
ARCHIVE = "cifar-10-binary.tar.gz"  # the form without pickles
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)  # torchvision's
ARCHIVE_MD5, ARCHIVE_BYTES = "c32a1d4ab5d03f1284b67883e8d87530", 170_052_171
BINARY_FOLDER = "cifar-10-batches-bin"
BINARY_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
PICKLED_FOLDER = "cifar-10-batches-py"
PICKLED_FILES = {  # with their published MD5, as in torchvision.datasets.CIFAR10
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}


def is_published(rows: Rows) -> bool:
    """Return whether rows are the published CIFAR-10: every picture and every label."""
    return hashlib.sha256(np.ascontiguousarray(rows.array).data).hexdigest() == ROWS_SHA256


def require_published(rows: Rows, path: Path) -> Rows:
    """Return rows that are the published CIFAR-10.

    Args:
        rows: Rows that were read.
        path: Where they came from, for the error message.

    Returns:
        The same rows.

    Raises:
        BrokenSource: A picture or a label differs.
    """
    if is_published(rows):
        return rows
    raise BrokenSource(
        f"{path} does not hold the published CIFAR-10: a picture or a label differs. "
        "Put the published files there; for a set of your own, use a zip with another name."
    )


def read_archive(path: Path, report: Report) -> Rows:
    """Return the rows in the published binary archive; nothing is unpacked to the disk.

    Args:
        path: The archive.
        report: Called with the progress.

    Returns:
        All 60,000 rows.

    Raises:
        BrokenSource: The archive is not the published one.
    """
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if md5 != ARCHIVE_MD5:
        raise BrokenSource(f"{path} is broken: it is not the published archive (its checksum is wrong).")
    with tarfile.open(path, "r:gz") as archive:

        def batch(name: str) -> Pixels:
            """Return the rows of one batch in the archive."""
            member = archive.extractfile(f"{BINARY_FOLDER}/{name}")
            return _rows(member.read(BATCH_IMAGES * ROW_BYTES + 1) if member else b"", path / name)

        return _assemble(BINARY_FILES, batch, report)


def archive_problems(path: Path) -> list[str]:
    """Return what is wrong with an archive, as far as its size tells, in sentences."""
    size = path.stat().st_size
    return [] if size == ARCHIVE_BYTES else [f"{path} has {size:,} bytes; the published file has {ARCHIVE_BYTES:,}."]


def binary_problems(folder: Path) -> list[str]:
    """Return what is wrong with a folder of binary batches, as far as names and sizes tell, in sentences."""
    size = BATCH_IMAGES * ROW_BYTES
    return [
        f"{path} is missing or is not {size:,} bytes long, as the published file is."
        for path in (folder / name for name in BINARY_FILES)
        if not path.is_file() or path.stat().st_size != size
    ]


def read_binary(folder: Path, report: Report) -> Rows:
    """Return the rows in a folder of published binary batches.

    Args:
        folder: The folder.
        report: Called with the progress.

    Returns:
        All 60,000 rows.

    Raises:
        BrokenSource: A file is not the published one.
    """
    rows = _assemble(BINARY_FILES, lambda name: _rows((folder / name).read_bytes(), folder / name), report)
    return require_published(rows, folder)


def pickled_problems(folder: Path) -> list[str]:
    """Return what is wrong with torchvision's folder, as far as names tell, in sentences."""
    return [f"{folder / name} is missing." for name in PICKLED_FILES if not (folder / name).is_file()]


def read_pickled(folder: Path, report: Report) -> Rows:
    """Return the rows in torchvision's folder of batches, which are pickles but are not unpickled.

    Unpickling can run any code that a file contains. These files are accepted only if their MD5 is the published one,
    and even then they are only parsed: `pickletools` lists a pickle's instructions without executing any, and the
    pixels and the labels are plain constants among them.

    Args:
        folder: The folder.
        report: Called with the progress.

    Returns:
        All 60,000 rows.

    Raises:
        BrokenSource: A file is not the published one.
    """

    def batch(name: str) -> Pixels:
        """Return the rows of one pickled batch."""
        content = (folder / name).read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != PICKLED_FILES[name]:
            raise BrokenSource(f"{folder / name} is broken: it is not the published file (its checksum is wrong).")
        return parse_pickled_batch(content)

    return require_published(_assemble(tuple(PICKLED_FILES), batch, report), folder)


def parse_pickled_batch(content: bytes) -> Pixels:
    """Return the rows of one batch that Python 2 pickled.

    Args:
        content: The pickle of {"labels": [int], "data": array (N, 3072) of uint8, ...}.

    Returns:
        Rows, (N, 1 + 3072), the label first.

    Raises:
        BrokenSource: The content is anything else.
    """
    labels: list[int] = []
    pixels, key, columns_first = b"", "", False
    for opcode, argument, _ in pickletools.genops(content):
        match opcode.name, argument:
            case "SHORT_BINSTRING", "batch_label" | "labels" | "data" | "filenames":
                key = str(argument)
            case "BININT1", int(label) if key == "labels":
                labels.append(label)
            case "NEWTRUE", _ if key == "data":  # how numpy says that an array is in Fortran's order
                columns_first = True
            case "BINSTRING", str(text) if key == "data":
                pixels = text.encode("latin-1")
    if not labels or len(pixels) != len(labels) * (ROW_BYTES - 1):
        raise BrokenSource("This is not a batch of CIFAR-10: it must hold labels and equally many pictures.")
    images = np.frombuffer(pixels, np.uint8).reshape((len(labels), -1), order="F" if columns_first else "C")
    return np.column_stack([np.array(labels, np.uint8), images])


def _rows(content: bytes, path: Path) -> Pixels:
    """Return one binary batch: rows of a label and 3,072 pixels, channel by channel."""
    if len(content) != BATCH_IMAGES * ROW_BYTES:
        raise BrokenSource(f"{path} is not {BATCH_IMAGES * ROW_BYTES:,} bytes long, as the published file is.")
    return np.frombuffer(content, np.uint8).reshape(BATCH_IMAGES, ROW_BYTES)


def _assemble(names: tuple[str, ...], batch: Callable[[str], Pixels], report: Report) -> Rows:
    """Return all batches, the last of which is the test set, in the app's order."""
    batches = []
    for done, name in enumerate(names):
        report(Progress(stage="reading", text=f"Reading CIFAR-10: {name}.", done=done, total=len(names)))
        batches.append(batch(name))
    return Rows(
        array=np.concatenate(
            [content_order.sort_by_content(np.concatenate(batches[:-1])), content_order.sort_by_content(batches[-1])]
        ),
        train=sum(map(len, batches[:-1])),
        shape=INFO.shape,
        classes=INFO.classes,
        title=INFO.title,
    )
