"""Find a dataset's files in the folder that somebody else prepared (`CNNLAB_DATA`), and remember which are broken.

Only names, sizes and times are checked here, never contents, so that it is cheap enough for every page run. Contents
are verified when they are read. Files that failed are remembered with their sizes and times until they change.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from core import app_paths
from core.data import cifar10, image_folder, mnist, prepared
from core.data.dataset import BrokenSource, Report, Rows

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")  # of a user's own set: the zip's name
IDENTITY = re.compile(rf"({NAME.pattern})@([0-9a-f]{{8}})")
RESERVED = ("mnist", "mnist-5k", "cifar10", "cifar10-standin")


@dataclass(frozen=True, slots=True)
class Source:
    """One place that a dataset can be read from."""

    place: Path
    problems: tuple[str, ...]  # sentences naming the files that are missing or have the wrong size
    read: Callable[[Report], Rows]  # raises BrokenSource naming the file whose content is wrong

    def bytes(self) -> int:
        """Return the size of all files here."""
        return sum(int(size) for _, size, *_ in self.stamps())

    def stamps(self) -> list[list[str | int]]:
        """Return the state of all files here, without reading them."""
        files = sorted(self.place.iterdir()) if self.place.is_dir() else [self.place]
        return [list(stamp) for stamp in map(prepared.stamp, files) if stamp]


def missing_folder() -> str:
    """Return a sentence if `CNNLAB_DATA` names a folder that does not exist; else an empty string."""
    folder = app_paths.data_folder()
    if folder is None or folder.is_dir():
        return ""
    return f"CNNLAB_DATA is set to {folder}, which is not a folder on this machine: correct the path, or unset it."


def find(identity: str) -> list[Source]:
    """Return the places that exist for a dataset's identity, best first, with what is known to be wrong with them."""
    folder = app_paths.data_folder()
    if folder is None:
        return []
    if identity == "mnist":
        raw = folder / "MNIST" / "raw"
        found = [Source(raw, tuple(mnist.problems(raw)), partial(mnist.read, raw))] if raw.is_dir() else []
    elif identity == "cifar10":
        found = list(_cifar10(folder))
    else:
        path = _zip_of(identity, folder)
        found = [Source(path, (), partial(image_folder.read, path, path.stem))] if path else []
    return [_with_refusal(identity, source) for source in found]


def _cifar10(folder: Path) -> list[Source]:
    """Return the places that CIFAR-10 can be read from."""
    binary, pickled = folder / cifar10.BINARY_FOLDER, folder / cifar10.PICKLED_FOLDER
    archive, zipped = folder / cifar10.ARCHIVE, folder / "cifar10.zip"
    found = []
    if binary.is_dir():
        problems = tuple(cifar10.binary_problems(binary))
        found.append(Source(binary, problems, partial(cifar10.read_binary, binary)))
    if archive.is_file():
        found.append(Source(archive, tuple(cifar10.archive_problems(archive)), partial(cifar10.read_archive, archive)))
    if pickled.is_dir():
        problems = tuple(cifar10.pickled_problems(pickled))
        found.append(Source(pickled, problems, partial(cifar10.read_pickled, pickled)))
    if zipped.is_file():

        def read(report: Report) -> Rows:
            """Read CIFAR-10 from a zip, if it is the published set."""
            return cifar10.require_published(image_folder.read(zipped, cifar10.INFO.title, report), zipped)

        found.append(Source(zipped, (), read))
    return found


def _zip_of(identity: str, folder: Path) -> Path | None:
    """Return the zip whose content an identity NAME@digest stands for; None if it is absent or has other content."""
    matched = IDENTITY.fullmatch(identity)
    path = folder / f"{matched[1]}.zip" if matched else None
    return path if path and path.is_file() and identity_of(path) == identity else None


def zips() -> list[Path]:
    """Return the zips that users brought, except those named like a known dataset."""
    folder = app_paths.data_folder()
    found = sorted(folder.glob("*.zip")) if folder else []
    return [path for path in found if NAME.fullmatch(path.stem) and path.stem not in RESERVED and path.is_file()]


def misnamed() -> dict[Path, str]:
    """Return the zips that are ignored because of their names, with a sentence for each."""
    folder = app_paths.data_folder()
    found = {}
    for path in sorted(folder.glob("*.zip")) if folder else []:
        if path.stem in RESERVED and path.stem != "cifar10":
            found[path] = f"{path} is not used, because {path.stem} is one of the app's own datasets: rename it."
        elif not NAME.fullmatch(path.stem):
            found[path] = (
                f"{path} is not used: rename it with at most 60 letters, digits, dots, dashes and underscores."
            )
    return found


def identity_of(path: Path) -> str:
    """Return NAME@digest for a zip; the digest is of its bytes and its options, read once for each state of them.

    Raises:
        BrokenSource: They cannot be read.
    """
    stamp = prepared.stamp(path)
    try:
        return f"{path.stem}@{_digest(stamp, prepared.stamp(image_folder.options_path(path)))}" if stamp else path.stem
    except OSError as error:
        raise BrokenSource(f"{error.filename} cannot be read ({error.strerror}): allow it, or remove it.") from None


@lru_cache(maxsize=64)
def _digest(stamp: prepared.Stamp, options: prepared.Stamp | None) -> str:
    """Return the first 8 hex digits of a zip's SHA-256, or of that and the options beside it."""
    with open(stamp[0], "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    if options:
        digest.update(Path(options[0]).read_bytes())
    return digest.hexdigest()[:8]


def _refusals_path(identity: str) -> Path:
    """Return the file that remembers a dataset's broken sources."""
    return prepared.folder() / f"{identity}.refused.json"


def refuse(identity: str, source: Source, reason: str) -> None:
    """Remember that a source's contents are wrong, until one of its files changes. Hold the dataset's lock.

    Args:
        identity: The dataset.
        source: The broken source.
        reason: A sentence.
    """
    path = _refusals_path(identity)
    note = prepared.stamp(path)
    known = dict(_read_refusals(note)) if note else {}
    known[str(source.place)] = {"stamps": source.stamps(), "reason": reason}
    with prepared.workspace(identity) as work:
        (work / "refused.json").write_text(json.dumps(known), encoding="utf-8")
        os.replace(work / "refused.json", path)


def _with_refusal(identity: str, source: Source) -> Source:
    """Return a source, with the remembered reason among its problems if its contents were found wrong before."""
    note = prepared.stamp(_refusals_path(identity))
    entry = _read_refusals(note).get(str(source.place)) if note else None
    if not entry or entry["stamps"] != source.stamps():
        return source
    return Source(source.place, (*source.problems, entry["reason"]), source.read)


@lru_cache(maxsize=64)
def _read_refusals(note: prepared.Stamp) -> dict[str, dict[str, Any]]:
    """Return the remembered sources by place; none if the file cannot be read."""
    try:
        data = json.loads(Path(note[0]).read_text(encoding="utf-8"))
        return {place: {"stamps": entry["stamps"], "reason": str(entry["reason"])} for place, entry in data.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # nothing remembered: the contents are checked again
