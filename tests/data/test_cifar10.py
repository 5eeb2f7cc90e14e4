import hashlib
import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torchvision

from core import data
from core.data import cifar10
from core.data.data_folder import find
from core.data.dataset import BrokenSource, Rows


def quiet(progress: data.Progress) -> None:
    pass


def python2_pickle(rows: np.ndarray, *, columns_first: bool = False) -> bytes:
    """A batch as Python 2's cPickle wrote CIFAR-10's: protocol 2, byte strings, lists appended 1,000 at a time."""

    def text(value: str) -> bytes:
        return b"U" + bytes([len(value)]) + value.encode()

    labels = b"".join(
        b"(" + b"".join(b"K" + bytes([label]) for label in rows[start : start + 1000, 0]) + b"e"
        for start in range(0, len(rows), 1000)
    )
    pixels = rows[:, 1:].tobytes(order="F" if columns_first else "C")
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + b"(K\x01M"
        + struct.pack("<H", len(rows))
        + b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        + b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + (b"\x88" if columns_first else b"\x89")
        + b"T"
        + struct.pack("<I", len(pixels))
        + pixels
        + b"tb"
    )
    items = text("batch_label") + text("training batch 1 of 5") + text("labels") + b"]" + labels
    items += text("data") + array + text("filenames") + b"](" + text("leptodactylus_pentadactylus_s_000004.png") + b"e"
    return b"\x80\x02}(" + items + b"u."


@pytest.mark.parametrize("columns_first", [False, True])
def test_a_pickled_batch_reads_as_unpickling_would(small_cifar10: np.ndarray, columns_first: bool) -> None:
    rows = np.tile(small_cifar10[0], (150, 1))  # more labels than are appended at once
    content = python2_pickle(rows, columns_first=columns_first)
    authority = pickle.loads(content, encoding="latin1")  # made here, and how torchvision reads such files
    np.testing.assert_array_equal(authority["data"], rows[:, 1:])
    assert authority["labels"] == rows[:, 0].tolist()
    np.testing.assert_array_equal(cifar10.parse_pickled_batch(content), rows)


def test_published_checksums_and_the_address_are_torchvisions() -> None:
    theirs = torchvision.datasets.CIFAR10
    assert {name: md5 for name, md5 in [*theirs.train_list, *theirs.test_list]} == cifar10.PICKLED_FILES
    assert theirs.base_folder == cifar10.PICKLED_FOLDER
    assert (theirs.url.removesuffix(theirs.filename),) == cifar10.MIRRORS


def write_pickled(folder: Path, batches: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = folder / cifar10.PICKLED_FOLDER
    target.mkdir()
    contents = {name: python2_pickle(rows) for name, rows in zip(cifar10.PICKLED_FILES, batches, strict=True)}
    for name, content in contents.items():
        (target / name).write_bytes(content)
    monkeypatch.setattr(
        cifar10, "PICKLED_FILES", {name: hashlib.md5(content).hexdigest() for name, content in contents.items()}
    )
    return target


def write_binary(folder: Path, batches: np.ndarray) -> Path:
    target = folder / cifar10.BINARY_FOLDER
    target.mkdir()
    for name, rows in zip(cifar10.BINARY_FILES, batches, strict=True):
        (target / name).write_bytes(rows.tobytes())
    return target


def write_archive(folder: Path, batches: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / cifar10.ARCHIVE
    with tarfile.open(path, "w:gz") as archive:
        for name, rows in zip(cifar10.BINARY_FILES, batches, strict=True):
            member = tarfile.TarInfo(f"{cifar10.BINARY_FOLDER}/{name}")
            member.size = rows.nbytes
            archive.addfile(member, io.BytesIO(rows.tobytes()))
    monkeypatch.setattr(cifar10, "ARCHIVE_MD5", hashlib.md5(path.read_bytes()).hexdigest())
    return path


def test_every_form_gives_the_same_rows(
    small_cifar10: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Rows] = [
        cifar10.read_binary(write_binary(tmp_path, small_cifar10), quiet),
        cifar10.read_pickled(write_pickled(tmp_path, small_cifar10, monkeypatch), quiet),
        cifar10.read_archive(write_archive(tmp_path, small_cifar10, monkeypatch), quiet),
    ]
    assert {bytes(row) for row in rows[0].array[:50]} == {bytes(row) for row in small_cifar10[:5].reshape(50, -1)}
    assert {bytes(row) for row in rows[0].array[50:]} == {bytes(row) for row in small_cifar10[5]}
    for other in rows[1:]:
        np.testing.assert_array_equal(other.array, rows[0].array)


def test_a_pickle_that_would_run_code_is_refused_unopened(
    small_cifar10: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_pickled(tmp_path, small_cifar10, monkeypatch)
    proof = tmp_path / "it ran"
    (folder / "data_batch_3").write_bytes(f"cos\nmkdir\n(S'{proof}'\ntR.".encode())
    with pytest.raises(BrokenSource, match="data_batch_3"):
        cifar10.read_pickled(folder, quiet)
    with pytest.raises(BrokenSource):  # even if it had the right checksum, it would not be run
        cifar10.parse_pickled_batch((folder / "data_batch_3").read_bytes())
    assert not proof.exists()


def test_another_set_in_the_published_layout_is_not_cifar10(small_cifar10: np.ndarray, data_folder: Path) -> None:
    batches = small_cifar10.copy()
    batches[0, 0, 0] = (batches[0, 0, 0] + 1) % 10  # one wrong label among all
    write_binary(data_folder, batches)
    assert data.resolve("cifar10") == "cifar10"  # as far as names and sizes tell
    found = data.prepare("cifar10", download=False)
    assert found.name == "cifar10-standin"
    assert cifar10.BINARY_FOLDER in found.source
    assert data.resolve("cifar10") == "cifar10-standin"  # what was read is remembered


def test_a_batch_cut_short_is_seen_without_reading(small_cifar10: np.ndarray, data_folder: Path) -> None:
    folder = write_binary(data_folder, small_cifar10)
    (folder / "data_batch_2.bin").write_bytes(b"\0" * 100)
    assert data.resolve("cifar10") == "cifar10-standin"
    status = next(status for status in data.statuses() if status.name == "cifar10")
    assert not status.whole
    assert "data_batch_2.bin" in status.broken[0]


def test_an_archive_of_another_size_is_known_before_it_is_read(data_folder: Path) -> None:
    (data_folder / cifar10.ARCHIVE).write_bytes(bytes(1_000))
    assert data.resolve("cifar10") == "cifar10-standin"
    (source,) = find("cifar10")
    assert "1,000 bytes" in source.problems[0]


def test_a_changed_archive_is_refused(
    small_cifar10: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_archive(tmp_path, small_cifar10, monkeypatch)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BrokenSource, match="checksum"):
        cifar10.read_archive(path, quiet)


@pytest.mark.nightly
@pytest.mark.realdata
def test_the_whole_of_cifar10_from_a_zip(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    whole = data.load("cifar10")
    assert (whole.info.name, whole.train_images.shape) == ("cifar10", (50_000, 3, 32, 32))
    assert np.bincount(whole.train_labels).tolist() == [5_000] * 10
    assert np.bincount(whole.test_labels).tolist() == [1_000] * 10
    channels = [whole.train_images[:, channel] / 255.0 for channel in range(3)]
    assert [round(float(values.mean()), 4) for values in channels] == [0.4914, 0.4822, 0.4465]  # the published figures
    assert [round(float(values.std()), 4) for values in channels] == [0.2470, 0.2435, 0.2616]
    # "The first N" is a fair sample: within four standard deviations of a random draw of 1,000 in every class.
    assert np.abs(np.bincount(whole.train_labels[:1000]) - 100).max() < 4 * np.sqrt(1000 * 0.1 * 0.9)
