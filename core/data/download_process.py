"""Download a dataset's published files, in a process of its own.

    python -m core.data.download_process DATASET FOLDER FIRST TIMEOUT [MIRROR ...]

`core.data.download` watches that process and can kill it: a mirror can answer byte by byte for hours, and a name that
does not resolve can hang outside Python. Mirrors are numbered and tried from FIRST on, each into FOLDER/NUMBER. Events
are written as JSON lines to the standard output.
"""

import json
import os
import shutil
import socket
import sys
import threading
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from core.data import cifar10, mnist

PUBLISHED = {  # the mirrors and the files of each dataset
    "mnist": (mnist.MIRRORS, tuple(f"{file.name}.gz" for file in mnist.FILES)),
    "cifar10": (cifar10.MIRRORS, (cifar10.ARCHIVE,)),
}
HEADERS = {"User-Agent": "cnn-lab"}  # some servers refuse Python's own name


def _end_with_parent() -> None:
    """End this process with its parent: standard input is a pipe that only the parent holds."""
    os.read(0, 1)
    os._exit(1)


def _emit(**line: object) -> None:
    """Write one event as a JSON line."""
    print(json.dumps(line), flush=True)


def _fetch(address: str, path: Path) -> None:
    """Write what an address has to a file."""
    with urlopen(Request(address, headers=HEADERS)) as response, path.open("wb") as file:
        shutil.copyfileobj(response, file)


def main(dataset: str, folder: str, first: str, timeout: str, *mirrors: str) -> None:
    """Try mirrors until one has delivered every file.

    Args:
        dataset: "mnist" or "cifar10".
        folder: Where the files go.
        first: Number of the first mirror to try.
        timeout: Seconds without an answer after which a mirror is given up.
        *mirrors: Addresses; the published ones if none are given.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    socket.setdefaulttimeout(float(timeout))
    known, names = PUBLISHED[dataset]
    for number, mirror in list(enumerate(mirrors or known))[int(first) :]:
        host = urlparse(mirror).netloc
        _emit(event="trying", mirror=number, host=host)
        target = Path(folder, str(number))
        target.mkdir()
        try:
            for name in names:
                _fetch(mirror + name, target / name)
        except (OSError, HTTPException, ValueError) as error:
            cause = getattr(error, "reason", error)  # of a URLError, whose own text is not for people
            reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
            _emit(event="failed", mirror=number, host=host, reason=reason)
        else:
            _emit(event="done", mirror=number, host=host)
            return
    _emit(event="exhausted")


if __name__ == "__main__":
    main(*sys.argv[1:])
