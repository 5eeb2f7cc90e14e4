"""Store prepared copies: one uint8 array file per dataset in the app's home, with a sidecar that describes it.

`NAME.npy` has the rows of `core.data.dataset.Rows`; `NAME.json` has their meaning and the SHA-256 of the array file. A
copy is written under a temporary name, flushed to the disk and then renamed, so that a name never stands for half a
file. A copy that has changed since is renamed to `NAME.npy.broken`: it is reported by name and never opened again.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from core import app_paths
from core.data.dataset import BrokenSource, Dataset, DatasetInfo, Progress, Report, Rows, Shape

FORMAT = 1  # raised when the rows or their order change, so that older copies are made anew
ROWS_AT_A_TIME = 4096
Stamp = tuple[str, int, int, int]  # path, bytes, modified (ns), inode: changes whenever the file does


def folder() -> Path:
    """Return the folder of prepared copies."""
    return app_paths.home() / "data"


def array_path(name: str) -> Path:
    """Return the array file of a dataset's prepared copy."""
    return folder() / f"{name}.npy"


def sidecar_path(name: str) -> Path:
    """Return the file that describes the array file: shape, classes, checksum."""
    return folder() / f"{name}.json"


def stamp(path: Path) -> Stamp | None:
    """Return what identifies a file's state without reading it; None if there is no file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The contents of a sidecar."""

    sha256: str  # of the array file
    bytes: int  # of the array file
    train: int
    test: int
    shape: Shape
    classes: tuple[str, ...]
    title: str
    origin: str  # where the pictures came from
    notes: tuple[str, ...] = ()  # as of DatasetInfo; copies of earlier versions have none


def sidecar(name: str) -> Sidecar | None:
    """Return the sidecar of a copy that seems whole: readable, with an array file of the stated size; not hashed."""
    array, note = stamp(array_path(name)), stamp(sidecar_path(name))
    content = _read_sidecar(note) if note else None
    return content if array and content and array[1] == content.bytes else None


@lru_cache(maxsize=64)
def _read_sidecar(note: Stamp) -> Sidecar | None:
    """Return a sidecar's contents; None if it cannot be read or has another format."""
    try:
        data = json.loads(Path(note[0]).read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT:
            return None
        channels, height, width = data.pop("shape")
        classes, notes = tuple(data.pop("classes")), tuple(data.pop("notes", ()))
        return Sidecar(shape=(channels, height, width), classes=classes, notes=notes, **data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def describe(name: str, content: Sidecar) -> DatasetInfo:
    """Return a sidecar's contents as DatasetInfo.

    Args:
        name: The dataset's identity.
        content: The sidecar.

    Returns:
        What is known about the prepared copy.
    """
    return DatasetInfo(
        name=name,
        title=content.title,
        shape=content.shape,
        classes=content.classes,
        train_images=content.train,
        test_images=content.test,
        source=f"A prepared copy in the app's own folder, made from {content.origin}.",
        standin=False,
        notes=content.notes,
    )


def load(name: str) -> Dataset | None:
    """Return the prepared copy, memory-mapped; None if there is none. Raises BrokenSource if its checksum is wrong."""
    content, array = sidecar(name), stamp(array_path(name))
    return _open(name, content, array) if content and array else None


@lru_cache(maxsize=16)
def _open(name: str, content: Sidecar, array: Stamp) -> Dataset:
    """Open a copy; its file is hashed once per process, and again only after it has changed."""
    path = Path(array[0])
    rows, width = content.train + content.test, 1 + int(np.prod(content.shape))
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    mapped = np.load(path, mmap_mode="r", allow_pickle=False) if sha256 == content.sha256 else None
    if mapped is None or mapped.shape != (rows, width) or mapped.dtype != np.uint8:
        raise BrokenSource(f"{path.name} in {path.parent} has changed since it was prepared (its checksum is wrong).")
    # The labels stand one in each row, so that reading them touches every page of the file. A mapping of their own,
    # dropped at once, keeps those pages from being counted as this process's memory.
    labels = np.array(mapped[:, 0])
    pixels = np.load(path, mmap_mode="r", allow_pickle=False)[:, 1:].reshape(rows, *content.shape)
    return Dataset.split(describe(name, content), pixels, labels)


@contextmanager
def lock(name: str, report: Report) -> Iterator[None]:
    """Hold the lock of a dataset's preparation. The system frees it when the process ends, for whatever reason.

    Args:
        name: The dataset.
        report: Called if another process holds the lock.

    Yields:
        Nothing, while the lock is held.
    """
    folder().mkdir(parents=True, exist_ok=True)
    held = FileLock(folder() / f"{name}.lock")
    try:
        held.acquire(timeout=0)
    except Timeout:
        report(Progress(stage="waiting", text=f"Another process is preparing {name}; waiting for it."))
        held.acquire()
    try:
        yield
    finally:
        held.release()


@contextmanager
def workspace(name: str) -> Iterator[Path]:
    """Create a temporary folder beside the prepared copies, on the same disk. Hold the lock."""
    path = Path(tempfile.mkdtemp(prefix=f"{name}~", suffix=".tmp", dir=folder()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def unfinished_paths(name: str) -> list[Path]:
    """Return temporary files of a preparation that is running or was killed."""
    return sorted(folder().glob(f"{name}~*.tmp"))


def broken_path(name: str) -> Path:
    """Return the name that a prepared copy with a wrong checksum gets."""
    return folder() / f"{name}.npy.broken"


def clear(name: str) -> None:
    """Remove leftovers of killed preparations, and set a broken copy aside. Hold the lock."""
    for path in unfinished_paths(name):
        shutil.rmtree(path, ignore_errors=True)
    if array_path(name).exists():
        os.replace(array_path(name), broken_path(name))
    sidecar_path(name).unlink(missing_ok=True)


def write(name: str, rows: Rows, origin: str, report: Report) -> None:
    """Store rows as the prepared copy of a dataset. Hold the lock.

    Args:
        name: The dataset's identity.
        rows: Pictures and labels.
        origin: Where they came from, for people.
        report: Called with the progress.

    Raises:
        OSError: The disk is full, or the home is read-only.
    """
    with workspace(name) as work:
        array, note = work / "array.npy", work / "sidecar.json"
        sha256 = hashlib.sha256()
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(rows.array))
        # Written, not memory-mapped: on a full disk a write raises, while a store to a mapped page kills the process.
        with array.open("wb") as file:
            file.write(header.getvalue())
            sha256.update(header.getvalue())
            for start in range(0, len(rows.array), ROWS_AT_A_TIME):
                part = np.ascontiguousarray(rows.array[start : start + ROWS_AT_A_TIME]).data
                file.write(part)
                sha256.update(part)
                done = min(start + ROWS_AT_A_TIME, len(rows.array))
                report(Progress(stage="writing", text=f"Storing {rows.title}.", done=done, total=len(rows.array)))
            file.flush()
            os.fsync(file.fileno())
        content = {
            "format": FORMAT,
            "sha256": sha256.hexdigest(),
            "bytes": array.stat().st_size,
            "train": rows.train,
            "test": len(rows.array) - rows.train,
            "shape": rows.shape,
            "classes": rows.classes,
            "title": rows.title,
            "origin": origin,
            "notes": rows.notes,
        }
        note.write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.replace(array, array_path(name))
        os.replace(note, sidecar_path(name))
    broken_path(name).unlink(missing_ok=True)
