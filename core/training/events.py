"""The events of a training run, in their order. Every event but `Checkpoint` is plain JSON data.

Accuracies are fractions from 0 to 1, losses are mean cross-entropies in nats; of capsules they are margin losses, and
with a decoder the training's includes the reconstruction loss. There are two clocks, both over all attempts if a run
was resumed: `seconds` counts training alone, `whole_seconds` the wall-clock time of the run once it has a worker:
preparing, training, evaluating, and writing events and checkpoints. Imports and the queue are in neither.
"""

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

SNAPSHOT_PICTURES = 16  # the first pictures of the test set, whose predictions are in every snapshot
MAX_FILTER_VALUES = 10_000  # of a first layer that is in every snapshot: 64 filters of 7 x 7 x 3 fit
MAX_REDRAWN_VALUES = 50_000  # of the reconstructions in a snapshot: pictures of 32 x 32 x 3 fit
LIVE_PICTURES = 10  # test pictures whose present answers are in every `Live`, one of each class
MAX_LIVE_FILTERS, MAX_LIVE_VALUES = 16, 2_400  # first filters in a `Live`: 16 of 7 x 7 x 3 fit
SAMPLED_UNITS = 9  # units of a dense layer, and of its input, whose weights are in a `Live`
MAX_LIVE_LAYERS = 8  # dense layers of which a `Live` has weights

FORMER_KINDS = {"looked": "snapshot"}  # in histories written up to November 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The common part of all events: a kind, and the form as JSON data."""

    kind: ClassVar[str] = ""

    def to_dict(self) -> dict[str, Any]:
        """Return `{"event": kind, ...}` as JSON can carry it: numbers that are not finite are None."""
        return {"event": self.kind, **{name: _finite(value) for name, value in asdict(self).items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """Data and network are on the device; training begins, or continues from `step`."""

    kind: ClassVar[str] = "started"
    data: str  # the identity of the data really used
    data_title: str  # its name for people, which names a stand-in as such
    device: str
    device_reason: str  # why this device and precision, as a sentence
    precision: str
    threads: int
    parameters: int
    train_images: int
    epoch_images: int  # that an epoch shows: fewer where a last batch is left out, whose pictures come another time
    test_images: int
    held_out: int
    steps: int  # in the whole run
    steps_per_epoch: int
    epochs: int
    step: int = 0  # 0, or where a resumed run goes on
    prepare_seconds: float = 0.0  # reading the data and building the network
    whole_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Event):
    """Progress of something other than training. The next `Progress` ends it."""

    kind: ClassVar[str] = "phase"
    phase: str  # "preparing", "testing"
    done: float  # from 0 to 1
    step: int
    whole_seconds: float
    seconds_left: float | None = None  # estimated, to its end; None where that is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """Means over the training batches since the last event of this kind."""

    kind: ClassVar[str] = "progress"
    step: int
    epoch: float  # epochs done, with their fraction
    images: int  # training images seen so far
    seconds: float
    whole_seconds: float
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float  # training images over training seconds, since the last of these
    seconds_left: float | None  # estimated, to the end of the run, the final test included; None at the first report
    memory_bytes: int = 0  # the process's on a CPU, PyTorch's peak on a GPU; 0: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """Loss and accuracy on a split that is not trained on.

    Before the end of the run it is measured on a fixed part of the split, with equal shares of every class, and each
    picture is evaluated once. At the end it is measured on the whole split, and predictions are averaged over the
    test-time views; the result without them stands beside it.
    """

    kind: ClassVar[str] = "evaluated"
    split: str  # "test" or "held-out"
    step: int
    epoch: float
    images: int
    seconds: float
    whole_seconds: float
    loss: float
    accuracy: float
    pictures: int  # of the split, on which loss and accuracy were measured
    final: bool  # whether this is the run's last word: all pictures, with all views
    views: str = "none"  # which views of each picture were averaged, as in `Experiment.test_time`
    one_view_loss: float | None = None  # of each picture alone, where more views were averaged
    one_view_accuracy: float | None = None
    predictions: tuple[Any, Any] | None = field(default=None, repr=False)  # at the end: (N, classes), and labels (N,)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures; the predictions are arrays, which the run's files keep."""
        figures = {f.name: _finite(getattr(self, f.name)) for f in fields(self) if f.name != "predictions"}
        return {"event": self.kind, **figures}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Event):
    """Sample predictions and reconstructions, accuracy by class, first-layer filters; emitted after each evaluation."""

    kind: ClassVar[str] = "snapshot"
    step: int
    epoch: float
    images: int
    seconds: float
    whole_seconds: float
    per_class: list[float | None]  # the accuracy on the evaluated test pictures of each class
    answers: list[list[float]]  # (SNAPSHOT_PICTURES, classes): probabilities for the first test pictures, in float16
    filters: (
        dict[str, Any] | None
    )  # (K, C, F, F), `encode_float16`: the first layer's weights, where it is a convolution
    # (SNAPSHOT_PICTURES, C, H, W), `encode_uint8`: the same pictures, redrawn by a capsule network's decoder
    redrawn: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live(Event):
    """The network as it is now, for its drawing: a few kilobytes at most. A run's summary holds the latest."""

    kind: ClassVar[str] = "live"
    step: int
    epoch: float
    images: int
    seconds: float
    whole_seconds: float
    rows: list[int]  # the test pictures: the first of each class
    answers: list[int]  # the class that each is taken for
    shares: list[float]  # the probability of that class
    # (K, C, F, F), `encode_uint8`: filters of the first layer, or what the first dense units weigh of a small picture;
    # 128 is a weight of 0, and each has its own contrast. None where the first layer is neither.
    filters: dict[str, Any] | None
    # For each dense layer (outputs, inputs), `encode_float16`: the sizes of weights between evenly spaced units, times
    # the square root of the inputs, which makes those of a large and a small layer alike.
    dense: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Event):
    """A manual change of the learning rate: `step` is the first at the new one."""

    kind: ClassVar[str] = "changed"
    step: int
    epoch: float
    images: int
    seconds: float
    whole_seconds: float
    learning_rate: float  # the new peak, which the schedule scales


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Event):
    """Everything needed to resume from here to the bit: tensors by name, and plain numbers beside them.

    `tensors` holds `model.*`, `optimizer.*` and, if weights are averaged, `average.*` (torch tensors); `state` is JSON
    data. Emitted at the end of every epoch and of the run, and when the run is interrupted. A `final` one follows the
    last evaluation: nothing resumes from it. `core.training.checkpoints` writes it to a file and reads it back.
    """

    kind: ClassVar[str] = "checkpoint"
    step: int
    epoch: float
    tensors: dict[str, Any] = field(repr=False)
    state: dict[str, Any]
    final: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return where it was taken; the tensors are not JSON and are left out."""
        return {"event": self.kind, "step": self.step, "epoch": self.epoch}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """The last event of a finished run. The parts of `whole_seconds` add up to it."""

    kind: ClassVar[str] = "finished"
    test_accuracy: float
    test_loss: float
    held_out_accuracy: float | None
    views: str  # of each test picture that were averaged for an answer
    one_view_accuracy: float | None  # of each test picture alone, where more views were averaged
    whole_seconds: float
    prepare_seconds: float
    train_seconds: float
    evaluate_seconds: float
    save_seconds: float  # writing events and checkpoints
    images_per_second: float  # training images over training seconds
    train_images: int
    test_images: int  # on which test_accuracy was measured
    device: str
    precision: str
    data: str
    data_title: str
    parameters: int
    key: str


def current(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event of a stored history under the names of today."""
    return {**payload, "event": FORMER_KINDS.get(payload["event"], payload["event"])}


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {name: _finite(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_finite(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
    return value


def encode_float16(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as JSON data of two bytes a number: {"shape", "data"}, the data float16 in base64."""
    return {"shape": list(values.shape), "data": base64.b64encode(np.asarray(values, "<f2").tobytes()).decode()}


def encode_uint8(values: NDArray[np.uint8]) -> dict[str, Any]:
    """Return pictures as JSON data of a byte a number: {"shape", "data"}, the data in base64."""
    return {"shape": list(values.shape), "data": base64.b64encode(values.tobytes()).decode()}


def decode_uint8(data: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return the array that `encode_uint8` wrote."""
    return np.frombuffer(base64.b64decode(data["data"]), np.uint8).reshape(data["shape"])


def decode_float16(data: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the array that `encode_float16` wrote, to three digits."""
    return np.frombuffer(base64.b64decode(data["data"]), "<f2").astype(np.float32).reshape(data["shape"])
