"""Small sets in the published layouts, made from what the app embeds; the checksums they are held to are theirs."""

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import cifar10, cifar10_standin, content_order, embedded_digits, mnist

TRAIN, TEST = 60, 20


def idx_bytes(array: np.ndarray) -> bytes:
    """An idx file of unsigned bytes, as LeCun describes it."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def png_bytes(pixels: np.ndarray) -> bytes:
    """(C, H, W) as a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that CNNLAB_DATA names."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("CNNLAB_DATA", str(folder))
    return folder


@pytest.fixture
def small_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with MNIST/raw of 60 + 20 digits that passes for the published MNIST."""
    digits = embedded_digits.load()
    contents = (
        digits.train_images[:TRAIN, 0],
        digits.train_labels[:TRAIN],
        digits.test_images[:TEST, 0],
        digits.test_labels[:TEST],
    )
    raw = tmp_path / "published" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    files = []
    for file, array in zip(mnist.FILES, contents, strict=True):
        content = idx_bytes(array)
        (raw / file.name).write_bytes(content)
        files.append(mnist.IdxFile(file.name, len(content), hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(mnist, "FILES", tuple(files))
    return raw.parents[1]


@pytest.fixture
def small_cifar10(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Six batches of ten pictures that pass for the published CIFAR-10. (6, 10, 1 + 3072)."""
    pictures = cifar10_standin.load()
    rows = np.column_stack([pictures.train_labels[:60], pictures.train_images[:60].reshape(60, -1)])
    in_order = np.concatenate([content_order.sort_by_content(rows[:50]), content_order.sort_by_content(rows[50:])])
    monkeypatch.setattr(cifar10, "BATCH_IMAGES", 10)
    monkeypatch.setattr(cifar10, "ROWS_SHA256", hashlib.sha256(in_order.tobytes()).hexdigest())
    return rows.reshape(6, 10, -1)


@pytest.fixture
def make_zip(data_folder: Path) -> Callable[..., Path]:
    """Writes NAME.zip into the data folder: two classes of 8 x 8 pictures, and `extra` entries, arrays as PNG."""

    def make(
        name: str = "pets", *, extra: dict[str, np.ndarray | bytes] | None = None, without: str = "", each: int = 6
    ) -> Path:
        random = np.random.default_rng(0)
        entries = {
            f"{split}/{kind}/{number}.png": png_bytes(random.integers(0, 256, (3, 8, 8), dtype=np.uint8))
            for split in ("train", "test")
            for kind in ("cat", "dog")
            for number in range(each)
        }
        entries = {name: content for name, content in entries.items() if not without or not name.startswith(without)}
        path = data_folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in {**entries, **(extra or {})}.items():
                archive.writestr(entry, content if isinstance(content, bytes) else png_bytes(content))
        return path

    return make
