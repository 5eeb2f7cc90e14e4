"""affNIST-like digits: within the frame, within the ranges, the same for a seed."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from core.data import load
from core.data.mnist_40 import INFO, pad_to_frame
from core.insight.affnist import affnist, placed_at_random

DIGITS = torch.from_numpy(load("mnist-5k").test_images[:200].copy())


def test_equal_seeds_make_equal_pictures() -> None:
    assert (affnist(DIGITS, 1) == affnist(DIGITS, 1)).all()
    assert (affnist(DIGITS, 1) != affnist(DIGITS, 2)).any()
    assert (placed_at_random(DIGITS, 1) == placed_at_random(DIGITS, 1)).all()


def test_no_ink_is_lost_and_every_place_is_used() -> None:
    pictures = affnist(DIGITS, 0)
    assert pictures.shape == (200, 1, 40, 40)
    assert pictures.dtype == np.uint8
    ink = pictures.reshape(200, -1).sum(axis=1) / DIGITS.reshape(200, -1).sum(dim=1).numpy()
    assert 0.6 < ink.min() < 0.85  # the area grows by 0.8 * 0.8 to 1.2 * 1.2
    assert 1.15 < ink.max() < 1.5
    centers = np.array([ndimage.center_of_mass(picture[0]) for picture in pictures])
    assert centers.min() < 12
    assert centers.max() > 27
    assert centers.mean() == pytest.approx(19.5, abs=1.5)


def test_the_transforms_lie_in_affnists_ranges() -> None:
    """A bar, upright and lying: its length and slant tell how far it was stretched, turned and slanted."""
    bar = torch.zeros(600, 1, 28, 28, dtype=torch.uint8)
    bar[:, 0, 4:24, 13:15] = 255
    heights, leans = [], []
    for picture in affnist(bar, 0)[:, 0]:
        rows, columns = np.nonzero(picture > 127)
        heights.append(np.ptp(rows) + 1)
        leans.append(np.degrees(np.arctan2(np.polyfit(rows, columns, 1)[0], 1)))
    assert 13 < min(heights) < 16.5  # 20 px * 0.8, turned by 20 degrees at most
    assert 22 < max(heights) < 26  # 20 px * 1.2 and a row of rounding
    assert 24 < max(leans) < 33  # 20 degrees and a slant of 0.2, which is 11.3
    assert -33 < min(leans) < -24


def test_digits_in_training_are_only_put_somewhere() -> None:
    placed = placed_at_random(DIGITS, 0)
    assert (placed.reshape(200, -1).sum(axis=1) == DIGITS.reshape(200, -1).sum(dim=1).numpy()).all()
    assert pad_to_frame(DIGITS.numpy()).shape[1:] == INFO.shape == (1, 40, 40)
