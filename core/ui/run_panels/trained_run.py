"""Finished runs with their cached test-set predictions and the test pictures."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import data
from core.insight.confusion import confusion_matrix
from core.runs import run_files
from core.runs.run import Run
from core.ui.display import run_accuracies
from core.ui.display.colors import Role


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run under its name on the page."""

    name: str
    role: Role
    run: Run


@lru_cache(maxsize=32)
def predictions(folder: Path) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Return the test-set predictions of the run in `folder`.

    Returns:
        Probabilities (N, classes) and labels (N,).

    Raises:
        FileNotFoundError: If they were removed.
    """
    return run_files.load_predictions(folder)


def test_set(run: Run) -> data.Dataset:
    """Return the dataset that a run was tested on. Raises DataError: it is not on this machine."""
    return data.load(run.experiment.data, exact=True)


def test_pictures(run: Run) -> NDArray[np.uint8]:
    """Return the test pictures of a run's dataset, in the order of its predictions.

    Returns:
        uint8 (N, H, W), or (N, H, W, 3) in color.

    Raises:
        DataError: If the dataset is not on this machine.
    """
    images: NDArray[np.uint8] = test_set(run).test_images
    return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images, 1, 3)


def accuracy_interval(run: Run) -> tuple[float, float] | None:
    """Return the 95 % interval of a run's latest test accuracy (fractions); None before the first evaluation."""
    accuracy, tested = run.summary.get("test_accuracy"), run_accuracies.sample_size(run.summary)
    return run_accuracies.interval(accuracy, tested) if accuracy is not None and tested else None


def matrix(trained: Trained) -> NDArray[np.int64]:
    """Return a run's confusion matrix on its test set, (classes, classes).

    Raises:
        FileNotFoundError: If its predictions were removed.
    """
    probabilities, labels = predictions(trained.run.folder)
    return confusion_matrix(labels, probabilities.argmax(axis=1), probabilities.shape[1])
