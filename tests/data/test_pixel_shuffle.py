import hashlib

import numpy as np

from core.data import permutation, shuffle_pixels


def test_each_position_is_used_once() -> None:
    order = permutation((1, 28, 28))
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(784))


def test_it_is_the_same_everywhere() -> None:
    """A run's key says only that pixels were shuffled: the order must not change with a version of numpy."""
    assert hashlib.sha256(permutation((1, 28, 28)).astype("<i8").tobytes()).hexdigest()[:16] == "3aa79b80c498bc4e"
    assert hashlib.sha256(permutation((3, 32, 32)).astype("<i8").tobytes()).hexdigest()[:16] == "dc1c0bf7aa434d09"


def test_channels_move_together_and_pictures_alike() -> None:
    positions = np.arange(64, dtype=np.uint8).reshape(1, 1, 8, 8)
    images = np.repeat(np.repeat(positions, 3, axis=1), 5, axis=0)
    moved = shuffle_pixels(images)
    assert moved.shape == images.shape
    assert (moved == moved[0, 0]).all()
    np.testing.assert_array_equal(moved[0, 0].reshape(-1), permutation((3, 8, 8)))
