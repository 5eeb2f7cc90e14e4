import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import data
from core.data import image_folder
from core.data.dataset import BrokenSource

MakeZip = Callable[..., Path]
COLOR = np.arange(3 * 64, dtype=np.uint8).reshape(3, 8, 8)


def read(path: Path) -> np.ndarray:
    return image_folder.read(path, path.stem, lambda progress: None).array


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
        ({"train/cat\\..\\evil.png": COLOR}, "not allowed"),
        ({"train/cat/a.txt": b"hello"}, r"train/cat/a\.txt .* not a picture"),
        ({"train/cat/a.png": b"hello"}, r"train/cat/a\.png .* cannot be read"),
        ({"train/cat/a.png": encoded(Image.new("RGB", (8, 8)), "GIF")}, "cannot be read"),
        ({"train/cat/a.png": encoded(Image.new("RGB", (8, 8)), "PNG")[:40]}, "cannot be read"),
        ({"train/cat/a.png": np.zeros((3, 8, 9), np.uint8)}, r"a\.png .* 8 × 9 "),
        ({"train/cat/a.png": np.zeros((3, 65, 65), np.uint8)}, "65 × 65"),
        ({"train/cat/a.png": np.zeros((3, 4, 4), np.uint8)}, "4 × 4"),
        ({"train/cat/a.png": bomb(9_000)}, "9,000 × 9,000"),
        ({"train/cat/a.png": bomb(30_000)}, "cannot be read"),
        ({"train/cat/a.png": bytes(300 * 2**10)}, "262,144"),
        ({"train/a.png": COLOR}, "CLASS/picture"),
        ({"train/cat/deep/a.png": COLOR}, "CLASS/picture"),
        ({f"train/{'x' * 41}/a.png": COLOR}, "CLASS/picture"),
        ({"test/cow/a.png": COLOR}, "no train/cow"),
        ({f"train/{number}/a.png": COLOR for number in range(260)}, "262 classes"),
        ({"train/cat/a.png": encoded(Image.new("I;16", (8, 8)), "PNG")}, "8 bits"),
    ],
)
def test_a_hostile_or_mistaken_zip_is_refused_in_a_sentence(
    make_zip: MakeZip, extra: dict[str, np.ndarray | bytes], complaint: str
) -> None:
    with pytest.raises(BrokenSource, match=complaint):
        read(make_zip(extra=extra))


def test_a_missing_half_is_named(make_zip: MakeZip) -> None:
    with pytest.raises(BrokenSource, match="no pictures in test/CLASS/"):
        read(make_zip(without="test/"))
    with pytest.raises(BrokenSource, match="no pictures in train/CLASS/"):
        read(make_zip(without="train/"))
    with pytest.raises(BrokenSource, match="1 classes"):
        read(make_zip(without="train/dog"))


def test_a_colored_picture_among_gray_ones_is_named(make_zip: MakeZip) -> None:
    gray = {f"{split}/{kind}/a.png": COLOR[:1] for split in ("train", "test") for kind in ("cat", "dog")}
    with pytest.raises(BrokenSource, match=r"test/dog/b\.png .* in color"):
        read(make_zip(each=0, extra={**gray, "test/dog/b.png": COLOR}))


def test_the_directory_may_lie_about_a_size(make_zip: MakeZip) -> None:
    path = make_zip(extra={"train/cat/bomb.png": bytes(50_000_000)})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"train/cat/bomb.png") - 46  # its record in the central directory
    content[entry + 24 : entry + 28] = struct.pack("<I", 1000)  # its unpacked size
    path.write_bytes(content)
    with pytest.raises(BrokenSource, match=r"pets\.zip"):
        read(path)


def test_limits_on_the_whole(make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_zip()
    for limit, value in (("MAX_ZIP_BYTES", 100), ("MAX_PICTURES", 23), ("MAX_PIXEL_BYTES", 24 * 192 - 1)):
        with monkeypatch.context() as patch:
            patch.setattr(image_folder, limit, value)
            with pytest.raises(BrokenSource, match=r"pets\.zip"):
                read(path)


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
    make_zip(extra={"train/cat/zz.png": b"hello"})
    with pytest.raises(data.DataError, match=r"zz\.png"):
        data.load("pets")
    with pytest.raises(data.DataError, match=r"zz\.png"):  # remembered, without reading it again
        data.info("pets")
    status = next(status for status in data.statuses() if status.name == "pets")
    assert (status.info, status.whole) == (None, False)
    assert "zz.png" in status.broken[0]
    make_zip()  # mended
    assert data.load("pets").info.classes == ("cat", "dog")
