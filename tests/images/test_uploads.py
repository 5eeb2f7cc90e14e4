"""Hostile and unusual files: each is shown as meant, or refused with a sentence, and memory stays bounded."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.images.pictures import PictureError
from core.images.uploads import FORMATS, LIMITS, MAX_BYTES, MAX_PIXELS, read_upload


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def quadrants():
    """Red, green / blue, white: shows how a picture is turned, and whether its colors are right."""
    levels = np.zeros((40, 60, 3), np.uint8)
    levels[:20, :30, 0] = levels[:20, 30:, 1] = levels[20:, :30, 2] = 255
    levels[20:, 30:] = 255
    return Image.fromarray(levels)


def png(width, height, *, bits=8, color_type=0, rows=b""):
    """A PNG with a header of one's choice, whatever its pixels are."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def refusal(data):
    with pytest.raises(PictureError) as refused:
        read_upload(data)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    return sentence


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    picture = read_upload(encoded(quadrants(), kind, **options))
    assert picture.shape == (40, 60, 3)
    assert picture.dtype == np.float32
    np.testing.assert_allclose(
        picture[[5, 5, 35, 35], [5, 55, 5, 55]], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], atol=0.02
    )


def test_a_large_picture_is_made_smaller_with_its_shape_kept():
    assert read_upload(encoded(Image.new("RGB", (1800, 900), "red"))).shape == (256, 512, 3)
    assert read_upload(encoded(Image.new("RGB", (900, 1800), "red"), "JPEG"), side=64).shape == (64, 32, 3)
    assert read_upload(encoded(Image.new("L", (30, 20), 128))).shape == (20, 30)


def test_making_smaller_averages():
    stripes = np.zeros((1024, 1024), np.uint8)
    stripes[:, ::2] = 255
    for mode in ("L", "P", "1", "I;16"):
        image = (
            Image.fromarray(stripes.astype(np.uint16) * 257)
            if mode == "I;16"
            else Image.fromarray(stripes).convert(mode)
        )
        picture = read_upload(encoded(image), side=128)
        np.testing.assert_allclose(picture[4:-4, 4:-4], 0.5, atol=0.02)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("TIFF", "RGB"), ("PNG", "I;16"), ("PNG", "P")]
)
def test_it_is_turned_as_its_exif_tag_says(orientation, kind, mode):
    flips = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = quadrants()
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    elif mode == "P":
        image = image.convert("P", palette=Image.Palette.ADAPTIVE)
    upright = read_upload(encoded(image, kind))
    np.testing.assert_allclose(read_upload(encoded(image, kind, exif=exif)), flips[orientation](upright), atol=0.02)


def test_cmyk_is_shown_as_rgb():
    for kind in ("JPEG", "TIFF"):
        picture = read_upload(encoded(Image.new("CMYK", (20, 10), (0, 255, 255, 0)), kind))  # no cyan: red
        np.testing.assert_allclose(picture[5, 5], [1, 0, 0], atol=0.02)
    lab = ImageCms.createProfile("LAB")
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB")
    assert read_upload(encoded(ImageCms.applyTransform(quadrants(), to_lab), "TIFF")).shape == (40, 60, 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_keep_their_steps(kind):
    levels = np.arange(0, 65536, 13, dtype=np.uint16)[:5000].reshape(50, 100)
    picture = read_upload(encoded(Image.fromarray(levels), kind))
    np.testing.assert_allclose(picture, levels / 65535, atol=1e-6)
    assert len(np.unique(picture)) == levels.size


def test_numbers_without_an_agreed_white_are_stretched():
    values = np.linspace(-3, 40, 200, dtype=np.float32).reshape(10, 20)
    np.testing.assert_allclose(read_upload(encoded(Image.fromarray(values), "TIFF")), (values + 3) / 43, atol=1e-6)
    np.testing.assert_allclose(read_upload(encoded(Image.fromarray(values.astype(np.int32)), "TIFF")).max(), 1)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    assert np.isfinite(read_upload(encoded(Image.fromarray(values), "TIFF"))).all()
    assert not read_upload(encoded(Image.fromarray(np.full((4, 4), 7.0, np.float32)), "TIFF")).any()


def test_palettes_and_transparency():
    palette = quadrants().convert("P", palette=Image.Palette.ADAPTIVE)
    np.testing.assert_allclose(read_upload(encoded(palette))[5, 5], [1, 0, 0], atol=0.02)
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    np.testing.assert_allclose(read_upload(encoded(clear)), 1, err_msg="what is transparent is shown on white")
    half = Image.new("LA", (8, 8), (0, 128))
    picture = read_upload(encoded(half))
    assert picture.shape == (8, 8)
    np.testing.assert_allclose(picture, 0.5, atol=0.01)
    keyed = encoded(Image.new("RGB", (8, 8), (10, 20, 30)), transparency=(10, 20, 30))
    np.testing.assert_allclose(read_upload(keyed), 1)
    assert read_upload(encoded(Image.new("1", (8, 8), 1))).shape == (8, 8)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_is_its_first_frame(kind):
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "lime", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    picture = read_upload(data)
    np.testing.assert_allclose(picture[5, 5], [1, 0, 0], atol=0.03)


@pytest.mark.parametrize(
    ("size", "shape"), [((1, 1), (1, 1)), ((30_000, 1), (1, 512)), ((1, 30_000), (512, 1)), ((5000, 3), (1, 512))]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "P", "I;16"])
def test_tiny_and_thin_pictures(size, shape, mode):
    picture = read_upload(encoded(Image.new(mode, size)))
    assert picture.shape[:2] == shape


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (5001, 5000), (20_000, 2000)])
@pytest.mark.parametrize("bits", [1, 8, 16])
def test_a_decompression_bomb_is_refused_by_its_size(size, bits):
    sentence = refusal(png(*size, bits=bits, rows=b"\0" * 10_000))
    assert "25 million" in sentence or "damaged" in sentence


@pytest.mark.filterwarnings("error")
def test_a_decompression_bomb_is_refused_where_warnings_are_errors():
    assert "25 million" in refusal(png(12_000, 12_000))


def test_a_text_chunk_that_unpacks_to_a_flood_is_refused():
    flood = b"zTXt" + b"Comment\0\0" + zlib.compress(b"\0" * 2**26, 9)
    chunk = struct.pack(">I", len(flood) - 4) + flood + struct.pack(">I", zlib.crc32(flood))
    whole = encoded(quadrants())
    assert "damaged" in refusal(whole[:33] + chunk + whole[33:])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_refused_or_shown(kind, kept):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    try:
        picture = read_upload(data[: int(kept * len(data))])
    except PictureError:
        pass
    else:  # some files end in what the first frame does not need
        assert picture.shape == (64, 64, 3)
        assert kept > 0.9


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", FORMATS)
def test_broken_bytes_never_raise_anything_else(kind):
    rng = np.random.default_rng(0)
    data = np.frombuffer(encoded(quadrants(), kind), np.uint8)
    for _ in range(60):
        broken = data.copy()
        broken[rng.integers(0, min(len(data), 400), 4)] = rng.integers(0, 256, 4)
        try:
            picture = read_upload(broken.tobytes())
        except PictureError:
            continue
        assert picture.size <= 512 * 512 * 3
        assert np.isfinite(picture).all()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"I am a text, whatever my name says\n", "not a picture"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\xef\xbb\xbf\n <svg onload='alert(1)'></svg>", "SVG"),
        (b"<!-- made by hand --><svg></svg>", "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x80\x04\x95.", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "not a picture"),  # would start Ghostscript
        (b"P6 2 2 255 aaaaaaaaaaaa", "not a picture"),
    ],
)
def test_what_is_no_picture_is_named_and_what_to_give_is_said(data, says):
    sentence = refusal(data)
    assert says in sentence
    assert LIMITS in sentence


def test_100_megabytes_are_refused():
    assert "95 MB" in refusal(bytes(100_000_000))
    assert f"up to {MAX_BYTES // 2**20} MB" in refusal(bytes(MAX_BYTES + 1))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak memory from Linux")
def test_memory_stays_bounded(tmp_path):
    """The largest pictures that are read, and a bomb, one after the other: at most 500 MB at any time."""
    side = int(MAX_PIXELS**0.5)
    for mode, kind in [("RGBA", "PNG"), ("P", "PNG"), ("I;16", "PNG"), ("RGB", "JPEG")]:
        options = {"compress_level": 1} if kind == "PNG" else {}
        (tmp_path / f"{mode}.{kind}").write_bytes(encoded(Image.new(mode, (side, side)), kind, **options))
    (tmp_path / "bomb.PNG").write_bytes(png(20_000, 20_000, bits=1, rows=bytes(2501 * 20_000)))
    program = (
        "import sys, pathlib\n"
        "from core.images.uploads import read_upload\n"
        "read = 0\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: read += read_upload(path.read_bytes()).size > 0\n"
        "    except ValueError: pass\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(read, int(peak.split()[1]) // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    read, megabytes = map(int, done.stdout.split())
    print(megabytes, "MB")
    assert read == 4
    assert megabytes < 500
