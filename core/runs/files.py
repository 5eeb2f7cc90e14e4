"""The files of a run, all in its folder: their names, and reading them without torch."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHECKPOINT = "checkpoint.safetensors"  # all that is needed to go on; gone once the run is finished
WEIGHTS = "weights.safetensors"  # the trained network's state dict, as core.nets.build names it
PREDICTIONS = "predictions.npz"


def save_predictions(path: Path, probabilities: NDArray[Any], labels: NDArray[Any]) -> None:
    """Write a test set's probabilities (N, classes) and labels (N,); never half of them. Raises OSError."""
    temporary = path.with_name(f".{path.name}")
    try:
        with temporary.open("wb") as file:
            np.savez(file, probabilities=probabilities.astype(np.float16), labels=labels.astype(np.uint8))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_predictions(folder: Path) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """What a finished run answers for the test set: probabilities (N, classes), and the labels (N,).

    Raises FileNotFoundError when the run in `folder` has none, or none yet.
    """
    with np.load(folder / PREDICTIONS, allow_pickle=False) as file:
        return file["probabilities"], file["labels"]
