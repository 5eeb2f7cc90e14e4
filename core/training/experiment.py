"""An experiment: all settings of a training run as one frozen spec. No torch: the web process uses it too.

Its canonical JSON is the permalink, the cache key, the store's row and the export. Equal experiments share one run.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.data.embedded_editions import EDITIONS, former_identity
from core.layers import network_json, specs
from core.training.augmentation.pipeline import NONE, Pipeline
from core.training.augmentation.specs import Normalize

EDITION = "data_edition"  # in the canonical JSON, with "data": which edition of the pictures
SCHEMA = 2  # raised when the meaning of a field changes, so that an old key never names a new experiment
DROPPED_SHORT_BATCHES = 1  # the schema of experiments that leave out an epoch's last batch where it is shorter

OPTIMIZERS = ("adamw", "adam", "sgd", "nesterov", "adadelta", "muon")
SCHEDULES = ("constant", "linear", "cosine", "step")
RANGE = "range"  # a schedule of its own: the rate rises until the loss does (core.training.range_test)
PRECISIONS = ("auto", "float32", "bf16", "fp16")
AVERAGES = ("none", "ema", "lookahead")  # of the weights, over the steps
TEST_TIMES = ("none", "mirror", "mirror+shift")  # test-time augmentation: the views that are averaged
CHOICES = {
    "optimizer": OPTIMIZERS,
    "schedule": (*SCHEDULES, RANGE),
    "precision": PRECISIONS,
    "averaging": AVERAGES,
    "test_time": TEST_TIMES,
}
FLAGS = ("shuffle_pixels", "short_batch", "whitening", "dirac_init", "norm_scale", "compiled")
MAX_LR_CHANGES = 100

# The limits of every number that a person can set: the pages' sliders and the checks below share this table.
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
    "norm_momentum": (0.001, 1.0),
    "head_scale": (0.001, 100.0),
    "head_lr_factor": (0.0, 1000.0),
    "non_matrix_lr_factor": (0.0, 1000.0),
    "rest_momentum": (0.0, 0.9999),
    "averaging_decay": (0.0, 0.99999),
    "low_res_fraction": (0.0, 0.95),
    "small_size": (4, 512),
    "middle_until": (0.0, 0.95),
    "middle_size": (4, 512),
    "time_budget": (0.0, 86_400.0),
    "stop_step": (0, 1_000_000_000),
    "seed": (0, 2**31 - 1),
}
INTEGERS = {"train_images", "held_out", "epochs", "batch_size", "small_size", "middle_size", "stop_step", "seed"}


# Fields added when there were experiments already: omitted at their default, so that those keep their keys.
OMITTED_AT_DEFAULT = {
    *("whitening", "dirac_init", "norm_momentum", "norm_scale"),
    *("head_scale", "head_lr_factor", "non_matrix_lr_factor", "rest_momentum"),
    *("averaging", "averaging_decay", "test_time", "low_res_fraction", "small_size", "time_budget", "compiled"),
    *("middle_until", "middle_size"),
    *("lr_changes", "stop_step", "parent_run"),
}

# The former names of some fields, which their JSON keeps, so that keys stay and old files still load.
JSON_NAMES = {
    "head_lr_factor": "head_rate",
    "non_matrix_lr_factor": "rest_rate",
    "dirac_init": "dirac",
    "low_res_fraction": "small_first",
    "lr_changes": "changes",
    "stop_step": "stop_at",
    "parent_run": "parent",
}
FIELD_NAMES = {former: name for name, former in JSON_NAMES.items()}


def _json_name(field: str) -> str:
    return JSON_NAMES.get(field, field)


class ExperimentError(ValueError):
    """Raised for an experiment that is not possible; the message is a sentence for the person who set it."""


def _check(spec: object) -> None:
    """Hold every number of `spec` to LIMITS; raise ExperimentError otherwise."""
    for item in fields(spec):  # type: ignore[arg-type]
        if item.name not in LIMITS:
            continue
        value, (low, high) = getattr(spec, item.name), LIMITS[item.name]
        kind = "a whole number" if item.name in INTEGERS else "a number"
        numeric = isinstance(value, int) or (isinstance(value, float) and item.name not in INTEGERS)
        if isinstance(value, bool) or not numeric or not low <= value <= high:
            raise ExperimentError(f"{item.name} must be {kind} from {low:g} to {high:g}; got {value!r:.40}.")
        if item.name not in INTEGERS:
            object.__setattr__(spec, item.name, float(value))  # 1 and 1.0 are one experiment


def _changes(value: object) -> tuple[tuple[int, float], ...]:
    """Return pairs (step, learning rate) in the order of the steps; raise ExperimentError for anything else."""
    low, high = LIMITS["learning_rate"]
    sentence = (
        f"lr_changes is a list of at most {MAX_LR_CHANGES} pairs of a step and a learning rate from {low:g} to "
        f"{high:g}, in the order of the steps."
    )
    if not isinstance(value, list | tuple) or len(value) > MAX_LR_CHANGES:
        raise ExperimentError(sentence)
    found: list[tuple[int, float]] = []
    for pair in value:
        match pair:
            case [int(step), int() | float() as rate] if (
                type(step) is int and not isinstance(rate, bool) and step >= 0 and low <= rate <= high
            ):
                found.append((step, float(rate)))
            case _:
                raise ExperimentError(sentence)
    if found != sorted(found):
        raise ExperimentError(sentence)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A network, its training data, and the training settings.

    Raises:
        ExperimentError: A value is outside LIMITS.
    """

    layers: specs.Network
    data: str = "mnist"  # a dataset's identity: "mnist", "mnist-5k", "cifar10", "NAME@digest" (see core.data)
    train_images: int = 60_000  # the first ones of the training set, in an order fixed by the dataset
    held_out: int = 0  # the last ones of the training set, for choosing settings; never trained on
    shuffle_pixels: bool = False  # by one fixed permutation, the same for every picture
    epochs: int = 3
    batch_size: int = 256
    short_batch: bool = True  # train on the pictures left over at an epoch's end, as a shorter batch
    optimizer: str = "adamw"
    learning_rate: float = 0.003
    momentum: float = 0.9  # of SGD; Adam's beta 1
    beta2: float = 0.999  # Adam's beta 2
    weight_decay: float = 0.0
    schedule: str = "linear"  # the decay of the rate after the warm-up: "linear" and "cosine" to 0
    warmup: float = 0.0  # the fraction of the steps over which the rate rises from 0
    label_smoothing: float = 0.0
    augmentation: Pipeline = NONE  # of the training pictures, drawn again every epoch; idle steps are left out
    precision: str = "auto"  # "auto": bf16 if the hardware has it and it is faster, else float32
    seed: int = 0
    # Switches of the CIFAR-10 speed records; each is off at its default.
    whitening: bool = False  # freeze the first layer, a Conv, to the principal directions of small patches
    dirac_init: bool = False  # Dirac (identity) initialization of convolutions: one filter copies one plane
    norm_momentum: float = 0.1  # how far each batch moves batch norm's running mean and variance
    norm_scale: bool = True  # learn batch norm's scale of each channel, or keep it at 1
    head_scale: float = 1.0  # factor on the last layer's initial weights
    head_lr_factor: float = 4.0  # with Muon: the last layer's rate, as a multiple of `learning_rate`
    non_matrix_lr_factor: float = 0.125  # with Muon: the rate of biases and batch norm, as a multiple
    rest_momentum: float = 0.85  # with Muon: the Nesterov momentum of what Muon does not update
    averaging: str = "none"  # the average of the weights that is evaluated and saved instead of the last ones
    averaging_decay: float = 0.99  # how much of the average each step keeps ("lookahead": every fifth step)
    test_time: str = "none"  # test-time augmentation, in the final evaluation and for later predictions
    low_res_fraction: float = 0.0  # low-resolution phase: the first fraction of the steps uses smaller pictures
    small_size: int = 24  # their side then, in pixels
    middle_until: float = 0.0  # from there to this fraction of the steps they have a middle size; 0: none
    middle_size: int = 28  # that size, in pixels
    time_budget: float = 0.0  # seconds of training over which the schedule runs, if they end before the epochs; 0: none
    compiled: bool = False  # torch.compile, with CUDA graphs on a GPU
    # Changes to a run while it trained, made by `core.training.run_changes`.
    lr_changes: tuple[tuple[int, float], ...] = ()  # (step, learning rate): the peak rate from that step on
    stop_step: int = 0  # the step of an early stop; 0: none
    parent_run: str = ""  # the key of the finished run whose weights this one starts from

    def __post_init__(self) -> None:
        """Hold every field to its type and limits."""
        object.__setattr__(self, "layers", tuple(self.layers))
        _check(self)
        if not self.layers or not all(isinstance(layer, tuple(specs.EVERY_KIND.values())) for layer in self.layers):
            raise ExperimentError("An experiment needs a network: a list of at least one layer.")
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ExperimentError(f"{name} is one of {', '.join(allowed)}; got {getattr(self, name)!r:.40}.")
        if not isinstance(self.data, str) or not 0 < len(self.data) <= 80:
            raise ExperimentError("data is the name of a dataset, with at most 80 letters.")
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise ExperimentError(f"{name} is true or false; got {getattr(self, name)!r:.40}.")
        if not isinstance(self.augmentation, Pipeline):
            raise ExperimentError("augmentation is a pipeline of steps.")
        object.__setattr__(self, "augmentation", self.augmentation.busy)  # what changes nothing is no other experiment
        if any(isinstance(step, Normalize) for step in self.augmentation.steps):
            raise ExperimentError(
                "Leave Normalize out of the augmentation: training brings every picture, those of the test too, to the "
                "data's own mean and deviation."
            )
        if not isinstance(self.parent_run, str) or not re.fullmatch(r"([0-9a-f]{16})?", self.parent_run):
            raise ExperimentError("parent_run is the key of a run, 16 hex digits, or empty.")
        object.__setattr__(self, "lr_changes", _changes(self.lr_changes))

    @property
    def sizes(self) -> tuple[tuple[float, int], ...]:
        """Pairs (fraction of the steps, side in pixels) up to which pictures are made smaller, in order."""
        if not self.low_res_fraction:
            return ()
        small = (self.low_res_fraction, self.small_size)
        return (small, (self.middle_until, self.middle_size)) if self.middle_until > self.low_res_fraction else (small,)

    def peak_rate(self, step: int) -> float:
        """Return the peak learning rate in effect at a step, from 0: the first one, or that of the last change."""
        return next((rate for at, rate in reversed(self.lr_changes) if step >= at), self.learning_rate)

    @property
    def key(self) -> str:
        """The name of this experiment everywhere: 16 hex digits of the SHA-256 of its canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no spaces, OMITTED_AT_DEFAULT left out at their defaults."""
        data: dict[str, Any] = {
            _json_name(item.name): value
            for item in fields(self)
            if (value := getattr(self, item.name)) != item.default or item.name not in OMITTED_AT_DEFAULT
        }
        if self.data in EDITIONS:
            data[EDITION] = EDITIONS[self.data]
        data["layers"] = [network_json.to_json(layer) for layer in self.layers]
        data["augmentation"] = json.loads(self.augmentation.to_json())
        del data["short_batch"]  # the schema says it, so that experiments of before keep their keys
        schema = SCHEMA if self.short_batch else DROPPED_SHORT_BATCHES
        return json.dumps({"schema": schema, **data}, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Experiment":
        """Return the experiment that `to_json` wrote; fields left out take their defaults.

        Fields may have their former names or those of today. Nothing in `text` is executed.

        Raises:
            ExperimentError: The text is anything else.
        """
        if len(text) > 1_000_000:
            raise ExperimentError("An experiment's JSON has at most a million characters.")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise ExperimentError("This is not JSON: paste the whole text of an exported experiment.") from None
        if not isinstance(data, Mapping) or not isinstance(data.get("layers"), list):
            raise ExperimentError('An experiment is a JSON object with a list of "layers".')
        schema = data.get("schema", SCHEMA)
        if schema not in (SCHEMA, DROPPED_SHORT_BATCHES):
            raise ExperimentError(f"This experiment was written by another version of the app (schema {schema!r:.20}).")
        values = {"short_batch": schema != DROPPED_SHORT_BATCHES}
        values |= {
            FIELD_NAMES.get(str(name), str(name)): value
            for name, value in data.items()
            if name not in ("schema", EDITION)
        }
        if twice := sorted(name for name, former in JSON_NAMES.items() if name in data and former in data):
            raise ExperimentError(f"Set {twice[0]} or {JSON_NAMES[twice[0]]}, not both: they are the same setting.")
        known_edition = EDITIONS.get(str(values.get("data")))
        if known_edition and data.get(EDITION, known_edition) != known_edition:
            raise ExperimentError(f"This experiment uses other pictures than this version's {values['data']}.")
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ExperimentError(f"An experiment has no setting {unknown[0]!r:.40}.")
        try:
            values["layers"] = network_json.network_from_json(values["layers"])
            if "augmentation" in values:
                values["augmentation"] = Pipeline.from_data(values["augmentation"])
        except ExperimentError:
            raise
        except ValueError as error:
            raise ExperimentError(str(error)) from None
        return cls(**values)

    @classmethod
    def from_store(cls, text: str) -> "Experiment":
        """Return the experiment of a stored run; its data is `former` if the pictures were others then.

        Raises:
            ExperimentError: As from `from_json`.
        """
        experiment = cls.from_json(text)
        if experiment.data in EDITIONS and EDITION not in json.loads(text):
            return replace(experiment, data=former_identity(experiment.data))
        return experiment
