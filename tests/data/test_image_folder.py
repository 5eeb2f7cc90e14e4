import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from core import data
from core.__main__ import app
from core.data import image_folder
from core.data.dataset import BrokenSource, Progress, Rows
from core.data.image_folder import archive
from core.images.uploads import MAX_BYTES

MakeZip = Callable[..., Path]
COLOR = np.arange(3 * 64, dtype=np.uint8).reshape(3, 8, 8)


def rows(path: Path) -> Rows:
    return image_folder.read(path, path.stem, lambda progress: None)


def read(path: Path) -> np.ndarray:
    return rows(path).array


def encoded(picture: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


def test_pictures_and_labels_are_those_of_the_folders(make_zip: MakeZip) -> None:
    path = make_zip()
    expected = set()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            pixels = np.asarray(Image.open(archive.open(name)))
            expected.add(bytes([("cat", "dog").index(name.split("/")[1])]) + pixels.transpose(2, 0, 1).tobytes())
    assert {bytes(row) for row in read(path)} == expected


def test_the_order_does_not_depend_on_the_zips(make_zip: MakeZip, tmp_path: Path) -> None:
    path = make_zip()
    turned = tmp_path / "turned.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(turned, "w") as other:
        for name in reversed(archive.namelist()):
            other.writestr(name, archive.read(name))
    np.testing.assert_array_equal(read(turned), read(path))


def test_gray_pictures_have_one_channel(make_zip: MakeZip) -> None:
    gray = {f"{split}/{kind}/a.png": COLOR[:1] for split in ("train", "test") for kind in ("cat", "dog")}
    path = make_zip(each=0, extra=gray)
    assert image_folder.survey(path).shape == (1, 8, 8)
    np.testing.assert_array_equal(read(path)[0, 1:], COLOR[0].reshape(-1))


def test_what_file_managers_add_is_passed_over(make_zip: MakeZip) -> None:
    litter = {
        "__MACOSX/train/cat/._0.png": b"x",
        "train/.DS_Store": b"x",
        "train/cat/Thumbs.db": b"x",
        "readme.md": b"x",
    }
    assert len(read(make_zip(extra=litter))) == 24


def test_jpeg_and_palette_pictures_are_read(make_zip: MakeZip) -> None:
    picture = Image.fromarray(COLOR.transpose(1, 2, 0))
    extra = {"train/cat/a.jpg": encoded(picture, "JPEG"), "train/cat/b.PNG": encoded(picture.quantize(16), "PNG")}
    assert len(read(make_zip(extra=extra))) == 26


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to `side` x `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ({"train/../../evil.png": COLOR}, "not allowed"),
        ({"/etc/evil.png": COLOR}, "not allowed"),
        ({"C:\\etc\\evil.png": COLOR}, "not allowed"),
        ({"train/cat\\..\\evil.png": COLOR}, "not allowed"),
        ({"train/cat/a\nb.png": COLOR}, "not allowed"),
        ({f"train/{'x' * 41}/a.png": COLOR}, "41 letters"),
        ({"test/cow/a.png": COLOR}, "no train/cow"),
        ({f"train/{number}/a.png": COLOR for number in range(260)}, "262 classes"),
    ],
)
def test_a_hostile_or_mistaken_zip_is_refused_in_a_sentence(
    make_zip: MakeZip, extra: dict[str, np.ndarray | bytes], complaint: str
) -> None:
    path = make_zip(extra=extra)
    for use in (image_folder.survey, read):
        with pytest.raises(BrokenSource, match=complaint):
            use(path)


@pytest.mark.parametrize(
    "bad",
    [
        b"hello",
        b"",
        encoded(Image.effect_noise((40, 40), 50), "PNG")[:400],
        encoded(Image.effect_noise((40, 40), 50), "JPEG")[:300],
        bomb(9_000),
        bomb(30_000),
        bytes(MAX_BYTES + 1),
    ],
)
def test_what_cannot_be_read_is_left_out_named_and_counted(make_zip: MakeZip, bad: bytes) -> None:
    path = make_zip(extra={"train/cat/a.png": bad, "train/dog/b.PNG": bad})
    assert len(image_folder.survey(path).train) == 14
    found = rows(path)
    assert (found.train, len(found.array)) == (12, 24)
    (note,) = found.notes
    assert note.startswith("2 ")
    assert "train/cat/a.png, train/dog/b.PNG" in note


def test_where_nothing_can_be_read_it_is_refused(make_zip: MakeZip) -> None:
    bad = {f"{split}/{kind}/a.png": b"x" for split in ("train", "test") for kind in ("cat", "dog")}
    for use in (image_folder.survey, read):
        with pytest.raises(BrokenSource, match=r"train/cat/a\.png"):
            use(make_zip(each=0, extra=bad))
    with pytest.raises(BrokenSource, match=r"no test picture .* test/cat/a\.png"):
        read(make_zip(without="test/", extra={"test/cat/a.png": b"x"}))
    cows = {f"{split}/cow/a.png": b"x" if split == "train" else COLOR for split in ("train", "test")}
    with pytest.raises(BrokenSource, match=r"no training picture of cow .* train/cow/a\.png"):
        read(make_zip(extra=cows))


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ([], "no pictures"),
        (["train/1.png", "train/2.png"], "0 classes"),
        (["train/cat/1.png", "train/cat/2.png"], "1 class;"),
        (["train/cat/1.png", "test/dog/1.png"], "no train/dog|1 class;"),
        (["cat/1.png", "dog/1.png"], "only one picture"),
    ],
)
def test_a_zip_without_two_classes_is_refused(make_zip: MakeZip, names: list[str], complaint: str) -> None:
    with pytest.raises(BrokenSource, match=complaint):
        read(make_zip(each=0, extra=dict.fromkeys(names, COLOR)))


def test_the_directory_may_lie_about_a_size(make_zip: MakeZip) -> None:
    path = make_zip(extra={"train/cat/bomb.png": bytes(50_000_000)})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"train/cat/bomb.png") - 46  # its record in the central directory
    content[entry + 24 : entry + 28] = struct.pack("<I", 1000)  # its unpacked size
    path.write_bytes(content)
    found = rows(path)
    assert len(found.array) == 24
    assert "train/cat/bomb.png" in found.notes[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_no_more_of_a_bomb_is_unpacked_than_a_picture_may_have(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as writing:
        writing.writestr("bomb.png", np.random.default_rng(0).bytes(20_000) * 100)
    with archive.opened(path) as reading:
        tracemalloc.start()
        assert archive.content(reading, reading.infolist()[0], 300_000) is None
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("where", "limit", "value"),
    [
        (archive, "MAX_ZIP_BYTES", 100),
        (archive, "MAX_DIRECTORY_BYTES", 1000),
        (archive, "MAX_FILES", 23),
        (archive, "MAX_UNPACKED_BYTES", 1000),
        (image_folder, "MAX_PIXEL_BYTES", 24 * 192 - 1),
        (image_folder, "MAX_DECODED_PIXELS", 24 * 64 - 1),
    ],
)
def test_limits_on_the_whole(
    make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch, where: ModuleType, limit: str, value: int
) -> None:
    path = make_zip()
    assert len(read(path)) == 24
    monkeypatch.setattr(where, limit, value)
    with pytest.raises(BrokenSource, match=r"pets\.zip"):
        read(path)


def test_of_one_name_twice_the_last_counts(make_zip: MakeZip) -> None:
    path = make_zip()
    with zipfile.ZipFile(path, "a") as writing, pytest.warns(UserWarning, match="Duplicate"):
        writing.writestr("train/cat/0.png", encoded(Image.new("RGB", (8, 8), (1, 2, 3)), "PNG"))
    found = rows(path)
    assert len(found.array) == 24
    assert any(row[1] == 1 and row[-1] == 3 for row in found.array)
    assert found.notes[0].startswith("1 ")


def test_links_are_passed_over(make_zip: MakeZip) -> None:
    path = make_zip()
    with zipfile.ZipFile(path, "a") as writing:
        link = zipfile.ZipInfo("train/cat/link.png")
        link.external_attr = 0o120777 << 16
        writing.writestr(link, "/etc/passwd")
    assert len(read(path)) == 24


def test_progress_is_told_from_the_first_picture_to_the_last(make_zip: MakeZip) -> None:
    told: list[Progress] = []
    image_folder.read(make_zip(), "pets", told.append)
    assert [(progress.done, progress.total) for progress in (told[0], told[-1])] == [(0, 24), (24, 24)]


def test_what_was_left_out_is_known_before_and_after_it_is_prepared(make_zip: MakeZip) -> None:
    make_zip(extra={"train/cat/readme.txt": b"x", "train/cat/zz.png": b"x"})
    assert "readme.txt" in data.info("pets").notes[0]
    data.load("pets")
    assert ["readme.txt" in note or "zz.png" in note for note in data.info("pets").notes] == [True, True]
    assert all(note in CliRunner().invoke(app, ["data"]).stdout for note in data.info("pets").notes)
    assert all(
        note in CliRunner().invoke(app, ["data", "--prepare", "pets"]).stdout for note in data.info("pets").notes
    )


@pytest.mark.parametrize("keep", [0, 10, 1000, -30])
def test_a_zip_cut_short_is_refused(make_zip: MakeZip, keep: int) -> None:
    path = make_zip()
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BrokenSource, match=r"pets\.zip"):
        read(path)


def test_a_locked_zip_is_refused(make_zip: MakeZip) -> None:
    path = make_zip()
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the first entry's flag for a password
    path.write_bytes(content)
    with pytest.raises(BrokenSource, match="password"):
        read(path)


def test_a_refused_zip_is_told_of_wherever_it_shows(make_zip: MakeZip) -> None:
    make_zip(without="test/", extra={"test/cat/zz.png": b"hello"})
    with pytest.raises(data.DataError, match=r"zz\.png"):
        data.load("pets")
    with pytest.raises(data.DataError, match=r"zz\.png"):  # remembered, without reading it again
        data.info("pets")
    status = next(status for status in data.statuses() if status.name == "pets")
    assert (status.info, status.whole) == (None, False)
    assert "zz.png" in status.broken[0]
    make_zip()  # mended
    assert data.load("pets").info.classes == ("cat", "dog")
