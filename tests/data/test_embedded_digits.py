import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.data import embedded_digits, mnist


def test_sizes_and_classes_are_as_announced() -> None:
    digits = embedded_digits.load()
    assert digits.train_images.shape == (4_000, 1, 28, 28)
    assert digits.test_images.shape == (1_000, 1, 28, 28)
    assert np.bincount(digits.train_labels).tolist() == [400] * 10
    assert np.bincount(digits.test_labels).tolist() == [100] * 10
    first = np.bincount(digits.train_labels[:500], minlength=10)
    assert first.min() > 25  # mixed, so that the first few hundred are a fair sample


@pytest.mark.realdata
def test_who_learned_from_mnists_training_digits_has_not_seen_the_test_digits(real_data: Path) -> None:
    whole, digits = mnist.read(real_data / "MNIST" / "raw", lambda progress: None), embedded_digits.load()
    learned, kept = ({row.tobytes() for row in part} for part in np.split(whole.array, [whole.train]))
    assert rows(digits.train_images, digits.train_labels) <= learned
    assert rows(digits.test_images, digits.test_labels) <= kept
    assert not rows(digits.test_images, digits.test_labels) & learned


@pytest.mark.realdata
def test_the_test_digits_are_made_again_to_the_bit(real_data: Path) -> None:
    digits, made = embedded_digits.load(), embedded_digits.test_rows(real_data)
    np.testing.assert_array_equal(made[:, 0], digits.test_labels)
    np.testing.assert_array_equal(made[:, 1:], digits.test_images.reshape(1_000, -1))


def test_the_training_digits_are_those_of_edition_1() -> None:
    """Networks trained before on these 4,000 digits learned the same ones."""
    digits = embedded_digits.load()
    table = np.column_stack([digits.train_labels, digits.train_images.reshape(4_000, -1)])
    assert hashlib.sha256(table.tobytes()).hexdigest()[:16] == "896e1c10a5289992"


def rows(images: np.ndarray, labels: np.ndarray) -> set[bytes]:
    return {bytes([label]) + image.tobytes() for image, label in zip(images, labels, strict=True)}
