"""Pictures of every kind, size and color in one zip."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import data
from core.data import image_folder
from core.data.dataset import BrokenSource, Rows

MakeZip = Callable[..., Path]
NAMES = [f"{part}/{kind}/{number}.png" for part in ("train", "test") for kind in ("cat", "dog") for number in range(3)]
COLOR = (10, 20, 30)
TURNED = Image.Exif()
TURNED[274] = 6  # a camera held upright


def rows(path: Path) -> Rows:
    return image_folder.read(path, path.stem, lambda progress: None)


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def of_one_color(mode: str, color: object, size: tuple[int, int] = (8, 8)) -> Image.Image:
    return Image.new(mode, size, color)


RGB = of_one_color("RGB", COLOR)
SCAN = Image.frombytes("I;16", (8, 8), np.full(64, 51 * 257, "<u2").tobytes())
PICTURES: dict[str, tuple[bytes, tuple[int, int, int]]] = {
    "a.webp": (encoded(RGB, "WEBP", lossless=True), COLOR),
    "a.bmp": (encoded(RGB, "BMP"), COLOR),
    "a.gif": (encoded(RGB, "GIF"), COLOR),
    "a.TIF": (encoded(RGB, "TIFF"), COLOR),
    "wrong ending.jpg": (encoded(RGB, "PNG"), COLOR),
    "gray.png": (encoded(of_one_color("L", 77), "PNG"), (77, 77, 77)),
    "palette.png": (encoded(RGB.quantize(4), "PNG"), COLOR),
    "clear.png": (encoded(of_one_color("RGBA", (*COLOR, 0)), "PNG"), (255, 255, 255)),
    "clear palette.png": (encoded(RGB.quantize(4), "PNG", transparency=0), (255, 255, 255)),
    "clear gray.png": (encoded(of_one_color("LA", (77, 0)), "PNG"), (255, 255, 255)),
    "16 bits.png": (encoded(SCAN, "PNG"), (51, 51, 51)),
    "16 bits.tiff": (encoded(SCAN, "TIFF"), (51, 51, 51)),
    "16 bits, 0 is white.tiff": (encoded(SCAN, "TIFF", tiffinfo={262: 0}), (204, 204, 204)),
    "1 bit.png": (encoded(of_one_color("1", 1), "PNG"), (255, 255, 255)),
    "cmyk.tif": (encoded(of_one_color("CMYK", (0, 0, 0, 255)), "TIFF"), (0, 0, 0)),
    "large.png": (encoded(of_one_color("RGB", COLOR, (300, 200)), "PNG"), COLOR),
    "tiny.png": (encoded(of_one_color("RGB", COLOR, (1, 1)), "PNG"), COLOR),
    "thin.png": (encoded(of_one_color("RGB", COLOR, (2000, 1)), "PNG"), COLOR),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_every_kind_among_others(make_zip: MakeZip, name: str) -> None:
    content, color = PICTURES[name]
    found = rows(make_zip(extra={f"train/cow/{name}": content}))
    (picture,) = found.array[found.array[:, 0] == 1, 1:].reshape(-1, 3, 8, 8)
    assert {tuple(pixel) for pixel in picture.reshape(3, -1).T.tolist()} == {color}


def test_a_picture_turned_by_its_exif_tag_stands_upright(make_zip: MakeZip) -> None:
    sides = Image.new("L", (16, 8))
    sides.paste(255, (0, 0, 8, 8))  # white on the left: on top when it is turned
    turned = encoded(sides, "JPEG", exif=TURNED, quality=100)
    found = rows(make_zip(each=0, extra=dict.fromkeys(NAMES, turned)))
    assert found.shape == (1, 16, 8)
    assert image_folder.survey(Path(data.info("pets").source.split(" in ")[1].split(",")[0])).shape == (1, 16, 8)
    picture = found.array[0, 1:].reshape(16, 8)
    assert picture[:8].min() > 250
    assert picture[8:].max() < 5


@pytest.mark.parametrize(
    ("fit", "left", "top"), [(None, 128, 128), ("crop", 128, 128), ("pad", 0, 255), ("stretch", 0, 128)]
)
def test_pictures_of_any_size_are_fitted_as_the_person_chooses(
    make_zip: MakeZip, fit: str | None, left: int, top: int
) -> None:
    picture = np.zeros((1, 64, 128), np.uint8)
    picture[:, :, 32:96] = 128  # the middle square
    path = make_zip(each=0, extra=dict.fromkeys(NAMES, picture))
    before = data.resolve("pets")
    path.with_suffix(".json").write_text(json.dumps({"size": [16, 16], **({"fit": fit} if fit else {})}))
    assert data.resolve("pets") != before
    found = rows(path)
    assert found.shape == image_folder.survey(path).shape == (1, 16, 16)
    square = found.array[0, 1:].reshape(16, 16)
    assert (square[8, 0], square[0, 8], square[8, 8]) == (left, top, 128)
    assert found.notes[-1].startswith("12 ")


def test_a_photograph_is_scaled_and_cropped_as_by_pillow(make_zip: MakeZip) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    photograph = Image.fromarray(levels).resize((180, 120), Image.Resampling.BICUBIC)
    found = rows(make_zip(each=0, extra=dict.fromkeys(NAMES, encoded(photograph, "PNG"))))
    middle = photograph.crop((30, 0, 150, 120)).resize((32, 32), Image.Resampling.LANCZOS)
    difference = found.array[0, 1:].reshape(3, 32, 32).transpose(1, 2, 0).astype(int) - np.asarray(middle, int)
    assert np.abs(difference).mean() < 4
    assert np.abs(difference).max() < 30


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ([(28, 28)] * 12, (28, 28)),
        ([(20, 30)] * 9 + [(28, 28)] * 3, (20, 30)),
        ([(20, 30)] * 6 + [(28, 28)] * 6, (32, 32)),
        ([(100, 90)] * 12, (32, 32)),
        ([(4, 4)] * 12, (32, 32)),
    ],
)
def test_the_size_of_most_pictures_is_kept(
    make_zip: MakeZip, sizes: list[tuple[int, int]], shape: tuple[int, int]
) -> None:
    path = make_zip(each=0, extra={n: np.zeros((1, *size), np.uint8) for n, size in zip(NAMES, sizes, strict=True)})
    assert image_folder.survey(path).shape == rows(path).shape == (1, *shape)


def test_one_colored_picture_makes_all_colored_unless_one_says_otherwise(make_zip: MakeZip) -> None:
    gray = dict.fromkeys(NAMES, np.zeros((1, 8, 8), np.uint8))
    path = make_zip(each=0, extra={**gray, "test/dog/b.png": encoded(RGB, "PNG")})
    assert rows(path).shape == (3, 8, 8)
    path.with_suffix(".json").write_text('{"colors": "gray"}')
    assert rows(path).shape == (1, 8, 8)


@pytest.mark.parametrize(
    "options",
    [
        *("[]", "{", '{"fits": 1}', '{"fit": "cut"}', '{"size": 7}', '{"size": [8, 65]}', '{"size": [8, true]}'),
        *('{"test_share": 1}', '{"seed": -1}', '{"colors": []}', '{"seed": 1.5}', "\xff", "[" * 9_999, " " * 10_001),
    ],
)
def test_options_that_cannot_be_are_named(make_zip: MakeZip, options: str) -> None:
    path = make_zip()
    path.with_suffix(".json").write_bytes(options.encode("latin-1"))
    for use in (image_folder.survey, rows):
        with pytest.raises(BrokenSource, match=r"pets\.json"):
            use(path)
