"""Learning curves as one tidy table: what the live charts draw, from the events that trainings tell."""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.ui import numbers

XAxis = Literal["epochs", "images", "seconds"]
X_FIELDS: dict[XAxis, str] = {"epochs": "epoch", "images": "images", "seconds": "seconds"}

SMOOTHING_POINTS = 15  # span of the moving average; it looks back only, so a point once drawn stays where it is
RAW_POINTS = 120  # dots a run under its smoothed line: more hide the line
LABEL_GAP = 0.055  # of the axis: labels nearer than this are moved apart
LOSS_RANGE = (0.001, 4.0)  # nats; the loss axis is logarithmic
CLASSES = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """One run on the chart."""

    name: str
    color: str
    events: Sequence[Mapping[str, Any]]  # as told by core.training.events, in their order
    epochs: int  # planned
    train_images: int
    earlier: bool = False  # faded: a run of before, to compare with

    def latest(self, kind: str) -> Mapping[str, Any] | None:
        """The last event of a kind; of evaluations, the last on the test set."""
        return next((e for e in reversed(self.events) if e["event"] == kind and e.get("split", "test") == "test"), None)

    def end(self, axis: XAxis) -> float:
        """Where the run will end on this axis; for seconds estimated from the progress so far, rounded up in steps."""
        if axis == "epochs":
            return self.epochs
        if axis == "images":
            return self.epochs * self.train_images
        last = self.latest("progress")
        if last is None or last["epoch"] == 0:
            return 1.0
        done = last["epoch"] >= self.epochs
        return float(last["seconds"] if done else _rounded_up(last["seconds"] * self.epochs / last["epoch"]))


def table(curves: Sequence[Curve], axis: XAxis, start: float) -> pd.DataFrame:
    """Every mark of the two charts as a row; `start` is where the accuracy axis begins, in percent.

    Columns: part ("test", "training", "raw", "label", "end"), run, color, earlier, x, accuracy (%), loss (nats), label,
    label_y (% and nats: where the labels stand, moved apart), and what the tooltip says.
    """
    parts = [part for curve in curves for part in _lines(curve, X_FIELDS[axis])]
    end = max((curve.end(axis) for curve in curves), default=1.0)
    parts.append(pd.DataFrame({"part": ["end"], "x": [end], "accuracy": [100.0], "loss": [1.0]}))
    parts.append(_labels(curves, X_FIELDS[axis], start))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The nearest places to those wanted that lie `gap` apart within [low, high], in the order of the input."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [min(max(wanted[i], low), high) for i in order]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + gap)
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], high - gap * (len(placed) - 1 - i))
    return [placed[order.index(i)] for i in range(len(wanted))]


def _lines(curve: Curve, x_field: str) -> list[pd.DataFrame]:
    test = _events(curve, "evaluated")
    lines = [_part(curve, "test", test, x_field)]
    if not curve.earlier:
        raw = _events(curve, "progress")
        smooth = raw.copy()
        smooth[["accuracy", "loss"]] = raw[["accuracy", "loss"]].ewm(span=SMOOTHING_POINTS).mean()
        every = max(1, round(_planned_points(curve) / RAW_POINTS))
        lines += [_part(curve, "training", smooth, x_field), _part(curve, "raw", raw.iloc[::every], x_field)]
    return lines


def _events(curve: Curve, kind: str) -> pd.DataFrame:
    columns = ["step", "epoch", "images", "seconds", "accuracy", "loss"]
    rows = [[e[c] for c in columns] for e in curve.events if e["event"] == kind and e.get("split", "test") == "test"]
    told = pd.DataFrame(rows, columns=columns, dtype=float)
    return told.drop_duplicates("step", keep="last").sort_values("step")  # a run resumed tells some steps again


def _planned_points(curve: Curve) -> float:
    last = curve.latest("progress")
    told = sum(e["event"] == "progress" for e in curve.events)
    return told * curve.epochs / last["epoch"] if last and last["epoch"] else 1.0


def _part(curve: Curve, part: str, told: pd.DataFrame, x_field: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "part": part,
            "run": curve.name,
            "color": curve.color,
            "earlier": curve.earlier,
            "x": told[x_field],
            "accuracy": 100 * told["accuracy"],
            "loss": told["loss"].clip(*LOSS_RANGE),
            "Images": "test" if part == "test" else "training, smoothed" if part == "training" else "training",
            "Accuracy": [numbers.percent(value) for value in told["accuracy"]],
            "Loss": [f"{value:.4f}" for value in told["loss"]],
            "Seen": [f"{e:.2f} epochs, {numbers.count(i)} images" for e, i in zip(told["epoch"], told["images"], strict=True)],
            "After": [numbers.duration(value) for value in told["seconds"]],
        }
    )


def _labels(curves: Sequence[Curve], x_field: str, start: float) -> pd.DataFrame:
    """A direct label at the end of each test line: the figure for a run of now, its letter for one of before."""
    ends = [(curve, last) for curve in curves if (last := curve.latest("evaluated"))]
    low, high = (float(np.log10(bound)) for bound in LOSS_RANGE)
    accuracies = [100 * last["accuracy"] for _, last in ends]
    losses = [float(np.log10(np.clip(last["loss"], *LOSS_RANGE))) for _, last in ends]
    margin = LABEL_GAP / 2
    accuracy_y = spread(accuracies, LABEL_GAP * (100 - start), start + margin * (100 - start), 100 - margin * (100 - start))
    loss_y = spread(losses, 1.4 * LABEL_GAP * (high - low), low, high)
    texts = [curve.name if curve.earlier else f"{curve.name.split(' with')[0]} " for curve, _ in ends]
    return pd.DataFrame(
        {
            "part": "label",
            "run": [curve.name for curve, _ in ends],
            "color": [curve.color for curve, _ in ends],
            "earlier": [curve.earlier for curve, _ in ends],
            "x": [last[x_field] for _, last in ends],
            "accuracy": accuracy_y,
            "loss": [10**y for y in loss_y],
            "accuracy_label": [
                text if curve.earlier else f"{'▼ ' if 100 * last['accuracy'] < start else ''}{text}{numbers.percent(last['accuracy'])}"
                for text, (curve, last) in zip(texts, ends, strict=True)
            ],
            "loss_label": [
                text if curve.earlier else f"{text}{last['loss']:.3f}" for text, (curve, last) in zip(texts, ends, strict=True)
            ],
        }
    )


def _rounded_up(seconds: float) -> float:
    """The next of 1, 2, 3, 5, 7.5, 10, 15, 20, ...: an estimate that wavers leaves the axis where it is."""
    steps = [m * 10.0**e for e in range(-1, 6) for m in (1, 1.5, 2, 3, 5, 7.5)]
    return steps[min(bisect.bisect_left(steps, seconds), len(steps) - 1)]
