"""Dark digits on light paper, of any size and place, are read as well as MNIST's own."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core import data
from core.images.digit_reader import NO_INK, read_digit
from core.insight.loaded_network import load
from core.insight.pretrained import network
from core.training.evaluation import predict

COUNT = 150
POINTS = 0.03  # of accuracy that reading may cost
Sheet = tuple[int, int, int, int, int]  # the digit's side; the paper's height and width; top and left of the digit


def share_right(digits: NDArray[np.uint8]) -> float:
    loaded = load(network("mnist-cnn").file)
    pictures = loaded.prepared(digits[:, None].copy())
    answers = predict(loaded.logits, pictures, loaded.device, "none").numpy().argmax(axis=1)
    return float((answers == data.load("mnist-5k").test_labels[:COUNT]).mean())


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    return np.array(data.load("mnist-5k").test_images[:COUNT, 0])


def rendered(digit: NDArray[np.uint8], sheet: Sheet, paper: float, ink: float) -> NDArray[np.float64]:
    side, height, width, top, left = sheet
    share = np.zeros((height, width))
    resized = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    share[top : top + side, left : left + side] = np.asarray(resized) / 255
    return paper + (ink - paper) * share


@pytest.mark.parametrize(
    ("sheet", "paper", "ink"),
    [
        ((28, 28, 28, 0, 0), 1.0, 0.0),
        ((28, 28, 28, 0, 0), 0.0, 1.0),
        ((90, 120, 200, 25, 105), 1.0, 0.0),
        ((160, 160, 160, 0, 0), 0.9, 0.2),
        ((45, 100, 70, 54, 0), 0.2, 0.8),
    ],
)
def test_digits_of_any_size_place_and_ink(digits: NDArray[np.uint8], sheet: Sheet, paper: float, ink: float) -> None:
    found = [read_digit(rendered(digit, sheet, paper, ink)) for digit in digits]
    assert {digit.is_inverted for digit in found} == {paper > ink}
    assert share_right(np.stack([digit.pixels for digit in found])) >= share_right(digits) - POINTS


def test_photographs_with_a_shadow_noise_and_dirt(digits: NDArray[np.uint8]) -> None:
    rng = np.random.default_rng(0)
    shadow = (1 - 0.4 * np.linspace(0, 1, 150)) * (1 - 0.2 * np.linspace(0, 1, 140)[:, None] ** 2)
    found = []
    for digit in digits:
        photo = rendered(digit, (90, 140, 150, 30, 40), 0.85, 0.2) * shadow + rng.normal(0, 0.02, (140, 150))
        photo[3:6, 140:143] -= 0.3  # a speck
        file = io.BytesIO()
        Image.fromarray(np.uint8(np.clip(photo, 0, 1) * 255)).save(file, "JPEG", quality=70)
        found.append(read_digit(np.asarray(Image.open(file)) / 255))
    assert all(digit.is_inverted for digit in found)
    assert share_right(np.stack([digit.pixels for digit in found])) >= share_right(digits) - POINTS


@pytest.mark.parametrize(
    "picture",
    [np.ones((30, 40)), np.zeros((28, 28)), np.full((1, 1), 0.5), np.linspace(0, 1, 900).reshape(30, 30)],
    ids=["white", "black", "one pixel", "a shadow alone"],
)
def test_paper_without_a_digit_is_said(picture: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match=NO_INK[:30]):
        read_digit(picture)


def test_every_small_picture_ends_in_a_digit_or_a_sentence() -> None:
    rng = np.random.default_rng(1)
    for height, width in ((1, 2), (2, 1), (1, 40), (2, 2), (3, 3), (40, 2), (5, 300)):
        for _ in range(20):
            picture = rng.random((height, width)).round(int(rng.integers(0, 3)))
            try:
                found = read_digit(picture)
            except ValueError as error:
                found = str(error)
            assert found == NO_INK or found.pixels.max() == 255
