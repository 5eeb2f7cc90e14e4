import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core import app_paths, data
from core.data import cifar10, download, mnist

pytestmark = pytest.mark.slow


class Mirrors(ThreadingHTTPServer):
    """Mirrors on this machine: the first part of an address's path says how that one behaves."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Mirror)
        self.files: dict[str, bytes] = {}
        self.closing = threading.Event()

    def behaving(self, *behaviors: str) -> tuple[str, ...]:
        return tuple(f"http://127.0.0.1:{self.server_port}/{behavior}/" for behavior in behaviors)


class Mirror(BaseHTTPRequestHandler):
    server: Mirrors

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        _, behavior, name = self.path.split("/")
        content = self.server.files.get(name, b"")
        if behavior == "silent":
            self.server.closing.wait(30)
            return
        self.send_response(404 if behavior == "empty" else 200)
        if behavior == "portal":
            content = b"<html>Please log in</html>"
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD" or behavior == "empty":
            return
        if behavior == "dribble":
            for byte in content:
                self.wfile.write(bytes([byte]))
                if self.server.closing.wait(0.1):
                    return
        else:
            self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with Mirrors() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


def publish_mnist(mirrors: Mirrors, folder: Path) -> None:
    for file in mnist.FILES:
        mirrors.files[f"{file.name}.gz"] = gzip.compress((folder / "MNIST" / "raw" / file.name).read_bytes())


def test_mnist_comes_from_the_first_mirror_that_has_it(
    mirrors: Mirrors, small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_mnist(mirrors, small_mnist)
    closed = ("http://127.0.0.1:9/",)
    monkeypatch.setattr(download, "MIRRORS", closed + mirrors.behaving("empty", "portal", "whole"))
    told: list[data.Progress] = []
    found = data.prepare("mnist", report=told.append)
    assert (found.name, found.standin) == ("mnist", False)
    assert "a download from 127.0.0.1" in found.source
    assert len(data.load("mnist").train_images) == 60
    downloading = [progress for progress in told if progress.stage == "downloading"]
    assert max(progress.done for progress in downloading) > 0
    assert all(progress.total == 11_594_722 for progress in downloading)
    assert not list(home.rglob("*.tmp"))


def test_cifar10_comes_as_the_archive_without_pickles(
    mirrors: Mirrors, small_cifar10: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, rows in zip(cifar10.BINARY_FILES, small_cifar10, strict=True):
            member = tarfile.TarInfo(f"{cifar10.BINARY_FOLDER}/{name}")
            member.size = rows.nbytes
            archive.addfile(member, io.BytesIO(rows.tobytes()))
    mirrors.files[cifar10.ARCHIVE] = stream.getvalue()
    monkeypatch.setattr(cifar10, "ARCHIVE_MD5", hashlib.md5(stream.getvalue()).hexdigest())
    monkeypatch.setattr(download, "MIRRORS", mirrors.behaving("whole"))
    assert data.prepare("cifar10").name == "cifar10"
    assert data.load("cifar10", exact=True).train_images.shape == (50, 3, 32, 32)


@pytest.mark.clock
def test_mirrors_that_keep_silent_are_given_up_and_the_embedded_digits_serve(
    mirrors: Mirrors, small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_mnist(mirrors, small_mnist)
    monkeypatch.setattr(download, "NO_ANSWER_SECONDS", 1.5)
    monkeypatch.setattr(download, "MIRRORS", mirrors.behaving("silent", "dribble"))
    begin = time.monotonic()
    found = data.prepare("mnist")
    assert time.monotonic() - begin < 60  # some seconds
    assert found.name == "mnist-5k"
    assert "127.0.0.1" in found.source
    assert data.resolve("mnist") == "mnist-5k"
    assert not [path for path in home.rglob("*") if path.suffix in (".npy", ".tmp")]


def test_the_download_ends_with_the_process_that_asked_for_it(mirrors: Mirrors, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "core.data.download_process",
            "mnist",
            str(tmp_path),
            "0",
            "30",
            *mirrors.behaving("silent"),
        ],
        cwd=app_paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert "trying" in child.stdout.readline()
    child.communicate(timeout=5)  # closes its standard input, as the system does when a process is killed
    assert child.returncode == 1


def test_one_who_stops_asking_stops_the_download(
    mirrors: Mirrors, small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MIRRORS", mirrors.behaving("silent"))

    def stop(progress: data.Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.prepare("mnist", report=stop)
    assert not list(home.rglob("*.tmp"))
