"""Keep the networks that people bring, in a folder of the home: the newest ones, each under a name of its content."""

import hashlib
import os
import re
from pathlib import Path

FOLDER = "own_networks"
PREFIX = "own-"
MAX_BYTES = 20 * 2**20  # of a file of weights, as uploads are limited
MAX_KEPT = 40  # files, of all people


def name_of(content: bytes, about: str, dataset: str) -> str:
    """Return the name of a network: nobody who lacks its file can tell it."""
    whole = hashlib.sha256()
    for part in (content, about.encode(errors="replace"), dataset.encode(errors="replace")):
        whole.update(hashlib.sha256(part).digest())
    return PREFIX + whole.hexdigest()[:32]


def file_of(home: Path, name: str) -> Path | None:
    """Return where the network of that name is kept; None for any other name."""
    return home / FOLDER / f"{name}.safetensors" if re.fullmatch(f"{PREFIX}[0-9a-f]{{32}}", name) else None


def put_down(home: Path, name: str, content: bytes) -> Path:
    """Write an upload beside where its network will be, and remove the oldest networks. Raises OSError."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MAX_KEPT - 1 :]:
        path.unlink(missing_ok=True)
    upload = folder / f".{name}.{os.getpid()}.upload"
    upload.write_bytes(content)
    return upload
