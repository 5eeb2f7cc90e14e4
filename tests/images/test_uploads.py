"""Hostile and unusual files: each is shown as meant, or refused with a sentence, and memory stays bounded."""

import io
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.images import uploads
from core.images.pictures import PictureError
from core.images.rendering import to_bytes
from core.images.uploads import FORMATS, LIMITS, MAX_BYTES, MAX_PIXELS, MAX_SIDE, MAX_WEBP_PIXELS, read_upload


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
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a),
    }
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


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "I;16B"])
def test_scans_whose_zero_is_white_are_not_negatives(mode):
    levels = np.array([[0, 65535], [65535, 0]], np.uint16)
    if mode.startswith("I"):
        form = "<u2" if mode == "I;16" else ">u2"
        scan = Image.frombytes(mode, (2, 2), levels.astype(form).tobytes())
        expected = [[1, 0], [0, 1]]  # Pillow stores these levels as they are, and says that 0 is white
    else:
        scan = Image.fromarray((levels >> 8).astype(np.uint8)).convert(mode)
        expected = [[0, 1], [1, 0]]  # it turns these on writing
    file = encoded(scan, "TIFF", tiffinfo={262: 0})
    assert Image.open(io.BytesIO(file)).tag_v2[262] == 0
    np.testing.assert_array_equal(read_upload(file), expected)


def test_the_transparent_level_of_a_16_bit_png_is_white():
    levels = np.array([[0, 65535], [13107, 0]], np.uint16)
    file = encoded(Image.fromarray(levels), transparency=0)
    np.testing.assert_allclose(read_upload(file), [[1, 1], [0.2, 1]], atol=1e-6)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "PNG"])
@pytest.mark.parametrize("turn", [1, 6])
def test_a_header_tells_the_size_of_the_picture_that_is_read(kind, turn):
    exif = Image.Exif()
    exif[274] = turn
    for picture in (quadrants(), quadrants().convert("L")):
        file = encoded(picture, kind, exif=exif)
        header, read = uploads.read_header(file), read_upload(file)
        assert (header.height, header.width) == read.shape[:2]
        assert header.gray == (read.ndim == 2)


@pytest.mark.parametrize("kind", FORMATS)
def test_in_8_bits_it_is_the_same_picture(kind):
    exif = Image.Exif()
    exif[274] = 6
    gray = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(8, 32))
    deep = Image.fromarray(np.arange(0, 65536, 13, dtype=np.uint16)[:5000].reshape(50, 100))
    for picture in (quadrants(), gray, *([deep] if kind in ("PNG", "TIFF") else [])):
        file = encoded(picture, kind, **({} if kind in ("BMP", "GIF") else {"exif": exif}))
        whole = read_upload(file, side=32)
        np.testing.assert_array_equal(np.asarray(uploads.read_in_8_bits(file, side=32)), to_bytes(whole))


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
    assert f" {MAX_BYTES // 2**20} MB" in refusal(bytes(MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("size", "mode"), [((25_000_000, 1), "1"), ((1, 25_000_000), "1"), ((30_001, 2), "RGB"), ((100, 249_999), "L")]
)
def test_a_side_too_long_is_refused_by_its_header(size, mode):
    sentence = refusal(png(*size, bits=1 if mode == "1" else 8, color_type=2 if mode == "RGB" else 0))
    assert f"{size[1]:,} × {size[0]:,} pixels" in sentence
    assert f"{MAX_SIDE:,} per side" in sentence


def test_a_long_picture_within_the_limits_keeps_its_content():
    ramp = np.linspace(0, 255, MAX_SIDE).astype(np.uint8)
    picture = read_upload(encoded(Image.fromarray(np.tile(ramp, (100, 1)))))
    assert picture.shape == (2, 512)
    np.testing.assert_allclose(picture[0], np.linspace(0, 1, 512), atol=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16", "F"])
def test_what_is_made_smaller_in_strips_is_what_pillow_makes_of_the_whole(mode, monkeypatch):
    """Of 2,500 x 1,900 pixels, at 512 px: averaged by two first, in strips of which the last is not whole."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (19, 25, 4), dtype=np.uint8), "RGBA")
    large = coarse.resize((2500, 1900), Image.Resampling.BILINEAR)
    if mode in ("I;16", "F"):
        levels = np.asarray(large.convert("L"), np.float32) / 255
        large = Image.fromarray((levels * 65535).astype(np.uint16) if mode == "I;16" else levels)
        low, high = (0, 1) if mode == "I;16" else (levels.min(), levels.max())
        whole = (levels - low) / (high - low)
        expected = np.asarray(Image.fromarray(whole).resize((512, 389), Image.Resampling.LANCZOS))
    else:
        large = large.convert(mode)
        on_white = Image.alpha_composite(Image.new("RGBA", large.size, "white"), large.convert("RGBA"))
        flat = on_white.convert("L" if mode == "L" else "RGB")
        expected = np.asarray(flat.resize((512, 389), Image.Resampling.LANCZOS)) / 255
    monkeypatch.setattr(uploads, "STRIP", 2500 * 64)
    found = read_upload(encoded(large, "TIFF") if mode == "F" else encoded(large, compress_level=1))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=0.04)
    assert np.abs(found - expected).mean() < 0.001


def test_numbers_at_the_ends_of_their_range_stay_within_0_and_1():
    values = np.array([[-3e38, 0, 3e38]] * 3, np.float32)
    np.testing.assert_allclose(read_upload(encoded(Image.fromarray(values), "TIFF"))[0], [0, 0.5, 1], atol=1e-3)


def test_one_file_is_decoded_at_a_time(monkeypatch):
    inside, most, decode = [], [], uploads._decode

    def slowly(image, side):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()
        return decode(image, side)

    monkeypatch.setattr(uploads, "_decode", slowly)
    data = encoded(quadrants())
    with ThreadPoolExecutor(6) as pool:
        shapes = {picture.shape for picture in pool.map(read_upload, [data] * 6)}
    assert shapes == {(40, 60, 3)}
    assert most == [1] * 6


def tiff(tags, body=b""):
    """A TIFF file of these (number, type, count, value) tags; a value that does not fit stands behind them."""
    records, values = b"", b""
    start = 8 + 2 + 12 * len(tags) + 4
    for number, kind, count, value in sorted(tags):
        place = struct.pack("<I", start + len(values)) if len(value) > 4 else value.ljust(4, b"\0")
        records += struct.pack("<HHI", number, kind, count) + place
        values += value if len(value) > 4 else b""
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + records + bytes(4) + values + body


def long(number, *values):
    return number, 4, len(values), struct.pack(f"<{len(values)}I", *values)


def interlaced(width, height):
    """A PNG of 16 bits, RGBA, in seven passes."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    packer = zlib.compressobj(1)
    body = b""
    for left, top, across, down in passes:
        row = bytes(1 + 8 * len(range(left, width, across)))
        body += b"".join(packer.compress(row) for _ in range(top, height, down))
    body += packer.flush()
    whole = png(width, height, bits=16, color_type=6, rows=b"")
    header = whole[16:28] + b"\x01"
    parts = [(b"IHDR", header), (b"IDAT", body), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in parts)
    return whole[:8] + b"".join(chunks)


def animated(kind, side):
    """Two pictures, written in the quickest way that the kind has."""
    first, second = (Image.new("P" if kind == "GIF" else "RGB", (side, side), color) for color in (0, 9))
    quick = {"compress_level": 1} if kind == "PNG" else {}
    return encoded(first, kind, save_all=True, append_images=[second], **quick)


SIDE, WEBP_SIDE = int(MAX_PIXELS**0.5), int(MAX_WEBP_PIXELS**0.5)
GRAY_TIFF = [long(256, 99), long(257, 99), long(258, 8), long(259, 1), long(262, 1), long(277, 1)]
LARGE = {  # what: (the file, whether it is read)
    "the most pixels": (lambda: encoded(Image.new("RGBA", (SIDE, SIDE)), compress_level=1), True),
    "a palette": (lambda: encoded(Image.new("P", (SIDE, SIDE)), compress_level=1), True),
    "a palette with a clear color": (lambda: encoded(Image.new("P", (SIDE, SIDE)), transparency=0), True),
    "one bit": (lambda: encoded(Image.new("1", (SIDE, SIDE))), True),
    "16 bits": (lambda: encoded(Image.new("I;16", (SIDE, SIDE)), compress_level=1), True),
    "floats": (lambda: encoded(Image.new("F", (SIDE, SIDE)), "TIFF", compression="tiff_deflate"), True),
    "32 bits": (lambda: encoded(Image.new("I", (SIDE, SIDE)), "TIFF", compression="tiff_deflate"), True),
    "CMYK": (lambda: encoded(Image.new("CMYK", (SIDE, SIDE)), "JPEG", progressive=True), True),
    "interlaced": (lambda: interlaced(SIDE, SIDE), True),
    "an animated PNG": (lambda: animated("PNG", SIDE), True),
    "an animated GIF": (lambda: animated("GIF", SIDE), True),
    "an animated WebP": (lambda: animated("WEBP", WEBP_SIDE), True),
    "a WebP too large": (lambda: animated("WEBP", SIDE), False),
    "the widest": (lambda: encoded(Image.new("RGB", (MAX_SIDE, MAX_PIXELS // MAX_SIDE))), True),
    "the highest": (lambda: encoded(Image.new("I;16", (MAX_PIXELS // MAX_SIDE, MAX_SIDE))), True),
    "one line": (lambda: png(MAX_PIXELS, 1, rows=bytes(MAX_PIXELS + 1)), False),
    "one column": (lambda: png(1, MAX_PIXELS, rows=bytes(2 * MAX_PIXELS)), False),
    "a bomb": (lambda: png(20_000, 20_000, bits=1, rows=bytes(2501 * 20_000)), False),
    "millions of strips": (lambda: tiff([*GRAY_TIFF, long(273, *range(4 * 10**6)), long(278, 1)]), False),
    "a tile larger than its picture": (
        lambda: tiff([*GRAY_TIFF, long(322, 20_000), long(323, 20_000), long(324, 8), long(325, 99)]),
        False,
    ),
    "scans without end": (lambda: encoded(quadrants(), "JPEG") + b"\xff\xda" * 1000, False),
}
MOST_MEGABYTES = 250  # the interpreter with NumPy and Pillow, a file, one picture at 4 bytes a pixel, a strip's copies


# Reads each file that it is told of in a process of its own, which has nothing but the interpreter and the modules, and
# says whether it could and its peak memory.
READER = """
import os, pathlib, sys
from core.images.uploads import read_upload
def read(name):
    try: found = read_upload(pathlib.Path(name).read_bytes()).size
    except ValueError: found = 0
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(found > 0, int(peak.split()[1]) // 1024, flush=True)
for line in sys.stdin:
    if not (child := os.fork()):
        read(line.rstrip())
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("died", 0, flush=True)
"""


@pytest.fixture(scope="module")
def reader():
    with subprocess.Popen([sys.executable, "-c", READER], stdin=PIPE, stdout=PIPE, text=True) as process:
        yield process


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak memory from Linux")
@pytest.mark.parametrize("what", LARGE)
def test_memory_stays_bounded(what, tmp_path, reader):
    make, is_read = LARGE[what]
    file = tmp_path / "file"
    file.write_bytes(make())
    assert file.stat().st_size <= MAX_BYTES
    print(file, file=reader.stdin, flush=True)
    read, megabytes = reader.stdout.readline().split()
    assert read == str(is_read)
    assert int(megabytes) < MOST_MEGABYTES
