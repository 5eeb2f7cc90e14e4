"""Read a zip of pictures, as people make them: how users bring data of their own.

Nothing is unpacked to the disk, and no name in the zip is ever used as a path. The contents are limited before anything
is read, and again while it is read. What cannot be used is left out; `notes` of the results list it.
"""

import hashlib
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data import content_order
from core.data.dataset import BrokenSource, Progress, Report, Rows, Shape
from core.data.image_folder import archive as archives
from core.data.image_folder.archive import Member
from core.data.image_folder.arrangement import arrange, counted, listed
from core.data.image_folder.labels import MAX_TABLE_BYTES, MAX_TABLES, Index, Label, read_table
from core.data.image_folder.labels import SUFFIXES as TABLE_SUFFIXES
from core.data.image_folder.options import Options, load_options, options_path
from core.data.image_folder.pixels import FITS, Decoder, common_shape
from core.images.pictures import PictureError
from core.images.uploads import MAX_BYTES, Header, read_header
from core.size_text import format_shape

__all__ = ["Survey", "options_path", "read", "survey"]

MAX_PIXEL_BYTES = 512 * 2**20  # of all pictures together, in memory
MAX_DECODED_PIXELS = 20 * 10**9  # of all pictures together, in their files: minutes
SAMPLE, SAMPLE_BYTES = 1_000, 64 * 2**20  # pictures whose size and colors decide for all, and what they may unpack to
SECONDS_BETWEEN_REPORTS = 0.5
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a zip's directory and some of its pictures say, within the limits."""

    train: tuple[tuple[zipfile.ZipInfo, int], ...]  # with each picture's label
    test: tuple[tuple[zipfile.ZipInfo, int], ...]
    classes: tuple[str, ...]  # in alphabetical order
    shape: Shape
    notes: tuple[str, ...]  # sentences: what was left out or decided


def survey(path: Path) -> Survey:
    """Check a zip against the limits, as far as its directory tells.

    Args:
        path: The zip.

    Returns:
        Its pictures, classes and shape.

    Raises:
        BrokenSource: It exceeds a limit, or its options cannot be used; the message is a sentence.
    """
    options = load_options(path)
    with archives.opened(path) as archive:
        found, headers = _survey(archive, path, options)
    size = found.shape[1:]
    others = any((header.height, header.width) != size for header in headers)
    return _with_notes(
        found, [f"Pictures that are not {format_shape(size)} are {FITS[options.fit]}."] if others else []
    )


def read(path: Path, title: str, report: Report) -> Rows:
    """Return all pictures of a zip, in the order of `core.data.content_order`; those that cannot be read are left out.

    Args:
        path: The zip.
        title: The dataset's title.
        report: Called with the progress.

    Returns:
        The rows.

    Raises:
        BrokenSource: Nothing is left to train on or to test with, or the zip exceeds a limit.
    """
    options = load_options(path)
    with archives.opened(path) as archive:
        found, _ = _survey(archive, path, options)
        decoder = Decoder(found.shape, options)
        unreadable: list[str] = []
        array = np.empty((len(found.train) + len(found.test), 1 + int(np.prod(found.shape))), np.uint8)
        row = split = 0
        for number, (entry, label) in enumerate(_with_progress((*found.train, *found.test), path, report)):
            content = archives.content(archive, entry, MAX_BYTES)
            try:
                if content is None:
                    raise PictureError
                array[row, 1:] = decoder.decode(content).reshape(-1)
            except PictureError:
                unreadable.append(archives.plain_name(entry))
                continue
            finally:
                if decoder.pixels > MAX_DECODED_PIXELS:
                    raise BrokenSource(f"{path.name} has more pixels than can be read: use fewer or smaller pictures.")
            array[row, 0] = label
            row += 1
            split += number < len(found.train)
    if not 0 < split < row:
        part = "test" if split else "training"
        raise BrokenSource(
            f"{path.name} has no {part} picture that can be read; {listed(unreadable)} cannot be read as pictures."
        )
    there = set(array[:split, 0].tolist())
    if missing := [name for label, name in enumerate(found.classes) if label not in there]:
        raise BrokenSource(
            f"{path.name} has no training picture of {listed(missing)} that can be read; {listed(unreadable)} cannot "
            "be read as pictures."
        )
    array[:split] = content_order.sort_by_content(array[:split])
    array[split:row] = content_order.sort_by_content(array[split:row])
    found = _with_notes(found, _read_notes(unreadable, decoder))
    return Rows(
        array=array[:row], train=split, shape=found.shape, classes=found.classes, title=title, notes=found.notes
    )


def _with_notes(found: Survey, notes: Sequence[str]) -> Survey:
    """Return a survey with further notes."""
    return Survey(found.train, found.test, found.classes, found.shape, (*found.notes, *notes))


def _read_notes(unreadable: Sequence[str], decoder: Decoder) -> list[str]:
    """Return what was noticed while the pictures were read."""
    notes = []
    if unreadable:
        notes.append(f"{counted(len(unreadable), 'damaged picture')} left out: {listed(unreadable)}.")
    if decoder.resized:
        size, how = format_shape(decoder.shape[1:]), FITS[decoder.options.fit]
        notes.append(f"{counted(decoder.resized, 'picture')} of another size than {size}: {how}.")
    return notes


def _with_progress(
    pictures: Sequence[tuple[zipfile.ZipInfo, int]], path: Path, report: Report
) -> Iterator[tuple[zipfile.ZipInfo, int]]:
    """Yield the pictures, and report the progress about twice a second."""
    last = -SECONDS_BETWEEN_REPORTS
    for done, picture in enumerate(pictures):
        if time.monotonic() - last >= SECONDS_BETWEEN_REPORTS:
            last = time.monotonic()
            report(Progress(stage="reading", text=f"Reading {path.name}.", done=done, total=len(pictures)))
        yield picture
    report(Progress(stage="reading", text=f"Reading {path.name}.", done=len(pictures), total=len(pictures)))


def _survey(archive: zipfile.ZipFile, path: Path, options: Options) -> tuple[Survey, list[Header]]:
    """Return the survey of an open zip, and what some pictures' headers say. Raises BrokenSource."""
    members, repeated = archives.members(archive, path)
    pictures = {member.name: member.entry for member in members if member.name.lower().endswith(SUFFIXES)}
    if locked := [member.name for member in members if member.entry.flag_bits & archives.PASSWORD_FLAG]:
        raise BrokenSource(f"{locked[0]} in {path.name} is protected by a password: create the zip without one.")
    if not pictures:
        inner = [
            member.name for member in members if member.name.lower().endswith((".zip", ".rar", ".7z", ".tar", ".gz"))
        ]
        hint = f" It holds {inner[0]:.80}: unpack that, and zip its folder." if inner else ""
        raise BrokenSource(f"{path.name} has no pictures ({', '.join(SUFFIXES)}) in it.{hint}")
    tables, used = _tables(archive, members, list(pictures))
    try:
        arranged = arrange(list(pictures), tables, options)
    except BrokenSource as error:
        raise BrokenSource(f"{path.name} {error}") from None
    headers = _headers(archive, [pictures[name] for name, _ in (*arranged.train, *arranged.test)])
    if not headers:
        first = arranged.train[0][0]
        raise BrokenSource(f"{path.name} has no picture that can be read; the first is {first}.")
    shape = common_shape(headers, options)
    if (len(arranged.train) + len(arranged.test)) * int(np.prod(shape)) > MAX_PIXEL_BYTES:
        raise BrokenSource(f"{path.name} has more than {MAX_PIXEL_BYTES // 2**20} MiB of pixels: use fewer pictures.")
    used |= {member.name for member in members if member.name.lower().endswith((".csv", ".tsv"))}
    others = [member.name for member in members if member.name not in pictures and member.name not in used]
    notes = list(arranged.notes)
    if others:
        notes.append(f"{counted(len(others), 'file')} of other kinds left out: {listed(others)}.")
    if repeated:
        notes.append(f"{counted(repeated, 'file')} with the name of a later one left out.")
    train, test = (tuple((pictures[name], label) for name, label in part) for part in (arranged.train, arranged.test))
    return Survey(train, test, arranged.classes, shape, tuple(notes)), headers


def _tables(
    archive: zipfile.ZipFile, members: Sequence[Member], pictures: Sequence[str]
) -> tuple[dict[str, Label], set[str]]:
    """Return what the tables of labels say about the pictures, and the names of these tables."""
    found: dict[str, Label] = {}
    used: set[str] = set()
    tables = [member for member in members if member.name.lower().endswith(TABLE_SUFFIXES)]
    tables = sorted(tables, key=lambda member: member.name.lower().endswith(".txt"))[:MAX_TABLES]  # texts are many
    index = Index(pictures) if tables else None
    for member in tables:
        content = archives.content(archive, member.entry, MAX_TABLE_BYTES)
        if content and index and (labels := read_table(content, member.name, index)):
            found |= labels
            used.add(member.name)
    return found, used


def _headers(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> list[Header]:
    """Return the headers of some pictures, drawn by their names so that they come from all classes."""
    drawn = sorted(entries, key=lambda entry: hashlib.sha256(entry.orig_filename.encode()).digest())
    found: list[Header] = []
    unpacked = 0
    for entry in drawn[:SAMPLE]:
        if found and unpacked + entry.file_size > SAMPLE_BYTES:
            break
        unpacked += entry.file_size
        try:
            if content := archives.content(archive, entry, MAX_BYTES):
                found.append(read_header(content))
        except PictureError:
            continue
    return found
