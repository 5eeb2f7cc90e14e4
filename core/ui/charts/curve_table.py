"""Learning curves as one tidy table: the rows that the live charts draw, from the histories of runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from core.layers.logits import ends_in_lengths
from core.runs.history_cache import Frames
from core.runs.newest_states import State, newest_states
from core.training.evaluation_plan import VIEWS
from core.training.experiment import Experiment
from core.ui.backend.continued_runs import Start
from core.ui.charts import run_length
from core.ui.charts.label_placement import separate_labels
from core.ui.charts.run_length import X_FIELDS, XAxis
from core.ui.display import numbers, run_accuracies

NAMES = ["part", "run", "color"]
FIGURES = ["epoch", "images", "seconds", "accuracy", "loss"]
BOUNDS = ["low", "high"]  # the 95 % interval of a test accuracy, in %
LABELS = ["accuracy_label", "loss_label"]
DETAIL = "detail"  # of a change of the learning rate: from what to what; of a test: of how many pictures, and how sure
ENDINGS = {
    views: f"test, {run_accuracies.views_name(views)}" for views in VIEWS if views != "none"
}  # parts of the table
SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int8(), pa.string())) for name in NAMES),
        ("earlier", pa.bool_()),
        *((figure, pa.float32()) for figure in [*FIGURES, *BOUNDS]),
        *((words, pa.string()) for words in [*LABELS, DETAIL]),
    ]
)
CHANGE = "#E69F00"  # the color of manual changes

SMOOTHING_POINTS = 15  # span of the moving average; it looks back only, so a point once drawn stays where it is
# Points of a run's smoothed line, and dots under it, about: more look the same or hide the line, and each costs the
# browser time at every tick (docs/performance.md).
LINE_POINTS, RAW_POINTS = 160, 80
ACCURACY_GAP, LOSS_GAP = 0.09, 0.14  # of the axes, of 150 and 100 px: labels nearer than this are moved apart (14 px)
Losses = tuple[float, float]  # the least and the most on the loss axis, which is logarithmic
LOSS_RANGE: Losses = (0.003, 3.0)  # of digits, in nats
PICTURES_LOSS_RANGE: Losses = (0.1, 3.0)  # of CIFAR-10's pictures, on which the loss stays higher


@dataclass(frozen=True, slots=True)
class Loss:
    """A kind of loss. Those of different kinds are different quantities, and have axes of their own."""

    name: str
    title: str  # of its axis
    range: Losses  # of its axis


CROSS_ENTROPY = Loss("cross-entropy", "Cross-entropy (nats)", LOSS_RANGE)
PICTURES_CROSS_ENTROPY = replace(CROSS_ENTROPY, range=PICTURES_LOSS_RANGE)
MARGIN = Loss("margin loss", "Margin loss", (0.003, 1.0))


def loss_of(experiment: Experiment) -> Loss:
    """Return the kind of loss that an experiment is trained for: capsules have lengths, all others logits."""
    return MARGIN if ends_in_lengths(experiment.layers) else CROSS_ENTROPY


@dataclass(frozen=True, slots=True)
class Curve(State):
    """A run on a chart. Curves that look the same are equal, so that all sessions share one table."""

    name: str
    label: str  # at the line's end
    color: str
    earlier: bool  # an earlier run, drawn faded to compare with
    run: str
    events: int  # number so far, without those that change no mark
    frames: Frames = field(compare=False, repr=False)
    start: Start = field(default_factory=Start)  # where it begins, if it continues another run

    @classmethod
    def of(
        cls, frames: Frames, name: str, label: str, color: str, *, earlier: bool = False, start: Start | None = None
    ) -> "Curve":
        """Return the curve of a run as it stands."""
        start = start or Start()
        others = sum(event["event"] != "phase" for event in frames.events)  # an evaluation's progress changes no mark
        drawn = others + len(frames.progress) + len(frames.evaluated)
        return cls(name, label, color, earlier, frames.run.id, drawn, start.shift(frames), start)

    @property
    def state(self) -> tuple[str, int]:
        """The run, and how far it is."""
        return self.run, self.events

    @property
    def progress(self) -> pd.DataFrame:
        """The run's measurements of training batches, at whole seconds where it has them."""
        measured = self.frames.progress
        return measured.assign(seconds=run_accuracies.whole_seconds(measured))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet: the run waits or is being prepared."""
        return self.frames.progress.empty and self.frames.evaluated.empty

    @property
    def is_whole(self) -> bool:
        """Whether its seconds include preparing and testing, not only training."""
        return run_accuracies.has_whole_seconds(self.frames.progress) and run_accuracies.has_whole_seconds(
            self.frames.evaluated
        )

    def end(self, axis: XAxis) -> float:
        """Return where the run will end on an axis."""
        return run_length.end(self.frames, self.start, axis)


def by_loss(curves: Sequence[Curve], planned: Sequence[Experiment]) -> dict[Loss, tuple[Curve, ...]]:
    """Return the curves by their kind of loss, those of the `planned` experiments first, with or without a curve."""
    losses = dict.fromkeys([*map(loss_of, planned), *(loss_of(curve.frames.run.experiment) for curve in curves)])
    return {loss: tuple(c for c in curves if loss_of(c.frames.run.experiment) == loss) for loss in losses}


@newest_states(maxsize=256)
def looks(curve: Curve, split: run_accuracies.Split) -> pd.DataFrame:
    """Return `run_accuracies.evaluations` of a run, shared by all its charts: read it, don't change it."""
    return run_accuracies.evaluations(curve.frames, split)


@newest_states(maxsize=256)
def ending(curve: Curve) -> run_accuracies.Ending | None:
    """Return `run_accuracies.ending` of a run, shared by all its charts."""
    return run_accuracies.ending(curve.frames)


def seconds_note(curves: Sequence[Curve]) -> str:
    """Return a sentence that names the runs with only their training time measured; "" if there are none."""
    older = [curve.label for curve in curves if not curve.is_whole]
    if not older:
        return ""
    return f"Older runs, for which only the training time was measured: {', '.join(older)}."


@dataclass(frozen=True, slots=True)
class Change:
    """A manual change of a run: a new learning rate while it trained, or more epochs after its end."""

    x: float  # on the chart's x-axis
    words: str  # beside its rule


def changes(curve: Curve, axis: XAxis) -> list[Change]:
    """Return the changes of a run's peak learning rate, and where it continues another run; none for earlier runs."""
    if curve.earlier:
        return []
    experiment, progress = curve.frames.run.experiment, curve.progress
    begins = [Change(_began(curve, axis), f"continued from {curve.start.origin}")]
    marks, peak = begins if curve.start.origin else [], experiment.learning_rate
    for step, rate in experiment.lr_changes:
        before = progress[progress["step"] <= max(step, 1)]
        x = float(before[X_FIELDS[axis]].iloc[-1]) if len(before) else 0.0
        marks.append(Change(x, f"rate {peak:g} → {rate:g}"))
        peak = rate
    return marks


def _began(curve: Curve, axis: XAxis) -> float:
    """Return where a run begins on an axis that counts the runs before it."""
    if axis == "seconds" and curve.is_whole:
        return curve.start.whole_seconds
    return float(getattr(curve.start, X_FIELDS[axis]))


@newest_states(maxsize=64)
def table(
    curves: tuple[Curve, ...], axis: XAxis, start: float, planned: float = 0.0, losses: Losses = LOSS_RANGE
) -> pa.Table:
    """Return every mark of the two charts as a row of SCHEMA, shared by all sessions.

    It is made in Arrow, the format in which browsers are sent tables: made with pandas it took three times as long, and
    a chart waits for it at every tick.

    Args:
        curves: The runs.
        axis: The x-axis.
        start: Where the accuracy axis begins, in percent.
        planned: Where the x-axis ends at the least.
        losses: The ends of the loss axis.

    Returns:
        Rows whose part is "test", "held-out", "training", "raw", "label", "change", "end" or one of ENDINGS.
        Accuracy in %. Tests of a single view of each picture are points of a line with low and high; one
        of several views is a mark of its own. Labels have accuracy_label and loss_label, tests and changes have detail.
    """
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    last = _rows(1, part="end", accuracy=[100.0], loss=[1.0], **{X_FIELDS[axis]: [end]})
    parts = [*map(_lines, curves), _labels(curves, axis, start, losses), _changes(curves, axis), last]
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _rows(length: int, **columns: object) -> pa.Table:
    """Return rows of SCHEMA. A column is a sequence, one text or truth value for all rows, or left out and empty."""

    def column(field: pa.Field) -> pa.Array:
        values = columns.get(field.name)
        if values is None:
            return pa.array([False] * length) if field.name == "earlier" else pa.nulls(length, field.type)
        if isinstance(values, (str, bool)):
            return pa.array([values] * length, field.type)
        return pa.array(values, field.type, from_pandas=True)  # NaN becomes null

    return pa.Table.from_arrays([column(field) for field in SCHEMA], schema=SCHEMA)


@newest_states(maxsize=128)
def _lines(curve: Curve) -> pa.Table:
    progress = curve.progress
    lines = [_tests(curve, "test"), _ending(curve)]
    if not curve.earlier:
        lines.append(_tests(curve, "held-out"))
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
    """Return n, where every n-th progress point is drawn: about `most` of the whole run.

    It follows from the points that the whole run will have, so that which are drawn does not change as it goes on.
    """
    step, steps = curve.frames.run.summary.get("step", 0), curve.frames.run.summary.get("steps", 0)
    planned = len(curve.frames.progress) * steps / step if step else 1.0
    return max(1, round(planned / most))


def _part(curve: Curve, part: str, points: pd.DataFrame, **more: object) -> pa.Table:
    figures = {figure: points[figure].to_numpy(np.float32) for figure in FIGURES}
    figures["accuracy"] = figures["accuracy"] * 100
    return _rows(len(points), part=part, run=curve.name, color=curve.color, earlier=curve.earlier, **figures, **more)


def _tests(curve: Curve, split: run_accuracies.Split) -> pa.Table:
    """Return the line through a split's tests of a single view; on the test set with the band of their intervals."""
    tested = looks(curve, split)
    bounds = {} if split != "test" or curve.earlier else {bound: 100 * tested[bound].to_numpy() for bound in BOUNDS}
    details = [
        None if pd.isna(accuracy) or pd.isna(pictures) else run_accuracies.sample(accuracy, int(pictures))
        for accuracy, pictures in zip(tested["accuracy"], tested["pictures"], strict=True)
    ]
    return _part(curve, split, tested, **bounds, **{DETAIL: details})


def _ending(curve: Curve) -> pa.Table:
    """Return the mark of a run's last test, where it took several views of each picture."""
    last = ending(curve)
    if last is None:
        return _rows(0)
    point = pd.DataFrame({figure: [getattr(last, figure)] for figure in FIGURES})
    return _part(curve, ENDINGS[last.views], point, **{DETAIL: [last.words]})


@dataclass(frozen=True, slots=True)
class _Label:
    """A text at a line's end or beside a mark."""

    curve: Curve
    x: float
    accuracy: float  # %
    loss: float
    accuracy_label: str
    loss_label: str


def _labels(curves: Sequence[Curve], axis: XAxis, start: float, range_: Losses) -> pa.Table:
    """Return a label at the end of each line: the test figure of a current run, the letter of an earlier one."""
    labels = [label for curve in curves for label in (*_line_label(curve, axis, start), *_ending_label(curve, axis))]
    ends = [label.x for label in labels]
    low, high = (float(np.log10(bound)) for bound in range_)
    span, margin = 100 - start, ACCURACY_GAP / 2
    losses = [float(np.log10(np.clip(label.loss, *range_))) for label in labels]
    return _rows(
        len(labels),
        part="label",
        run=[label.curve.name for label in labels],
        color=[label.curve.color for label in labels],
        earlier=[label.curve.earlier for label in labels],
        accuracy=separate_labels(
            ends, [label.accuracy for label in labels], ACCURACY_GAP * span, start + margin * span, 100 - margin * span
        ),
        loss=[10**y for y in separate_labels(ends, losses, LOSS_GAP * (high - low), low, high)],
        accuracy_label=[label.accuracy_label for label in labels],
        loss_label=[label.loss_label for label in labels],
        **{X_FIELDS[axis]: ends},
    )


def _line_label(curve: Curve, axis: XAxis, start: float) -> list[_Label]:
    """Return the label at the end of a run's lines: the latest test of a single view."""
    tested = looks(curve, "test")
    points = tested[[X_FIELDS[axis], "accuracy", "loss"]].to_numpy(float)
    points = points[~np.isnan(points).any(axis=1)]
    if not len(points):
        return []
    end, accuracy, loss = points[-1].tolist()
    below = " ▼" if 100 * accuracy < start else ""
    x = _reached(curve, X_FIELDS[axis], end)
    figures = [f"{curve.label} {figure}" for figure in (f"{numbers.percent(accuracy)}{below}", f"{loss:.3f}")]
    return [_Label(curve, x, 100 * accuracy, loss, *([curve.label] * 2 if curve.earlier else figures))]


def _ending_label(curve: Curve, axis: XAxis) -> list[_Label]:
    """Return the label beside the mark of a current run that ended in a test of several views."""
    last = None if curve.earlier else ending(curve)
    if last is None:
        return []
    name = f"{VIEWS[last.views]} views"
    x, accuracy = float(getattr(last, X_FIELDS[axis])), 100 * last.accuracy
    return [_Label(curve, x, accuracy, last.loss, f"{name} {accuracy:.1f}{numbers.SPACE}%", f"{name} {last.loss:.3f}")]


def _changes(curves: Sequence[Curve], axis: XAxis) -> pa.Table:
    rows = [(curve, change) for curve in curves for change in changes(curve, axis)]
    return _rows(
        len(rows),
        part="change",
        run=[curve.name for curve, _ in rows],
        color=CHANGE,
        detail=[change.words for _, change in rows],
        **{X_FIELDS[axis]: [change.x for _, change in rows]},
    )


def _reached(curve: Curve, field: str, tested: float) -> float:
    """Return where the longer of a run's two lines ends, so that the label does not lie on the other one."""
    progress = curve.progress[field]
    return max(tested, 0.0 if curve.earlier or progress.empty else float(progress.iloc[-1]))
