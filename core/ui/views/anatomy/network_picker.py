"""Which network is looked into: one that comes with the app, or a finished run of this home, whatever its data."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import data
from core.data import DataError, DatasetInfo
from core.insight import pretrained
from core.insight.confusion import wilson_interval
from core.layers.calculator import LayerError, Row, analyse
from core.layers.ending import Ending, ending
from core.layers.receptive_field import ReceptiveFields, receptive_fields
from core.layers.specs import Conv, Linear
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.display import colors, numbers
from core.ui.display.colors import Role
from core.ui.state.anatomy_link import NETWORK, title
from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {NETWORK: "mnist-cnn"}
MOST_RUNS = 12
MOST_LAYERS = 60  # a longer row of layers would not be legible


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A trained network, with what is said of it."""

    name: str  # of PRETRAINED, or a run's id: what `InferenceClient.file` takes
    experiment: Experiment
    info: DatasetInfo  # of its data, as this machine has them
    correct: int  # of the test set's pictures
    test_images: int
    rows: tuple[Row, ...]
    fields: tuple[ReceptiveFields, ...]  # a layer

    @property
    def role(self) -> Role:
        """What it is an example of."""
        return colors.role(self.experiment)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the pictures it takes."""
        return self.info.shape

    @property
    def accuracy(self) -> str:
        """In words, with its interval."""
        low, high = wilson_interval(self.correct, self.test_images)
        return (
            f"right for {numbers.percent(self.correct / self.test_images)} of {numbers.count(self.test_images)} test "
            f"pictures (95{numbers.SPACE}% interval {numbers.percent_range(low, high)})"
        )

    @property
    def caveat(self) -> str:
        """What belongs beside its accuracy: a sentence where that is of a stand-in's pictures."""
        return self.info.caveat if self.experiment.data == self.info.name else ""

    @property
    def ending(self) -> Ending:
        """Where its logits are."""
        return ending(self.rows)

    @property
    def first(self) -> int:
        """The layer to look at first, from 1: the first one with filters, or with weights at all."""
        kinds: tuple[type, ...] = (Conv, Linear)
        places = [next((i for i, row in enumerate(self.rows, 1) if isinstance(row.layer, kind)), 0) for kind in kinds]
        return next((place for place in places if place), 1)


def pick(settings: Settings) -> Subject:
    """Draw the picker and answer the network."""
    runs = _runs()
    name = settings.choice(
        NETWORK,
        "Network",
        [*pretrained.PRETRAINED, *runs],
        format=lambda key: title(key, runs),
        help="Small networks that come with the app, and the last ones trained here",
    )
    if name in runs:
        run = runs[name]
        total = int(run.summary["test_images"])
        return _subject(name, run.experiment, round(run.summary["test_accuracy"] * total), total)
    trained = pretrained.network(name)
    return _subject(name, trained.experiment, trained.correct, trained.test_images)


def _subject(name: str, experiment: Experiment, correct: int, total: int) -> Subject:
    info = data.info(experiment.data)
    return Subject(name, experiment, info, correct, total, *_read(experiment.to_json(), info.shape))


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(experiment: str, shape: tuple[int, int, int]) -> tuple[tuple[Row, ...], tuple[ReceptiveFields, ...]]:
    layers = Experiment.from_json(experiment).layers
    return tuple(analyse(layers, shape)), tuple(receptive_fields(layers, shape))


def _runs() -> dict[str, Run]:
    """Finished runs that can be looked into, newest first."""
    try:
        recent = client.runs().recent(50)
    except StoreUnavailable:
        return {}
    return {run.id: run for run in [run for run in recent if run.state == FINISHED and _can_be_shown(run)][:MOST_RUNS]}


def _can_be_shown(run: Run) -> bool:
    """Whether its data are here, its figures are told, and its layers are few enough to be drawn."""
    try:
        _read(run.experiment.to_json(), data.info(run.experiment.data).shape)
    except (DataError, LayerError, OSError):
        return False
    return len(run.experiment.layers) <= MOST_LAYERS and {"test_accuracy", "test_images"} <= run.summary.keys()
