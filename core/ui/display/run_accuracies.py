"""A run's accuracies: on how many pictures, with how many views of each, and their 95 % intervals.

During training a network is tested on unchanged pictures, on a part of the test set. A recipe may end with a test on
several views of each picture: a different measurement, and never a point of the same curve.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.insight.confusion import wilson_interval
from core.runs.history_cache import Frames
from core.runs.run import FINISHED, Run
from core.training.evaluation_plan import VIEWS
from core.ui.display import numbers

GUESSING_ACCURACY = 0.15  # with ten classes: hardly better than chance
Split = Literal["test", "held-out"]
NUMBER_WORDS = {1: "one", 2: "two", 6: "six"}
FIGURES = [
    *("step", "epoch", "images", "seconds", "whole_seconds", "accuracy", "loss", "pictures"),
    *("one_view_accuracy", "one_view_loss"),
]
COLUMNS = ["step", "epoch", "images", "seconds", "accuracy", "loss", "pictures", "low", "high"]


@dataclass(frozen=True, slots=True)
class Ending:
    """The test at a run's end with several views of each picture."""

    views: str  # one of core.training.experiment.TEST_TIMES, never "none"
    step: int
    epoch: float
    images: float
    seconds: float
    accuracy: float
    loss: float
    pictures: int  # 0: not known
    one_view: float | None  # the accuracy on the same pictures, unchanged

    @property
    def name(self) -> str:
        """Return the label of its mark: "six views"."""
        return views_name(self.views)

    @property
    def words(self) -> str:
        """Return both accuracies, the number of pictures, and the interval."""
        beside = pair(self.accuracy, self.one_view, self.views)
        return f"{beside}; {sample(self.accuracy, self.pictures)}" if self.pictures else beside


def views_name(views: str) -> str:
    """Return the number of views of a picture: "one view", "six views"."""
    count = VIEWS[views]
    return f"{NUMBER_WORDS[count]} view{'' if count == 1 else 's'}"


def pair(accuracy: float, one_view: float | None, views: str, digits: int = 1) -> str:
    """Return both accuracies, "68.7 % with one view, 70.7 % with six", or only the second without a `one_view` one."""
    if one_view is None:
        return f"{numbers.percent(accuracy, digits)} with {views_name(views)}"
    return (
        f"{numbers.percent(one_view, digits)} with one view, {numbers.percent(accuracy, digits)} with "
        f"{NUMBER_WORDS[VIEWS[views]]}"
    )


def sample(accuracy: float, pictures: int, digits: int = 1) -> str:
    """Return the sample and the interval of an accuracy: "of 1,000 pictures, 95 % interval 67.1 to 72.9 %"."""
    between = numbers.percent_range(*interval(accuracy, pictures), digits)
    return f"of {numbers.count(pictures)} pictures, 95 % interval {between}"


def interval(accuracy: float, pictures: float) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy on `pictures` pictures, as fractions; NaN if unknown."""
    if math.isnan(accuracy) or math.isnan(pictures):
        return math.nan, math.nan
    return wilson_interval(round(accuracy * pictures), int(pictures))


def evaluations(frames: Frames, split: Split = "test") -> pd.DataFrame:
    """Return every accuracy that was measured on unchanged pictures.

    Returns:
        One row per evaluation, with COLUMNS: seconds are of the whole run if they were measured, accuracy and loss of
        one view, pictures the number tested (NaN in older runs without it), low and high the 95 % interval.
    """
    rows = _rows(frames, split)
    several = rows["views"] != "none"
    accuracy = np.where(several, rows["one_view_accuracy"], rows["accuracy"])
    loss = np.where(several, rows["one_view_loss"], rows["loss"])
    bounds = [interval(*pair) for pair in zip(accuracy.tolist(), rows["pictures"].tolist(), strict=True)]
    low, high = np.array(bounds, float).reshape(-1, 2).T
    columns = rows | {"accuracy": accuracy, "loss": loss, "low": low, "high": high}
    known = ~several | ~np.isnan(accuracy)
    return pd.DataFrame({name: columns[name][known] for name in COLUMNS})


def ending(frames: Frames, split: Split = "test") -> Ending | None:
    """Return the test with several views at a run's end; None where there was none."""
    rows = _rows(frames, split)
    places = np.flatnonzero((rows["views"] != "none") & ~np.isnan(rows["accuracy"]))
    if not len(places):
        return None
    last = {name: values[places[-1]] for name, values in rows.items()}
    alone, pictures = last["one_view_accuracy"], last["pictures"]
    return Ending(
        views=str(last["views"]),
        **{name: float(last[name]) for name in ("epoch", "images", "seconds", "accuracy", "loss")},
        step=int(last["step"]),
        pictures=0 if math.isnan(pictures) else int(pictures),
        one_view=None if math.isnan(alone) else float(alone),
    )


def whole_seconds(points: pd.DataFrame) -> "pd.Series[float]":
    """Return the seconds of a run's points: of the whole run, or of training alone in older runs."""
    return points["whole_seconds"].fillna(points["seconds"])


def has_whole_seconds(points: pd.DataFrame) -> bool:
    """Return whether all of a run's points have seconds of the whole run; True without points."""
    return not points["whole_seconds"].isna().any()


def views_note(views: str) -> str:
    """Return a sentence for predictions that are means over several views of a picture; "" for one view."""
    return f"Each prediction is the mean over {views_name(views)} of the picture." if views != "none" else ""


def one_view_note(test_time: str) -> str:
    """Return a sentence for a one-view prediction of a run that was tested with several views; "" for other runs."""
    if test_time == "none":
        return ""
    return f"This uses one view, the unchanged picture; the run's test averaged over {views_name(test_time)}."


def tested_at(frames: Frames, step: int) -> tuple[str, int | None]:
    """Return the views and the number of test pictures of a run's evaluation after a step."""
    rows = _rows(frames, "test")
    places = np.flatnonzero(rows["step"] == step)
    if not len(places):
        return "none", None
    views, pictures = rows["views"][places[-1]], rows["pictures"][places[-1]]
    return str(views), None if math.isnan(pictures) else int(pictures)


def sample_size(summary: Mapping[str, Any], split: Split = "test") -> int | None:
    """Return the number of pictures behind a run's latest accuracy; None where it is unknown."""
    return summary.get(f"{split.replace('-', '_')}_pictures") or _all(summary, split)


def views(run: Run, split: Split = "test") -> str:
    """Return the views with which a run's latest accuracy was measured."""
    recorded = run.summary.get(f"{split.replace('-', '_')}_views") or run.summary.get("views")
    return str(recorded) if recorded in VIEWS else _at_the_end(run)


def one_view(summary: Mapping[str, Any], split: Split = "test") -> float | None:
    """Return the one-view accuracy of a run that was tested with several views; None where there is none."""
    accuracy = summary.get(f"{split.replace('-', '_')}_one_view_accuracy")
    if accuracy is None and split == "test":
        accuracy = summary.get("one_view_accuracy")
    return None if accuracy is None else float(accuracy)


def _all(summary: Mapping[str, Any], split: Split) -> int | None:
    """Return the number of pictures in a split; None where the run has not recorded it."""
    return summary.get("test_images" if split == "test" else "held_out") or None


def _at_the_end(run: Run) -> str:
    """Return the views of an older run's latest evaluation; only a finished run's last one had several."""
    return run.experiment.test_time if run.state == FINISHED else "none"


def _rows(frames: Frames, split: Split) -> dict[str, NDArray[Any]]:
    """Return the evaluations on a split by column; what older runs did not record is filled in where it is known.

    Plain arrays: a chart waits for them at every tick, and pandas would take five times as long.
    """
    table = frames.evaluated
    in_split = table["split"].to_numpy() == split
    rows = {name: table[name].to_numpy(float)[in_split] for name in FIGURES}
    rows["seconds"] = np.where(np.isnan(rows["whole_seconds"]), rows["seconds"], rows["whole_seconds"])
    everything = _all(frames.run.summary, split) or math.nan
    rows["pictures"] = np.where(np.isnan(rows["pictures"]), everything, rows["pictures"])
    views = [name if name in VIEWS else None for name in table["views"].to_numpy()[in_split]]
    if views and views[-1] is None:
        views[-1] = _at_the_end(frames.run)
    return rows | {"views": np.array([name or "none" for name in views], object)}


def is_guessing(summary: Mapping[str, Any], epochs: float) -> bool:
    """Return whether a network is hardly better than chance among ten classes after `epochs` epochs."""
    epoch, accuracy = summary.get("epoch"), summary.get("test_accuracy")
    return epoch is not None and accuracy is not None and epoch >= epochs and accuracy < GUESSING_ACCURACY
