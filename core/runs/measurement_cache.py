"""Measurements of trained networks, kept in the home across restarts.

A measurement is a few small arrays in a .npz file. Its name is a digest of all that they depend on: the weights, the
data, the query and its values. Files that cannot be read are measured anew; the oldest ones are removed.
"""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core import app_paths

FOLDER = "measures"
VERSION = 2  # another one where a question's answer comes to mean something else
MAX_FILES = 4000  # files; of a few kilobytes each
MAX_FILE_BYTES = 2**20  # bytes of a file that is still read
CHECK_EVERY = 64  # files written between two counts of them

Arrays = dict[str, NDArray[Any]]
logger = logging.getLogger(__name__)


class MeasurementCache:
    """The measurements of one home. Any number of threads and processes may use it at once."""

    def __init__(self, home: Path | None = None, *, most: int = MAX_FILES) -> None:
        """Create nothing on disk until the first write. `most`: maximum number of cached files."""
        self._folder = (home or app_paths.home()).absolute() / FOLDER
        self._most, self._written = most, 0

    def get(self, key: str) -> Arrays | None:
        """Return the arrays kept under a key of `key_of`; None if there are none, or none that can be read."""
        path = self._path(key)
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ValueError("larger than any measure")
            with np.load(path, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
            with contextlib.suppress(OSError):
                os.utime(path)  # used: it is among the last to go
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            logger.warning("%s is measured anew: it cannot be read (%s).", path, error)
            return None
        return found

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key, or nothing if the home has no room."""
        path, named = self._path(key), cast(dict[str, Any], arrays)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                temporary = Path(file.name)
                try:
                    np.savez_compressed(file, **named)
                    file.close()
                    temporary.replace(path)
                finally:
                    temporary.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s is not kept (%s).", path, error)
            return
        if self._written % CHECK_EVERY == 0:
            self._make_room()
        self._written += 1

    def _make_room(self) -> None:
        """Remove the files unused for the longest, if there are too many."""
        with contextlib.suppress(OSError):  # another process may be removing the same
            files = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
            for path in files[: max(0, len(files) - self._most)]:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.npz"


def key_of(question: str, network: Path, **values: Any) -> str:
    """Return 32 hex digits of everything a measurement depends on.

    Args:
        question: The name of the query.
        network: The file of weights.
        values: The query's values, as plain JSON.

    Raises:
        OSError: The file of weights cannot be read.
    """
    stat = network.stat()
    values_used = {
        "version": VERSION,
        "question": question,
        "weights": _digest(network, stat.st_mtime_ns, stat.st_size),
        **values,
    }
    return hashlib.sha256(json.dumps(values_used, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def _digest(path: Path, changed: int, size: int) -> str:
    """Return the digest of a file's content; `changed` and `size` make a newer file another cache entry."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
