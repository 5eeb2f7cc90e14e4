"""Finished runs that can be asked, with what they answered for the test set and the pictures they answered for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import data
from core.runs import files
from core.runs.history_cache import Frames
from core.runs.run import FINISHED, Run
from core.ui.display import colors
from core.ui.display.colors import Role
from core.ui.run_panels.earlier_runs import Earlier
from core.ui.views.mnist.networks import Contender


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run under its name on the page."""

    name: str
    role: Role
    run: Run


def finished(
    contenders: Sequence[Contender], earlier: Sequence[Earlier], frames: Mapping[str, Frames]
) -> list[Trained]:
    """One finished run for each contender: its own, or, while a setting is being tried, the latest kept of its kind."""
    found: list[Trained] = []
    for contender in contenders:
        frame = frames.get(contender.experiment.key)
        if frame and frame.run.state == FINISHED:
            found.append(Trained(contender.role.name, contender.role, frame.run))
            continue
        kind = colors.role(contender.experiment)
        alike = [
            run
            for run in earlier
            if run.frames.run.state == FINISHED and colors.role(run.frames.run.experiment) == kind
        ]
        found += [Trained(run.name, contender.role, run.frames.run) for run in alike[-1:]]
    return found


@lru_cache(maxsize=32)
def predictions(folder: Path) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """What the run in `folder` answers for the test set: probabilities (N, classes), labels (N,). FileNotFoundError."""
    return files.load_predictions(folder)


def test_pictures(run: Run) -> NDArray[np.uint8]:
    """The test pictures of a run's data, in the order of its predictions: uint8 (N, H, W), or (N, H, W, 3) in color.

    Raises DataError.
    """
    images: NDArray[np.uint8] = data.load(run.experiment.data, exact=True).test_images
    return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images, 1, 3)
