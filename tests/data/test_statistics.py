"""Mean and deviation of the training pictures: all of them, against published figures and plain arithmetic."""

import numpy as np
import pytest

from core import data
from core.data import cifar10_standin, statistics
from core.data.statistics import pixel_statistics


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (7, 3, 5, 4), (3000, 1, 28, 28), (1300, 3, 40, 40)])
def test_they_are_what_numpy_finds(shape: tuple[int, int, int, int]) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    means, deviations = pixel_statistics(pictures)
    np.testing.assert_allclose(means, (pictures / 255).mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(deviations, np.maximum((pictures / 255).std(axis=(0, 2, 3)), 1e-3), rtol=1e-9)


def test_a_channel_without_a_difference_stays_finite() -> None:
    assert pixel_statistics(np.full((20, 2, 3, 3), 200, np.uint8)) == ((200 / 255,) * 2, (1e-3,) * 2)


def test_every_training_picture_counts() -> None:
    pictures = cifar10_standin.load()
    assert statistics(pictures) == pixel_statistics(pictures.train_images)
    assert statistics(pictures) != pixel_statistics(pictures.train_images[:4_999])


@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
@pytest.mark.parametrize(
    ("name", "mean", "deviation"),
    [
        ("mnist", (0.130660,), (0.308108,)),
        ("cifar10", (0.491400, 0.482158, 0.446531), (0.247032, 0.243485, 0.261588)),
    ],
)
def test_the_published_figures(name: str, mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
    found = statistics(data.load(name, exact=True))
    np.testing.assert_allclose(found, (mean, deviation), atol=6e-7)
