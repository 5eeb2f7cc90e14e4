"""Keep the networks that people bring, each in its owner's folder of the home, under a name of its content.

Only its owner finds a network: the folder is named by a digest of the owner's id.
"""

import hashlib
import os
import re
from pathlib import Path

FOLDER = "own_networks"
PREFIX = "own-"
MAX_BYTES = 20 * 2**20  # of a file of weights, as uploads are limited
MAX_OF_OWNER = 8  # files
MAX_KEPT = 40  # files, of all people


def name_of(owner: str, content: bytes, about: str, dataset: str) -> str:
    """Return the name of a network: nobody who lacks its file and its owner's id can tell it."""
    whole = hashlib.sha256()
    for part in (content, *(text.encode(errors="replace") for text in (about, dataset, owner))):
        whole.update(hashlib.sha256(part).digest())
    return PREFIX + whole.hexdigest()[:32]


def file_of(home: Path, owner: str, name: str) -> Path | None:
    """Return where an owner's network of that name is kept; None for any other name."""
    return _folder(home, owner) / f"{name}.safetensors" if re.fullmatch(f"{PREFIX}[0-9a-f]{{32}}", name) else None


def put_down(home: Path, owner: str, name: str, content: bytes) -> Path:
    """Write an upload beside where its network will be, and remove the oldest networks. Raises OSError."""
    folder = _folder(home, owner)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for files, most in ((folder.iterdir(), MAX_OF_OWNER), ((home / FOLDER).glob("**/*.*"), MAX_KEPT)):
        kept = sorted(filter(Path.is_file, files), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[most - 1 :]:
            path.unlink(missing_ok=True)
    upload = folder / f".{name}.{os.getpid()}.upload"
    upload.write_bytes(content)
    return upload


def _folder(home: Path, owner: str) -> Path:
    return home / FOLDER / hashlib.sha256(owner.encode(errors="replace")).hexdigest()[:32]
