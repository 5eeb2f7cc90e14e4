"""Load a trained network from its file. torch: for the inference server, not for pages."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor, nn

from core.layers.setting_checks import LayerError
from core.nets.network import build, up_to_logits
from core.training.augmentation.normalization import Normalization
from core.training.checkpoints import BROKEN, CheckpointError, put, weights
from core.training.devices import Device, choose
from core.training.experiment import Experiment

NETWORKS = 16  # kept loaded: those that come with the app, and as many runs again


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A network with the normalization of its pictures."""

    experiment: Experiment
    network: nn.Sequential  # in evaluation mode, on the device
    shape: tuple[int, int, int]  # (C, H, W) of a picture
    normalization: Normalization
    device: Device

    @property
    def logits(self) -> nn.Sequential:
        """The network without a last softmax: (N, C, H, W) -> logits (N, classes). It shares its weights."""
        return up_to_logits(self.network, self.experiment.layers, self.shape)

    def prepared(self, pictures: NDArray[Any] | Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Normalize uint8 (N, C, H, W), on the device and in its number format, or in another."""
        return self.normalization(torch.as_tensor(pictures).to(self.device.name), dtype or self.device.dtype)


def load(path: Path) -> Loaded:
    """Return the network in a file that `core.training.checkpoints` wrote: weights alone, or a whole checkpoint.

    It is kept in memory until the file changes.

    Raises:
        CheckpointError: The file is missing or broken.
        LayerError: The network is too large to build here.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise CheckpointError(f"The weights {path.name} are missing: train the network again.") from error
    return _load(path, changed)


@lru_cache(maxsize=NETWORKS)
def _load(path: Path, changed: int) -> Loaded:
    """Load the file; `changed` makes a newer file another cache entry."""
    try:
        tensors, state = _read(path)
        experiment = Experiment.from_json(state["experiment"])
        shape = tuple(state["shape"])
        network = build(experiment.layers, shape)
        put(network, tensors)
        mean, std = tuple(state["mean"]), tuple(state["std"])
        if not len(mean) == len(std) == shape[0] or not all(math.isfinite(number) for number in (*mean, *std)):
            raise ValueError("not a mean and a deviation of each channel")
        normalization = Normalization(mean, std, experiment.shuffle_pixels)
    except LayerError:
        raise
    except (*BROKEN, RuntimeError) as error:
        raise CheckpointError(f"The weights {path.name} are broken: train the network again.") from error
    device = choose("auto", experiment.precision)
    network.to(device.name).eval()
    return Loaded(experiment, network, shape, normalization, device)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the network's tensors by their names in `core.nets.network.build`, and the metadata beside them."""
    with safe_open(path, framework="pt") as file:
        metadata = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
        named = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    if "checkpoint" not in metadata:
        return named, metadata
    return weights(named), metadata["checkpoint"]["state"]
