"""Small pretrained networks that come with the app, and the first layer of any trained network. Read without torch.

`core.insight.train_pretrained` trains them; `pretrained_weights/README.md` gives their test accuracies.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from core.insight.confusion import wilson_interval
from core.insight.robustness import Share
from core.layers.calculator import analyze
from core.layers.specs import Conv, Flatten, Linear
from core.training.experiment import Experiment

FOLDER = Path(__file__).with_name("pretrained_weights")
PRETRAINED = (
    "mnist-linear",
    "mnist-mlp",
    "mnist-cnn",
    "mnist-cnn-moved",
    "mnist-cnn-blur",
    "mnist-40-cnn",
    "mnist-40-cnn-blur",
    "mnist-capsule",
    "mnist-40-capsule",
    "cifar-cnn",
)
PAIRS = "mnist-pairs-capsule"  # of two overlapping digits, which only the capsules page shows


class NetworkError(ValueError):
    """Raised for a trained network that cannot be read or used; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """One of PRETRAINED. A picture goes in as (x - mean) / std, channel by channel, with x in [0, 1]."""

    name: str
    title: str
    experiment: Experiment
    mean: tuple[float, ...]  # a channel, of the pictures as its training normalized them
    std: tuple[float, ...]
    correct: int  # of the test set's pictures
    test_images: int
    lost: dict[int, Share]  # accuracy lost, by the shift in px
    file: Path  # safetensors, its tensors named as `core.nets.network.build` names them

    @property
    def accuracy(self) -> float:
        """The accuracy on the whole test set, from 0 to 1."""
        return self.correct / self.test_images

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson_interval(self.correct, self.test_images)


@dataclass(frozen=True, slots=True)
class PairsNetwork:
    """What was measured of the network of PAIRS."""

    trained_on: int  # pairs
    pairs: int  # of test digits
    correct: int  # of them, both digits found
    seconds: int  # of processor time that its training took

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share of pairs of which both digits are found."""
        return wilson_interval(self.correct, self.pairs)


@lru_cache(maxsize=1)
def pairs_network() -> PairsNetwork:
    """Return what was measured of the network of PAIRS. Raises NetworkError if its description is broken."""
    try:
        about = json.loads((FOLDER / f"{PAIRS}.json").read_text(encoding="utf-8"))
        return PairsNetwork(about["pairs"], about["test_pairs"], about["correct_pairs"], about["processor_seconds"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise NetworkError(f"{PAIRS}.json is missing or broken: reinstall the app.") from error


@dataclass(frozen=True, slots=True, eq=False)
class FirstLayer:
    """A network's first layer: K filters as deep as the picture, or K fully connected units.

    The weights of a fully connected unit are laid out as the picture is, so that it is a filter of the picture's size.
    """

    weights: NDArray[np.float32]  # (K, D_in, F_h, F_w)
    biases: NDArray[np.float32]  # (K,)
    spec: Conv | Linear
    mean: tuple[float, ...]  # a channel: what is taken away from the picture first
    std: tuple[float, ...]  # and what it is divided by then


@lru_cache(maxsize=len(PRETRAINED))
def network(name: str) -> TrainedNetwork:
    """Return the pretrained network of that name.

    Raises:
        NetworkError: There is none, or its files are missing or broken.
    """
    if name not in PRETRAINED:
        raise NetworkError(f"No network {name!r:.40} comes with the app; there are {', '.join(PRETRAINED)}.")
    path = FOLDER / f"{name}.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return TrainedNetwork(
            name=name,
            title=about["title"],
            experiment=Experiment.from_json(json.dumps(about["experiment"])),
            mean=tuple(about["mean"]),
            std=tuple(about["std"]),
            correct=about["correct"],
            test_images=about["test_images"],
            lost={int(distance): Share(*share) for distance, share in about["lost"].items()},
            file=path.with_suffix(".safetensors"),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise NetworkError(
            f"{path.name} of the networks that come with the app is missing or broken: reinstall the app, or run "
            "python -m core.insight.train_pretrained."
        ) from error


def normalization(path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the mean and deviation of each channel, as in a run's training, from its weights.safetensors.

    Raises:
        NetworkError: The file is missing or broken.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
        return tuple(json.loads(about["mean"])), tuple(json.loads(about["std"]))
    except (OSError, SafetensorError, ArithmeticError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise NetworkError(f"The weights in {path.name} are missing or broken: train the network again.") from error


def first_layer(source: str | Path) -> NDArray[np.float32]:
    """Return the first layer's weights, (K, D_in, F_h, F_w), of a name of PRETRAINED or of a file of weights.

    Raises:
        NetworkError: The file is missing or broken, or the network begins with another layer.
    """
    return read_first_layer(source).weights


def read_first_layer(source: str | Path) -> FirstLayer:
    """Return the whole first layer; `source` and errors as for `first_layer`."""
    path = source if isinstance(source, Path) else network(source).file
    try:
        with safe_open(path, framework="numpy") as file:
            about: dict[str, Any] = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
            return _first_layer(about, file.get_tensor)
    except (OSError, SafetensorError, ArithmeticError, KeyError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        raise NetworkError(f"The weights in {path.name} are missing or broken: train the network again.") from error


def _first_layer(about: dict[str, Any], tensor: Callable[[str], NDArray[np.float32]]) -> FirstLayer:
    experiment = Experiment.from_json(about["experiment"])
    rows = analyze(experiment.layers, tuple(about["shape"]))
    begins = next((row for row in rows if not isinstance(row.layer, Flatten)), rows[0])
    spec = begins.layer
    if not isinstance(spec, Conv | Linear) or (isinstance(spec, Conv) and spec.groups > 1):
        raise NetworkError(f"This network begins with {type(spec).__name__}, which has no filters.")
    place = rows.index(begins)
    weights = tensor(f"{place}.weight").astype(np.float32)  # some files hold float16
    if isinstance(spec, Linear):  # (K, D_in * H * W): each unit's weights are a picture
        weights = weights.reshape(len(weights), *about["shape"])
    biases = tensor(f"{place}.bias").astype(np.float32) if spec.bias else np.zeros(len(weights), np.float32)
    return FirstLayer(weights, biases, spec, tuple(about["mean"]), tuple(about["std"]))
