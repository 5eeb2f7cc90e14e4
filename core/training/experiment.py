"""An experiment: everything a person sets, as one frozen spec.

Its canonical JSON is the permalink, the cache key, the store's row and the export. Two people who ask for equal
experiments ask for one training. No torch here: the web process reads and writes experiments all day.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.layers import specs
from core.training.pipeline import NONE, Pipeline
from core.training.steps import Normalize

SCHEMA = 1  # raised when the meaning of a field changes, so that an old key never names a new experiment

OPTIMIZERS = ("adamw", "adam", "sgd", "nesterov", "adadelta")
SCHEDULES = ("constant", "linear", "cosine", "step")
PRECISIONS = ("auto", "float32", "bf16", "fp16")

# The least and the most of every number a person can set: the pages' sliders and the checks below read the same table.
LIMITS: dict[str, tuple[float, float]] = {
    "train_images": (10, 1_000_000),
    "held_out": (0, 100_000),
    "epochs": (1, 200),
    "batch_size": (1, 8192),
    "learning_rate": (1e-6, 100.0),
    "momentum": (0.0, 0.9999),
    "beta2": (0.0, 0.99999),
    "weight_decay": (0.0, 10.0),
    "warmup": (0.0, 0.9),
    "label_smoothing": (0.0, 0.9),
    "seed": (0, 2**31 - 1),
}
INTEGERS = {"train_images", "held_out", "epochs", "batch_size", "seed"}


class ExperimentError(ValueError):
    """An experiment that cannot be: the message is a sentence for the person who set it."""


def _check(spec: object) -> None:
    """Hold every number of `spec` to LIMITS. Raises ExperimentError."""
    for item in fields(spec):  # type: ignore[arg-type]
        if item.name not in LIMITS:
            continue
        value, (low, high) = getattr(spec, item.name), LIMITS[item.name]
        kind = "a whole number" if item.name in INTEGERS else "a number"
        numeric = isinstance(value, int) or (isinstance(value, float) and item.name not in INTEGERS)
        if isinstance(value, bool) or not numeric or not math.isfinite(value) or not low <= value <= high:
            raise ExperimentError(f"{item.name} must be {kind} from {low:g} to {high:g}; got {value!r:.40}.")
        if item.name not in INTEGERS:
            object.__setattr__(spec, item.name, float(value))  # 1 and 1.0 are one experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One network, the data it learns from, and how. Raises ExperimentError for values outside LIMITS."""

    layers: specs.Network
    data: str = "mnist"  # a dataset's identity: "mnist", "mnist-5k", "cifar10", "NAME@digest" (see core.data)
    train_images: int = 60_000  # the first so many of the training set, in an order fixed by the dataset
    held_out: int = 0  # the last so many of the training set, kept for choosing and never trained on
    shuffle_pixels: bool = False  # one fixed permutation of the pixels, the same for every picture
    epochs: int = 3
    batch_size: int = 256
    optimizer: str = "adamw"
    learning_rate: float = 0.003
    momentum: float = 0.9  # of SGD; Adam's beta 1
    beta2: float = 0.999  # Adam's second
    weight_decay: float = 0.0
    schedule: str = "linear"  # how the rate falls after the warm-up: "linear" and "cosine" to 0
    warmup: float = 0.0  # the fraction of the steps over which the rate first rises from 0
    label_smoothing: float = 0.0
    augmentation: Pipeline = NONE  # of the training pictures, drawn anew every epoch; idle steps are left out
    precision: str = "auto"  # "auto": bf16 where the hardware has it and it is faster, else float32
    seed: int = 0

    def __post_init__(self) -> None:
        """Hold every field to its type and limits."""
        object.__setattr__(self, "layers", tuple(self.layers))
        _check(self)
        if not self.layers or not all(isinstance(layer, tuple(specs.KINDS.values())) for layer in self.layers):
            raise ExperimentError("An experiment needs a network: a list of layers with at least one in it.")
        for name, allowed in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("precision", PRECISIONS)):
            if getattr(self, name) not in allowed:
                raise ExperimentError(f"{name} is one of {', '.join(allowed)}; got {getattr(self, name)!r:.40}.")
        if not isinstance(self.data, str) or not 0 < len(self.data) <= 80:
            raise ExperimentError("data is the name of a dataset, at most 80 letters.")
        if not isinstance(self.shuffle_pixels, bool) or not isinstance(self.augmentation, Pipeline):
            raise ExperimentError("shuffle_pixels is true or false, and augmentation is a pipeline of steps.")
        object.__setattr__(self, "augmentation", self.augmentation.busy)  # what changes nothing is no other experiment
        if any(isinstance(step, Normalize) for step in self.augmentation.steps):
            raise ExperimentError(
                "Leave Normalize out of the augmentation: training brings every picture, those of the test too, to the "
                "data's own mean and deviation."
            )

    @property
    def key(self) -> str:
        """16 hex digits of the canonical JSON: the name of this experiment everywhere."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The canonical JSON: sorted keys, no spaces, every field written out."""
        data: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        data["layers"] = [specs.to_json(layer) for layer in self.layers]
        data["augmentation"] = json.loads(self.augmentation.to_json())
        return json.dumps({"schema": SCHEMA, **data}, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Experiment":
        """The experiment that `to_json` wrote; fields left out take their defaults.

        Raises ExperimentError with a sentence for anything else. Nothing in `text` is executed.
        """
        if len(text) > 1_000_000:
            raise ExperimentError("An experiment's JSON has at most a million characters.")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise ExperimentError("This is not JSON: paste the whole text of an exported experiment.") from None
        if not isinstance(data, Mapping) or not isinstance(data.get("layers"), list):
            raise ExperimentError('An experiment is a JSON object with a list of "layers".')
        if data.get("schema", SCHEMA) != SCHEMA:
            raise ExperimentError(
                f"This experiment was written by another version of the app (schema {data['schema']!r:.20})."
            )
        values = {name: value for name, value in data.items() if name != "schema"}
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ExperimentError(f"An experiment has no setting {unknown[0]!r:.40}.")
        try:
            values["layers"] = tuple(specs.from_json(layer) for layer in values["layers"])
            if "augmentation" in values:
                values["augmentation"] = Pipeline.from_data(values["augmentation"])
        except ExperimentError:
            raise
        except ValueError as error:
            raise ExperimentError(str(error)) from None
        return cls(**values)
