"""What the board filters, groups and sorts runs by: their settings, classes and lessons, in words and for links."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.layers import network_json
from core.runs.board import MAX_RUNS, BoardRun
from core.training.experiment import Experiment
from core.ui.display import colors
from core.ui.run_panels.comparison_table import describe_settings
from core.ui.state import lesson_state
from core.ui.state.url_values import plain

MAX_OPTIONS = 200  # values of one setting to choose from: the most common ones
MAX_CODE = 40  # characters
NOWHERE = "none"  # code of a run that was asked for outside of classes, or of lessons


@dataclass(frozen=True, slots=True)
class RunSetting:
    """A setting of all runs."""

    title: str  # as `describe_settings` calls it
    key: str  # of its filter in the link; it stays when a title is reworded
    fields: tuple[str, ...]  # of Experiment

    def code(self, experiment: Experiment) -> str:
        """Return the value of an experiment as text that is short, has no comma, and stays when words change."""
        if self.fields == ("layers",):
            return _digest([network_json.to_json(layer) for layer in experiment.layers])
        if self.fields == ("augmentation",):
            return _digest(experiment.augmentation.to_json()) if experiment.augmentation else "none"
        values = [getattr(experiment, field) for field in self.fields]
        if not all(isinstance(value, str | int | float) for value in values):
            return _digest(values) if any(values) else "none"
        return _code("_".join(map(plain, values)) or "none")


KIND = RunSetting("Kind of network", "r_kind", ())  # MLP, CNN and so on; no field says it
CLASS = RunSetting("Class", "r_class", ())  # this and the next: where it was asked for
LESSON = RunSetting("Lesson", "r_lesson", ())
ASKED_IN = (CLASS, LESSON)
SETTINGS = (
    *ASKED_IN,
    KIND,
    RunSetting("Network", "r_net", ("layers",)),
    RunSetting("Training images", "r_images", ("train_images",)),
    RunSetting("Held-out images", "r_held", ("held_out",)),
    RunSetting("Epochs", "r_epochs", ("epochs",)),
    RunSetting("Ended early", "r_ended", ("stop_step",)),
    RunSetting("Optimizer", "r_optimizer", ("optimizer",)),
    RunSetting("Learning rate", "r_rate", ("learning_rate",)),
    RunSetting("Batch", "r_batch", ("batch_size",)),
    RunSetting("Shorter last batch", "r_short", ("short_batch",)),
    RunSetting("Augmentation", "r_augment", ("augmentation",)),
    RunSetting("Schedule", "r_schedule", ("schedule",)),
    RunSetting("Weight decay", "r_decay", ("weight_decay",)),
    RunSetting("Warm-up", "r_warmup", ("warmup",)),
    RunSetting("Momentum", "r_momentum", ("momentum", "beta2")),
    RunSetting("Label smoothing", "r_smoothing", ("label_smoothing",)),
    RunSetting("Whitening", "r_whitening", ("whitening",)),
    RunSetting("Dirac initialization", "r_dirac", ("dirac_init",)),
    RunSetting("Batch norm", "r_norm", ("norm_momentum", "norm_scale")),
    RunSetting("Last layer's first weights", "r_head", ("head_scale",)),
    RunSetting("Muon's other rates", "r_muon", ("head_lr_factor", "non_matrix_lr_factor", "rest_momentum")),
    RunSetting("Weight averaging", "r_averaging", ("averaging",)),
    RunSetting("Averaging decay", "r_keeps", ("averaging_decay",)),
    RunSetting("Test-time augmentation", "r_views", ("test_time",)),
    RunSetting("Low-resolution phase", "r_sizes", ("sizes",)),
    RunSetting("Time budget", "r_budget", ("time_budget",)),
    RunSetting("Learning rate changed", "r_changes", ("lr_changes",)),
    RunSetting("Continued from", "r_parent", ("parent_run",)),
    RunSetting("Pixels", "r_shuffle", ("shuffle_pixels",)),
    RunSetting("Precision", "r_precision", ("precision",)),
    RunSetting("Compiled", "r_compiled", ("compiled",)),
    RunSetting("Seed", "r_seed", ("seed",)),
)
BY_KEY = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a setting."""

    code: str
    words: str
    parts: tuple["Value", ...] = ()  # where a run may have several at once

    @property
    def each(self) -> tuple["Value", ...]:
        """Return the values that a filter knows."""
        return self.parts or (self,)


@lru_cache(maxsize=2 * MAX_RUNS)
def values(run: BoardRun) -> Mapping[str, Value]:
    """Return a run's value of every setting, by the setting's key."""
    words, kind = describe_settings(run.experiment), colors.role(run.experiment).name
    own = {
        setting.key: Value(setting.code(run.experiment), words[setting.title]) for setting in SETTINGS if setting.fields
    }
    return {
        CLASS.key: _several(Value(_code(name), name) for name in run.asked.classes),
        LESSON.key: _several(Value(name, _title(name)) for name in run.asked.lessons),
        KIND.key: Value(kind.lower().replace(" ", "-"), kind),
        **own,
    }


def choices(runs: Sequence[BoardRun], setting: RunSetting) -> dict[str, str]:
    """Return the values that runs have of a setting, the most common first: the words of each by its code."""
    counts = Counter(value for run in runs for value in values(run)[setting.key].each)
    return {value.code: value.words for value, _ in counts.most_common(MAX_OPTIONS)}


def varying(runs: Iterable[BoardRun]) -> list[RunSetting]:
    """Return the settings in which runs differ."""
    seen: dict[str, str] = {}
    found: set[str] = set()
    for run in runs:
        for key, value in values(run).items():
            if seen.setdefault(key, value.code) != value.code:
                found.add(key)
    return [setting for setting in SETTINGS if setting.key in found]


def _several(found: Iterable[Value]) -> Value:
    """Return one value for those that a run has at once."""
    each = sorted(found, key=lambda value: value.words)
    if not each:
        return Value(NOWHERE, "none")
    return Value("+".join(value.code for value in each), ", ".join(value.words for value in each), tuple(each))


def _title(lesson: str) -> str:
    known = lesson_state.all_lessons()[0].get(lesson)
    return known.title if known else lesson


def _code(text: str) -> str:
    """Return a text as it stands in a link: short, and without a comma."""
    return text if len(text) <= MAX_CODE and "," not in text else _digest(text)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
