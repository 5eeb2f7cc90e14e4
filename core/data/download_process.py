"""Download a dataset's published files with torchvision, in a process of its own.

    python -m core.data.download_process DATASET FOLDER FIRST TIMEOUT [MIRROR ...]

`core.data.download` watches that process and can kill it: torchvision's downloads have no time limit, a name that does
not resolve can hang outside Python, and the web process never imports torch. Mirrors are numbered and tried from FIRST
on, each into FOLDER/NUMBER. Events are written as JSON lines to the standard output.
"""

import json
import os
import socket
import sys
import threading
from http.client import HTTPException
from urllib.parse import urlparse


def _end_with_parent() -> None:
    """End this process with its parent: standard input is a pipe that only the parent holds."""
    os.read(0, 1)
    os._exit(1)


def _emit(**line: object) -> None:
    """Write one event as a JSON line."""
    print(json.dumps(line), flush=True)


def _published(dataset: str) -> tuple[list[str], list[str]]:
    """Return the addresses of the mirrors and the names of the files, as torchvision has them."""
    from torchvision.datasets import CIFAR10, MNIST

    if dataset == "mnist":
        return list(MNIST.mirrors), [name for name, _ in MNIST.resources]
    return [CIFAR10.url.rpartition("/")[0] + "/"], ["cifar-10-binary.tar.gz"]  # the form without pickles


def main(dataset: str, folder: str, first: str, timeout: str, *mirrors: str) -> None:
    """Try mirrors until one has delivered every file.

    Args:
        dataset: "mnist" or "cifar10".
        folder: Where the files go.
        first: Number of the first mirror to try.
        timeout: Seconds without an answer after which a mirror is given up.
        *mirrors: Addresses; torchvision's if none are given.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    socket.setdefaulttimeout(float(timeout))
    known, names = _published(dataset)
    from torchvision.datasets.utils import download_url

    for number, mirror in list(enumerate(mirrors or known))[int(first) :]:
        host = urlparse(mirror).netloc
        _emit(event="trying", mirror=number, host=host)
        try:
            for name in names:
                download_url(mirror + name, os.path.join(folder, str(number)), name)
        except (OSError, HTTPException, RuntimeError, ValueError) as error:
            cause = getattr(error, "reason", error)  # of a URLError, whose own text is not for people
            reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
            _emit(event="failed", mirror=number, host=host, reason=reason)
        else:
            _emit(event="done", mirror=number, host=host)
            return
    _emit(event="exhausted")


if __name__ == "__main__":
    main(*sys.argv[1:])
