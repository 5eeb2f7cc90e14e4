"""Open a zip within limits and list its files under plain names, whoever wrote it.

Nothing is unpacked to the disk, and no name in the zip is ever used as a path.
"""

import io
import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.data.dataset import BrokenSource

MAX_ZIP_BYTES = 512 * 2**20
MAX_DIRECTORY_BYTES = 32 * 2**20  # of the list of names, which becomes objects in memory
MAX_FILES = 100_000
MAX_UNPACKED_BYTES = 8 * 2**30  # of all files together, as the zip announces them
UNICODE_PATH: Final = 0x7075  # Info-ZIP's extra field: the name in UTF-8, with the checksum of the other name
UTF8_FLAG: Final = 0x800
PASSWORD_FLAG: Final = 1
SYSTEM_FILES = re.compile(
    r"(^|/)(__MACOSX/|\.(?![./])|Thumbs\.db$|ehthumbs\.db$|desktop\.ini$|Icon\r$|@eaDir/|\$RECYCLE\.BIN/)",
    re.IGNORECASE,
)  # what file managers leave in a zip unasked
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc
DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip."""

    entry: zipfile.ZipInfo
    name: str  # with slashes, in Unicode's composed form (NFC)


class _Reader(io.BufferedReader):
    """A file that refuses to read a directory too long for memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes. Raises zipfile.BadZipFile if that is too many at once."""
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("its list of files is too long")
        return super().read(size)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip, and raise BrokenSource for any damage that shows while it is read."""
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise BrokenSource(f"{path.name} is larger than {MAX_ZIP_BYTES // 2**20} MiB: use fewer pictures.")
    try:
        with _Reader(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except DAMAGE as error:
        raise BrokenSource(f"{path.name} is broken or incomplete ({error}): create the zip again.") from None


def members(archive: zipfile.ZipFile, path: Path) -> tuple[list[Member], int]:
    """List a zip's files, without folders, links and what file managers add.

    Args:
        archive: The open zip.
        path: Its file.

    Returns:
        The files, of those with one name the last (as unpacking would leave it), and how many others had its name.

    Raises:
        BrokenSource: There are too many, or one has a name that leads out of the zip.
    """
    found: dict[str, Member] = {}
    repeated = 0
    for entry in archive.infolist():
        name = plain_name(entry)
        if name.endswith("/") or SYSTEM_FILES.search(name) or stat.S_ISLNK(entry.external_attr >> 16):
            continue
        if _leads_out(name):
            raise BrokenSource(f"{path.name} holds a file with a name that is not allowed: {name!r:.80}.")
        repeated += name in found
        found[name] = Member(entry, name)
    if len(found) > MAX_FILES:
        raise BrokenSource(f"{path.name} holds {len(found):,} files; the limit is {MAX_FILES:,}.")
    if sum(member.entry.file_size for member in found.values()) > MAX_UNPACKED_BYTES:
        raise BrokenSource(f"{path.name} unpacks to more than {MAX_UNPACKED_BYTES // 2**30} GiB: use smaller pictures.")
    return list(found.values()), repeated


def plain_name(entry: zipfile.ZipInfo) -> str:
    """Return a file's name with slashes, composed (NFC), from whatever encoding its zip has it in.

    Many programs write UTF-8 without saying so; what is no UTF-8 is in the code page of DOS (437).
    """
    name = entry.orig_filename
    if not entry.flag_bits & UTF8_FLAG:
        raw = name.encode("cp437")
        with suppress(UnicodeDecodeError):
            name = _unicode_path(entry.extra, raw) or raw.decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./")


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in Info-ZIP's extra field; "" if there is none for this raw name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and len(body) > 5 and body[0] == 1 and body[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return body[5:].decode("utf-8", "ignore")
    return ""


def _leads_out(name: str) -> bool:
    """Return whether a name is absolute, climbs out of its folder, or has control characters."""
    climbs = ".." in name.split("/") or name.startswith("/") or re.match(r"[A-Za-z]:", name) is not None
    return climbs or CONTROL_CHARACTER.search(name) is not None


def content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes | None:
    """Return a file's content; None if it is damaged or has more than `most` bytes, of which no more are unpacked."""
    # Python unpacks all that it has read of these other methods, however much that is, so it reads little.
    step = most + 1 if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else 4096
    unpacked = bytearray()
    try:
        with archive.open(entry) as stream:
            while len(unpacked) <= most and (part := stream.read(step)):
                unpacked += part
    except DAMAGE:
        return None
    return bytes(unpacked) if len(unpacked) <= most else None
