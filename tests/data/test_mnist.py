import gzip
from pathlib import Path

import numpy as np
import pytest
import torchvision

from core import data
from core.data import mnist
from core.data.dataset import BrokenSource


def quiet(progress: data.Progress) -> None:
    pass


@pytest.mark.realdata
def test_the_whole_of_mnist_is_as_torchvision_reads_it(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    ours = data.load("mnist")
    assert (ours.info.name, ours.info.standin) == ("mnist", False)
    for train, images, labels in (
        (True, ours.train_images, ours.train_labels),
        (False, ours.test_images, ours.test_labels),
    ):
        theirs = torchvision.datasets.MNIST(real_data, train=train)
        np.testing.assert_array_equal(images[:, 0], theirs.data.numpy())
        np.testing.assert_array_equal(labels, theirs.targets.numpy())


def test_names_archives_and_addresses_are_torchvisions() -> None:
    theirs = torchvision.datasets.MNIST
    assert [f"{file.name}.gz" for file in mnist.FILES] == [name for name, _ in theirs.resources]
    assert list(mnist.MIRRORS) == theirs.mirrors


def test_plain_and_gzipped_files_read_alike(small_mnist: Path) -> None:
    raw = small_mnist / "MNIST" / "raw"
    plain = mnist.read(raw, quiet)
    for file in mnist.FILES:
        (raw / f"{file.name}.gz").write_bytes(gzip.compress((raw / file.name).read_bytes()))
        (raw / file.name).unlink()
    assert mnist.problems(raw) == []
    np.testing.assert_array_equal(mnist.read(raw, quiet).array, plain.array)


def test_a_whole_gzipped_file_makes_up_for_a_broken_plain_one(small_mnist: Path) -> None:
    raw = small_mnist / "MNIST" / "raw"
    content = (raw / mnist.FILES[0].name).read_bytes()
    (raw / f"{mnist.FILES[0].name}.gz").write_bytes(gzip.compress(content))
    (raw / mnist.FILES[0].name).write_bytes(content[:100])
    assert mnist.problems(raw) == []
    assert len(mnist.read(raw, quiet).array) == 80


@pytest.mark.parametrize("damage", ["truncated", "missing", "changed", "half a gzip", "too long"])
def test_a_broken_file_is_named(small_mnist: Path, damage: str) -> None:
    raw = small_mnist / "MNIST" / "raw"
    path = raw / "t10k-images-idx3-ubyte"
    content = path.read_bytes()
    if damage == "half a gzip":
        packed = gzip.compress(content)
        path.with_name(path.name + ".gz").write_bytes(packed[: len(packed) // 2])
    path.write_bytes(
        {"truncated": content[:-1], "changed": b"\1" + content[1:], "too long": content + b"\0"}.get(damage, b"")
    )
    if damage in ("missing", "half a gzip"):
        path.unlink()
    with pytest.raises(BrokenSource, match=path.name):
        mnist.read(raw, quiet)
    if damage in ("truncated", "missing", "too long"):  # seen without reading
        assert [path.name in problem for problem in mnist.problems(raw)] == [True]


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x08\x03\0\0", b"\0\0\x0d\x01\0\0\0\x01\0", b"\0\0\x08\x01\0\0\0\x05ab"]
)
def test_what_is_not_an_idx_file_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenSource):
        mnist.parse_idx(content)
