"""Read and write checkpoints as safetensors files: replaced whole, and read without executing anything."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core.training.clock import Clock
from core.training.events import Checkpoint
from core.training.experiment import Experiment

MAX_SECONDS = 1e9  # thirty years of any part of a run, or as many epochs: more is no figure of one


# What reading a file of another kind raises, or one with other types in it.
BROKEN = (OSError, SafetensorError, ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)


class CheckpointError(RuntimeError):
    """Raised for a checkpoint that cannot be used; the message is a sentence."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to `path`; a reader sees the old file or the new one, never half of one.

    Raises:
        OSError: The file cannot be written.
    """
    about = {"step": checkpoint.step, "epoch": checkpoint.epoch, "state": checkpoint.state}
    _write(path, checkpoint.tensors, {"checkpoint": json.dumps(about)})


def save_weights(path: Path, checkpoint: Checkpoint) -> None:
    """Write the network's tensors alone, named as `core.nets.network.build` names them, with `state` as metadata."""
    _write(path, weights(checkpoint.tensors), {name: json.dumps(value) for name, value in checkpoint.state.items()})


def weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the network's tensors in a checkpoint: those of the averaged weights if there are any."""
    part = "average." if any(name.startswith("average.") for name in tensors) else "model."
    return {name.removeprefix(part): tensor for name, tensor in tensors.items() if name.startswith(part)}


def put(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load weights into a network.

    Raises:
        RuntimeError: A tensor is missing, or of another shape or kind.
    """
    for name, own in network.state_dict().items():
        if name in tensors and tensors[name].is_floating_point() != own.is_floating_point():
            raise RuntimeError(f"{name} holds numbers of another kind.")
    network.load_state_dict(tensors)


def load(path: Path) -> Checkpoint:
    """Return the checkpoint that `save` wrote, on the CPU.

    Raises:
        CheckpointError: The file is missing or broken.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["checkpoint"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        return _checked(Checkpoint(step=about["step"], epoch=about["epoch"], tensors=tensors, state=about["state"]))
    except BROKEN as error:
        raise CheckpointError(f"The checkpoint {path.name} is missing or broken: the run starts again.") from error


def _checked(checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint if its numbers are numbers and its tensors hold some; else raise TypeError and the like."""
    state = checkpoint.state
    if not all(bool(tensor.isfinite().all()) for tensor in checkpoint.tensors.values()):
        raise ValueError("a number that is none")
    if type(checkpoint.step) is not int or checkpoint.step < 0 or not isinstance(state, dict):
        raise TypeError("step or state")
    for number in (checkpoint.epoch, *Clock.from_dict(state).to_dict().values()):
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < MAX_SECONDS:
            raise ValueError(f"{number!r:.40} is no number of epochs or seconds")
    if not isinstance(state["experiment"], str) or not isinstance(state["data"], str):
        raise TypeError("experiment or data")
    if not isinstance(state["scaler"], dict):
        raise TypeError("scaler")
    return checkpoint


def load_weights(path: Path) -> tuple[dict[str, Tensor], Experiment]:
    """Return what `save_weights` wrote: the tensors, and their experiment.

    Raises:
        CheckpointError: The file is missing or broken.
    """
    try:
        with safe_open(path, framework="pt") as file:
            experiment = Experiment.from_json(json.loads((file.metadata() or {})["experiment"]))
            return {name: file.get_tensor(name) for name in file.keys()}, experiment  # noqa: SIM118 (not a dict)
    except BROKEN as error:
        raise CheckpointError(f"The weights {path.name} are missing or broken: train the network again.") from error


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        save_file(tensors, temporary, metadata)
        os.replace(temporary, path)
    except SafetensorError as error:  # a full disk comes as one of these
        raise OSError(str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
