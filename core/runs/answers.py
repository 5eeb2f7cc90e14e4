"""The process that answers for trained networks: `python -m core.runs.answers`, started by `core.runs.inference`.

It hears questions as JSON lines and answers each with {"answer": ...} or {"error": sentence}. It ends when its
standard input does.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor, nn

from core.data import DataError
from core.layers.checks import LayerError
from core.nets import build
from core.runs import machine
from core.runs.files import CHECKPOINT, WEIGHTS
from core.runs.inference import decoded, encoded
from core.runs.processes import messages
from core.training import checkpoints
from core.training.checkpoints import CheckpointError
from core.training.devices import Device, available, choose
from core.training.experiment import Experiment, ExperimentError
from core.training.session import Session, predict
from core.training.tensors import Normalization

NETWORKS = 6  # kept loaded

logger = logging.getLogger(__name__)


class Unanswerable(ValueError):
    """A question that has no answer; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A network with what must be done to a picture before it sees it."""

    network: nn.Module
    shape: tuple[int, int, int]  # (C, H, W)
    normalization: Normalization
    device: Device


def main() -> None:
    """Answer until nobody asks any more."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    incoming, answer = messages()
    for line in incoming:
        question: dict[str, Any] = json.loads(line)
        try:
            answer({"answer": QUESTIONS[question.pop("question")](**question)})
        except (Unanswerable, ExperimentError, LayerError, DataError, CheckpointError) as error:
            answer({"error": str(error)})
        except Exception as error:  # the next question may be a better one
            logger.exception("No answer.")
            answer({"error": f"The network could not be asked: an error of the program ({type(error).__name__})."})


def probabilities(folder: str, images: str) -> str:
    """uint8 (N, H, W) or (N, C, H, W) -> float32 (N, classes), both `encoded`. Raises Unanswerable."""
    weights, checkpoint = Path(folder) / WEIGHTS, Path(folder) / CHECKPOINT
    path = weights if weights.exists() else checkpoint
    if not path.exists():
        raise Unanswerable("This run has no trained network yet: it has one after its first epoch.")
    trained = _load(path, path.stat().st_mtime_ns)
    pictures: NDArray[np.uint8] = decoded(images)
    pictures = pictures[:, None] if pictures.ndim == 3 else pictures
    if pictures.shape[1:] != trained.shape:
        takes, given = (" x ".join(map(str, shape)) for shape in (trained.shape, pictures.shape[1:]))
        raise Unanswerable(f"This network takes pictures of {takes} (channels, height, width), these are {given}.")
    torch.set_num_threads(machine.cores())
    normalized = trained.normalization(torch.from_numpy(pictures.copy()).to(trained.device.name), trained.device.dtype)
    return encoded(predict(trained.network, normalized, trained.device).numpy())


def images_per_second(experiment: str, seconds: float, device: str) -> float:
    """Training pictures a second, measured on real steps of a network with fresh weights."""
    spec = Experiment.from_json(experiment)
    slots = machine.slots(available(), torch.cuda.device_count())
    torch.set_num_threads(machine.threads(slots, slots))  # what it would have with its fellows beside it
    session = Session(spec, choose(device, spec.precision))
    session.train_step().tolist()  # the first one also sets up what all others use
    began, first, elapsed = time.perf_counter(), session.step, 0.0
    while elapsed < seconds:
        session.train_step().tolist()  # on a GPU this waits for the work to be done
        elapsed = time.perf_counter() - began
    return (session.step - first) * session.batch_size / elapsed


@lru_cache(maxsize=NETWORKS)
def _load(path: Path, changed: int) -> Trained:
    """The network in a file of weights or a checkpoint; `changed` makes a newer file another one."""
    tensors, state = _weights(path) if path.name == WEIGHTS else _of_checkpoint(path)
    experiment = Experiment.from_json(state["experiment"])
    shape = tuple(state["shape"])
    device = choose("auto", experiment.precision)
    network = build(experiment.layers, shape)
    network.load_state_dict(tensors)
    network.to(device.name)
    normalization = Normalization(tuple(state["mean"]), tuple(state["std"]), experiment.shuffle_pixels)
    return Trained(network, shape, normalization, device)


def _weights(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, framework="pt") as file:
        state = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
        return {name: file.get_tensor(name) for name in file.keys()}, state  # noqa: SIM118 (not a dict)


def _of_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    checkpoint = checkpoints.load(path)
    named = checkpoint.tensors.items()
    return {name.removeprefix("model."): t for name, t in named if name.startswith("model.")}, checkpoint.state


QUESTIONS: dict[str, Callable[..., Any]] = {"probabilities": probabilities, "images_per_second": images_per_second}

if __name__ == "__main__":
    main()
