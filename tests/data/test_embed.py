from pathlib import Path

import numpy as np
import pytest

from core import data
from core.data import embed


def test_sizes_and_classes_are_as_announced() -> None:
    digits = embed.load()
    assert digits.train_images.shape == (4_000, 1, 28, 28)
    assert digits.test_images.shape == (1_000, 1, 28, 28)
    assert np.bincount(digits.train_labels).tolist() == [400] * 10
    assert np.bincount(digits.test_labels).tolist() == [100] * 10
    first = np.bincount(digits.train_labels[:500], minlength=10)
    assert first.min() > 25  # mixed, so that the first few hundred are a fair sample


@pytest.mark.realdata
def test_every_digit_is_one_of_mnists(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    whole, digits = data.load("mnist", exact=True), embed.load()
    known = {
        bytes([label]) + image.tobytes()
        for images, labels in ((whole.train_images, whole.train_labels), (whole.test_images, whole.test_labels))
        for image, label in zip(images, labels, strict=True)
    }
    for images, labels in ((digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)):
        for image, label in zip(images, labels, strict=True):
            assert bytes([label]) + image.tobytes() in known
