"""Learning curves as one tidy table: what the live charts draw, from the histories of runs."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from core.runs.feed import Frames
from core.runs.run import FINISHED
from core.ui import numbers
from core.ui.lineage import Start

XAxis = Literal["epochs", "images", "seconds"]
X_FIELDS: dict[XAxis, str] = {"epochs": "epoch", "images": "images", "seconds": "seconds"}

NAMES = ["part", "run", "color"]
FIGURES = ["epoch", "images", "seconds", "accuracy", "loss"]
LABELS = ["accuracy_label", "loss_label"]
TOLD = "told"  # of a change of the learning rate: from what to what
SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int8(), pa.string())) for name in NAMES),
        ("earlier", pa.bool_()),
        *((figure, pa.float32()) for figure in FIGURES),
        *((words, pa.string()) for words in [*LABELS, TOLD]),
    ]
)
CHANGE = "#E69F00"  # the color of what was changed by hand

SMOOTHING_POINTS = 15  # span of the moving average; it looks back only, so a point once drawn stays where it is
# Points of a run's smoothed line, and dots under it, about: more look the same or hide the line, and each costs the
# browser time at every tick (docs/performance.md).
LINE_POINTS, RAW_POINTS = 160, 80
ACCURACY_GAP, LOSS_GAP = 0.055, 0.12  # of the axis: labels nearer than this are moved apart (16 px)
LABEL_WIDTH = 0.25  # of the x-axis: lines that end so near have labels above one another
Losses = tuple[float, float]  # the least and the most on the loss axis, which is logarithmic, in nats
LOSS_RANGE: Losses = (0.003, 3.0)  # of digits
PICTURES_LOSS_RANGE: Losses = (0.1, 3.0)  # of CIFAR-10's pictures, which no network here knows so well
SECONDS_STEPS = [m * 10.0**e for e in range(-1, 6) for m in (1, 1.5, 2, 3, 5, 7.5)]


@dataclass(frozen=True, slots=True)
class Curve:
    """One run on the chart. Equal when it shows the same, so that all who watch share one table."""

    name: str
    label: str  # at the line's end
    color: str
    earlier: bool  # faded: a run of before, to compare with
    run: str
    events: int  # told so far
    frames: Frames = field(compare=False, repr=False)
    start: Start = field(default_factory=Start)  # where it begins, of a run that goes on from another one

    @classmethod
    def of(
        cls, frames: Frames, name: str, label: str, color: str, *, earlier: bool = False, start: Start | None = None
    ) -> "Curve":
        """The curve of a run as it stands."""
        start = start or Start()
        return cls(name, label, color, earlier, frames.run.id, len(frames.events), start.shift(frames), start)

    def end(self, axis: XAxis) -> float:
        """Where the run will end on this axis; for seconds estimated from its progress, and rounded up in steps."""
        experiment, summary = self.frames.run.experiment, self.frames.run.summary
        if axis == "epochs":
            return self.start.epoch + experiment.epochs
        if axis == "images":
            return self.start.images + experiment.epochs * summary.get("train_images", experiment.train_images)
        seconds, epoch = float(summary.get("seconds") or 0.0), float(summary.get("epoch") or 0.0)
        if not seconds or not epoch:
            return self.start.seconds + 1.0
        planned = self.start.seconds + seconds * experiment.epochs / epoch
        done = self.frames.run.state == FINISHED
        step = min(bisect.bisect_left(SECONDS_STEPS, planned), len(SECONDS_STEPS) - 1)
        return planned if done else SECONDS_STEPS[step]


@dataclass(frozen=True, slots=True)
class Change:
    """What a person did to a run, and where: a new learning rate as it trained, or more epochs after its end."""

    x: float  # on the axis asked for
    words: str  # as they stand beside its rule


def changes(curve: Curve, axis: XAxis) -> list[Change]:
    """All that was done to a run of now: the changes of its peak learning rate, and where it goes on from another run.

    Of an earlier run none is drawn.
    """
    if curve.earlier:
        return []
    experiment, progress = curve.frames.run.experiment, curve.frames.progress
    begins = [Change(getattr(curve.start, X_FIELDS[axis]), f"goes on from {curve.start.origin}")]
    found, peak = begins if curve.start.origin else [], experiment.learning_rate
    for step, rate in experiment.changes:
        before = progress[progress["step"] <= max(step, 1)]
        place = float(before[X_FIELDS[axis]].iloc[-1]) if len(before) else 0.0
        found.append(Change(place, f"rate {peak:g} → {rate:g}"))
        peak = rate
    return found


@lru_cache(maxsize=64)
def table(
    curves: tuple[Curve, ...], axis: XAxis, start: float, planned: float = 0.0, losses: Losses = LOSS_RANGE
) -> pa.Table:
    """Every mark of the two charts as a row of SCHEMA, shared by all who watch; `start` is where the accuracy axis
    begins, in percent, `planned` where the x-axis ends at least, and `losses` the loss axis.

    part is "test", "held-out", "training", "raw", "label", "change" or "end"; accuracy is in %, loss in nats. Labels
    have accuracy_label and loss_label, changes of the learning rate have told. It is made in Arrow, with which browsers
    are sent tables: made with pandas it took three times as long, and a chart waits for it at every tick.
    """
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    last = _rows(1, part="end", accuracy=[100.0], loss=[1.0], **{X_FIELDS[axis]: [end]})
    parts = [*map(_lines, curves), _labels(curves, axis, start, losses), _changes(curves, axis), last]
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _rows(length: int, **columns: object) -> pa.Table:
    """So many rows of SCHEMA. A column is a sequence, one word or truth for all rows, or left out: then it is empty."""

    def column(field: pa.Field) -> pa.Array:
        values = columns.get(field.name)
        if values is None:
            return pa.array([False] * length) if field.name == "earlier" else pa.nulls(length, field.type)
        if isinstance(values, (str, bool)):
            return pa.array([values] * length, field.type)
        return pa.array(values, field.type, from_pandas=True)  # what is no number is null

    return pa.Table.from_arrays([column(field) for field in SCHEMA], schema=SCHEMA)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places wanted, moved to lie at least `gap` apart within [low, high]; in the order of the input."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(min(wanted[i], high), floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


@lru_cache(maxsize=128)
def _lines(curve: Curve) -> pa.Table:
    evaluated, progress = curve.frames.evaluated, curve.frames.progress
    lines = [_part(curve, "test", evaluated[evaluated["split"] == "test"])]
    if not curve.earlier:
        lines.append(_part(curve, "held-out", evaluated[evaluated["split"] == "held-out"]))
        smooth = progress.copy()
        smooth[["accuracy", "loss"]] = progress[["accuracy", "loss"]].ewm(span=SMOOTHING_POINTS).mean()
        drawn = np.arange(len(smooth)) % _every(curve, LINE_POINTS) == 0
        drawn[-1:] = True  # the line ends at the latest
        lines += [
            _part(curve, "training", smooth[drawn]),
            _part(curve, "raw", progress.iloc[:: _every(curve, RAW_POINTS)]),
        ]
    return pa.concat_tables(lines)


def _every(curve: Curve, most: int) -> int:
    """Of the progress points every so many-th is drawn, for about `most` of the whole run.

    It is told from the points that the whole run will have: so which are drawn does not change as it goes on.
    """
    step, steps = curve.frames.run.summary.get("step", 0), curve.frames.run.summary.get("steps", 0)
    planned = len(curve.frames.progress) * steps / step if step else 1.0
    return max(1, round(planned / most))


def _part(curve: Curve, part: str, told: pd.DataFrame) -> pa.Table:
    figures = {figure: told[figure].to_numpy(np.float32) for figure in FIGURES}
    figures["accuracy"] = figures["accuracy"] * 100
    return _rows(len(told), part=part, run=curve.name, color=curve.color, earlier=curve.earlier, **figures)


def _labels(curves: Sequence[Curve], axis: XAxis, start: float, range_: Losses) -> pa.Table:
    """A direct label at the end of each line: the test figure for a run of now, its letter for one of before."""
    rows = [(curve, row) for curve in curves for row in _last_test(curve)]
    ends = [_reached(curve, X_FIELDS[axis], row) for curve, row in rows]
    low, high = (float(np.log10(bound)) for bound in range_)
    span, margin = 100 - start, ACCURACY_GAP / 2
    accuracies = [100 * row["accuracy"] for _, row in rows]
    losses = [float(np.log10(np.clip(row["loss"], *range_))) for _, row in rows]
    return _rows(
        len(rows),
        part="label",
        run=[curve.name for curve, _ in rows],
        color=[curve.color for curve, _ in rows],
        earlier=[curve.earlier for curve, _ in rows],
        accuracy=apart(ends, accuracies, ACCURACY_GAP * span, start + margin * span, 100 - margin * span),
        loss=[10**y for y in apart(ends, losses, LOSS_GAP * (high - low), low, high)],
        accuracy_label=[
            _label(curve, f"{numbers.percent(row['accuracy'])}{' ▼' if 100 * row['accuracy'] < start else ''}")
            for curve, row in rows
        ],
        loss_label=[_label(curve, f"{row['loss']:.3f}") for curve, row in rows],
        **{X_FIELDS[axis]: ends},
    )


def _changes(curves: Sequence[Curve], axis: XAxis) -> pa.Table:
    rows = [(curve, change) for curve in curves for change in changes(curve, axis)]
    return _rows(
        len(rows),
        part="change",
        run=[curve.name for curve, _ in rows],
        color=CHANGE,
        told=[change.words for _, change in rows],
        **{X_FIELDS[axis]: [change.x for _, change in rows]},
    )


def apart(
    ends: Sequence[float], wanted: Sequence[float], gap: float, low: float, high: float, width: float | None = None
) -> list[float]:
    """`spread`, among the labels that stand above one another: those whose lines end within `width` of each other.

    Without a width it is LABEL_WIDTH of the longest line.
    """
    width = LABEL_WIDTH * max(ends, default=1.0) if width is None else width
    placed = list(wanted)
    for end in sorted(set(ends), reverse=True):
        near = [i for i, other in enumerate(ends) if 0 <= end - other <= width]
        for i, place in zip(near, spread([placed[i] for i in near], gap, low, high), strict=True):
            placed[i] = place
    return placed


def _last_test(curve: Curve) -> list["pd.Series[float]"]:
    tested = curve.frames.evaluated[curve.frames.evaluated["split"] == "test"].dropna(subset=["accuracy", "loss"])
    return [tested.iloc[-1]] if len(tested) else []


def _reached(curve: Curve, field: str, row: "pd.Series[float]") -> float:
    """Where the longer of a run's two lines ends, so that the label does not lie on the other one."""
    progress = curve.frames.progress[field]
    return max(float(row[field]), 0.0 if curve.earlier or progress.empty else float(progress.iloc[-1]))


def _label(curve: Curve, figure: str) -> str:
    return curve.label if curve.earlier else f"{curve.label} {figure}"
