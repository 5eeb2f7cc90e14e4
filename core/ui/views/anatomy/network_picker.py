"""Pick the network to inspect: a pretrained one, or a finished run on any data."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import data
from core.data import DataError, DatasetInfo
from core.images.digit_reader import SIDE
from core.insight import pretrained
from core.insight.confusion import wilson_interval
from core.insight.pretrained import NetworkError
from core.layers.calculator import LayerError, Row, analyze
from core.layers.logits import Ending, ending
from core.layers.receptive_field import receptive_fields
from core.layers.seen_pixels import ReceptiveFields
from core.layers.specs import Conv, Linear
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.display import colors, numbers
from core.ui.display.colors import Role
from core.ui.state.link_to_anatomy import NETWORK, title
from core.ui.state.settings import Settings
from core.ui.views.anatomy import own_network

DEFAULTS: dict[str, Any] = {NETWORK: "mnist-cnn"} | own_network.DEFAULTS
DIGITS = tuple("0123456789")
MAX_RUNS = 12
MAX_LAYERS = 60  # a longer row would not be legible


@dataclass(frozen=True, slots=True, eq=False)
class LoadedNetwork:
    """A trained network with its data, accuracy and layers."""

    name: str  # of PRETRAINED, a run's id, or that of a person's own, as `InferenceClient.file` takes it
    experiment: Experiment
    info: DatasetInfo  # of its data on this machine
    correct: int  # test pictures classified correctly
    test_images: int  # that it was tested with; 0 if that is not known
    rows: tuple[Row, ...]
    fields: tuple[ReceptiveFields, ...]  # of each layer

    @property
    def role(self) -> Role:
        """Return the network's kind (MLP, CNN, ...), which sets its color."""
        return colors.role(self.experiment)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the shape (C, H, W) of its input."""
        return self.info.shape

    @property
    def reads_digits(self) -> bool:
        """Return whether it was trained on digits like MNIST's, in a picture at least as large."""
        depth, *sides = self.shape
        return depth == 1 and min(sides) >= SIDE and self.info.classes == DIGITS

    @property
    def accuracy(self) -> str:
        """Return the accuracy in words, with its interval; empty if it is not known."""
        if not self.test_images:
            return ""
        low, high = wilson_interval(self.correct, self.test_images)
        return (
            f"correct on {numbers.percent(self.correct / self.test_images)} of {numbers.count(self.test_images)} test "
            f"pictures (95{numbers.SPACE}% interval {numbers.percent_range(low, high)})"
        )

    @property
    def caveat(self) -> str:
        """Return a note on its accuracy: a sentence if it was measured on a stand-in's pictures, else empty."""
        return self.info.caveat if self.experiment.data == self.info.name else ""

    @property
    def ending(self) -> Ending:
        """Return how the network ends: where its logits are."""
        return ending(self.rows)

    @property
    def first(self) -> int:
        """Return the layer shown first, from 1: the first with filters, or else with weights."""
        kinds: tuple[type, ...] = (Conv, Linear)
        firsts = [next((i for i, row in enumerate(self.rows, 1) if isinstance(row.layer, kind)), 0) for kind in kinds]
        return next((index for index in firsts if index), 1)


def pick(settings: Settings) -> LoadedNetwork | None:
    """Draw the picker and return the network; None where a person has not uploaded theirs yet.

    Raises InferenceError, and NetworkError for one of the person's own that has too many layers to be shown.
    """
    if own_network.is_wanted(settings):
        if (own := own_network.pick(settings)) is None:
            return None
        if len(own.experiment.layers) > MAX_LAYERS:
            raise NetworkError(f"This network has {len(own.experiment.layers)} layers; up to {MAX_LAYERS} are legible.")
        return _load(own.name, own.experiment, 0, 0)
    runs = _runs()
    name = settings.choice(
        NETWORK,
        "Network",
        [*pretrained.PRETRAINED, *runs],
        format=lambda key: title(key, runs),
        help="Small pretrained networks, and the latest networks trained here",
    )
    if name in runs:
        run = runs[name]
        total = int(run.summary["test_images"])
        return _load(name, run.experiment, round(run.summary["test_accuracy"] * total), total)
    trained = pretrained.network(name)
    return _load(name, trained.experiment, trained.correct, trained.test_images)


def _load(name: str, experiment: Experiment, correct: int, total: int) -> LoadedNetwork:
    info = data.info(experiment.data)
    return LoadedNetwork(name, experiment, info, correct, total, *_read(experiment.to_json(), info.shape))


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(experiment: str, shape: tuple[int, int, int]) -> tuple[tuple[Row, ...], tuple[ReceptiveFields, ...]]:
    layers = Experiment.from_json(experiment).layers
    return tuple(analyze(layers, shape)), tuple(receptive_fields(layers, shape))


def _runs() -> dict[str, Run]:
    """Return the finished runs that can be shown, newest first, by id."""
    try:
        recent = client.runs().recent(50)
    except StoreUnavailable:
        return {}
    return {run.id: run for run in [run for run in recent if run.state == FINISHED and _can_be_shown(run)][:MAX_RUNS]}


def _can_be_shown(run: Run) -> bool:
    """Return whether a run's data are here, its accuracy is known, and its layers fit in the row."""
    try:
        _read(run.experiment.to_json(), data.info(run.experiment.data).shape)
    except (DataError, LayerError, OSError):
        return False
    return len(run.experiment.layers) <= MAX_LAYERS and {"test_accuracy", "test_images"} <= run.summary.keys()
