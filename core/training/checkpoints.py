"""Checkpoints as safetensors files: written to a temporary name and renamed, read back without executing anything."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.training.events import Checkpoint


class CheckpointError(RuntimeError):
    """A checkpoint that cannot be used; the message is a sentence."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint to `path`; a reader sees the old file or the new one, never half of one. Raises OSError."""
    about = {"step": checkpoint.step, "epoch": checkpoint.epoch, "state": checkpoint.state}
    _write(path, checkpoint.tensors, {"checkpoint": json.dumps(about)})


def save_weights(path: Path, checkpoint: Checkpoint) -> None:
    """Write the network's tensors alone, named as `core.nets.build` names them, with `state` as metadata."""
    tensors = {name.removeprefix("model."): t for name, t in checkpoint.tensors.items() if name.startswith("model.")}
    _write(path, tensors, {name: json.dumps(value) for name, value in checkpoint.state.items()})


def load(path: Path) -> Checkpoint:
    """The checkpoint that `save` wrote, on the CPU. Raises CheckpointError for a file that is missing or broken."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["checkpoint"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        return Checkpoint(step=about["step"], epoch=about["epoch"], tensors=tensors, state=about["state"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise CheckpointError(f"The checkpoint {path.name} is missing or broken: the run starts again.") from error


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        save_file(tensors, temporary, metadata)
        os.replace(temporary, path)
    except SafetensorError as error:  # a full disk comes as one of these
        raise OSError(str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
