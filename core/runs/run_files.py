"""The names of the files in a run's folder, and reading them without torch."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from core.layers.calculator import Row, analyze
from core.training.experiment import Experiment

CHECKPOINT = "checkpoint.safetensors"  # all that is needed to go on; gone once the run is finished
WEIGHTS = "weights.safetensors"  # the trained network's state dict, as core.nets.network.build names it
PREDICTIONS = "predictions.npz"


def has_weights(folder: Path) -> bool:
    """Return whether a run's folder holds a trained network."""
    return (folder / WEIGHTS).exists()


def save_predictions(path: Path, probabilities: NDArray[Any], labels: NDArray[Any]) -> None:
    """Write a test set's predictions so that no reader finds half of them.

    Args:
        path: The file.
        probabilities: (N, classes), kept as float16.
        labels: (N,), kept as uint8.

    Raises:
        OSError: The file cannot be written.
    """
    temporary = path.with_name(f".{path.name}")
    try:
        with temporary.open("wb") as file:
            np.savez(file, probabilities=probabilities.astype(np.float16), labels=labels.astype(np.uint8))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_predictions(folder: Path) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Return a finished run's predictions for the test set: probabilities (N, classes) and labels (N,).

    Raises:
        FileNotFoundError: The run in `folder` has none, or none yet.
    """
    with np.load(folder / PREDICTIONS, allow_pickle=False) as file:
        return file["probabilities"], file["labels"]


def rows_of(path: Path) -> tuple[Row, ...]:
    """Return the layers of the network in a file of weights or a checkpoint; () if it cannot be read."""
    try:
        return _rows_of(path, path.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _rows_of(path: Path, changed: int) -> tuple[Row, ...]:
    """Read the rows; `changed` makes a newer file another cache entry."""
    try:
        with safe_open(path, framework="numpy") as file:
            about = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
        state = about["checkpoint"]["state"] if "checkpoint" in about else about
        return tuple(analyze(Experiment.from_json(state["experiment"]).layers, state["shape"]))
    except (OSError, SafetensorError, ArithmeticError, KeyError, RecursionError, TypeError, ValueError):
        # a query of the network reports the fault
        return ()
