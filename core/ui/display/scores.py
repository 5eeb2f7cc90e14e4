"""A run's accuracies as they were measured: on how many pictures, with how many views of each, and how sure they are.

On the way a network is tested with each picture as it is, on a part of the test set; a recipe may end in a test with
several views of each picture, which is another measurement and never a point of the same curve.
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

GUESSING_ACCURACY = 0.15  # of ten classes: hardly better than chance


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
    one_view: float | None  # the accuracy on the same pictures, each as it is

    @property
    def name(self) -> str:
        """What the mark is called: "six views"."""
        return views_name(self.views)

    @property
    def words(self) -> str:
        """The figure with the one-view figure beside it, on how many pictures, and its interval."""
        beside = pair(self.accuracy, self.one_view, self.views)
        return f"{beside}; {sample(self.accuracy, self.pictures)}" if self.pictures else beside


def views_name(views: str) -> str:
    """Return how many views of a picture are meant: "one view", "six views"."""
    count = VIEWS[views]
    return f"{NUMBER_WORDS[count]} view{'' if count == 1 else 's'}"


def pair(accuracy: float, one_view: float | None, views: str, digits: int = 1) -> str:
    """Return both accuracies: "68.7 % with one view, 70.7 % with six"; without a known one the other alone."""
    if one_view is None:
        return f"{numbers.percent(accuracy, digits)} with {views_name(views)}"
    return (
        f"{numbers.percent(one_view, digits)} with one view, {numbers.percent(accuracy, digits)} with "
        f"{NUMBER_WORDS[VIEWS[views]]}"
    )


def sample(accuracy: float, pictures: int, digits: int = 1) -> str:
    """Return on what an accuracy rests: "of 1,000 pictures, 95 % interval 67.1 to 72.9 %"."""
    between = numbers.percent_range(*interval(accuracy, pictures), digits)
    return f"of {numbers.count(pictures)} pictures, 95 % interval {between}"


def interval(accuracy: float, pictures: float) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy on so many pictures, fractions; NaN where one of the two is not known."""
    if math.isnan(accuracy) or math.isnan(pictures):
        return math.nan, math.nan
    return wilson_interval(round(accuracy * pictures), int(pictures))


def evaluations(frames: Frames, split: Split = "test") -> pd.DataFrame:
    """Return every accuracy that was measured with each picture as it is.

    Returns:
        A row an evaluation, COLUMNS: seconds are whole ones where they were measured, accuracy and loss of one view,
        pictures how many were tested (NaN where an older run does not tell), low and high the 95 % interval.
    """
    rows = _rows(frames, split)
    several = rows["views"] != "none"
    accuracy = np.where(several, rows["one_view_accuracy"], rows["accuracy"])
    loss = np.where(several, rows["one_view_loss"], rows["loss"])
    bounds = [interval(*pair) for pair in zip(accuracy.tolist(), rows["pictures"].tolist(), strict=True)]
    low, high = np.array(bounds, float).reshape(-1, 2).T
    found = rows | {"accuracy": accuracy, "loss": loss, "low": low, "high": high}
    kept = ~several | ~np.isnan(accuracy)
    return pd.DataFrame({name: found[name][kept] for name in COLUMNS})


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


def whole_seconds(told: pd.DataFrame) -> "pd.Series[float]":
    """Return the seconds of a run's points: whole ones, and of training alone where an older run told no others."""
    return told["whole_seconds"].fillna(told["seconds"])


def has_whole_seconds(told: pd.DataFrame) -> bool:
    """Return whether all of a run's points have whole seconds; of none that is true."""
    return not told["whole_seconds"].isna().any()


def views_note(views: str) -> str:
    """Return a sentence for answers that are means over several views of a picture; "" where it is asked as it is."""
    return f"Each answer is the mean over {views_name(views)} of the picture." if views != "none" else ""


def one_view_note(test_time: str) -> str:
    """A sentence for an answer to a picture as it is, of a run that was tested with several views; "" for others."""
    if test_time == "none":
        return ""
    return f"That is of one view, the picture as it is; its test took the mean over {views_name(test_time)}."


def tested_at(frames: Frames, step: int) -> tuple[str, int | None]:
    """Return with which views, and on how many test pictures, a run was tested after a step."""
    rows = _rows(frames, "test")
    places = np.flatnonzero(rows["step"] == step)
    if not len(places):
        return "none", None
    views, pictures = rows["views"][places[-1]], rows["pictures"][places[-1]]
    return str(views), None if math.isnan(pictures) else int(pictures)


def sample_size(summary: Mapping[str, Any], split: Split = "test") -> int | None:
    """Return on how many pictures a run's latest accuracy was measured; None where that is not known."""
    return summary.get(f"{split.replace('-', '_')}_pictures") or _all(summary, split)


def views(run: Run, split: Split = "test") -> str:
    """Return the views with which a run's latest accuracy was measured."""
    told = run.summary.get(f"{split.replace('-', '_')}_views") or run.summary.get("views")
    return str(told) if told in VIEWS else _at_the_end(run)


def one_view(run: Run, split: Split = "test") -> float | None:
    """Return the one-view accuracy beside one of several views; None where there is none."""
    found = run.summary.get(f"{split.replace('-', '_')}_one_view_accuracy")
    if found is None and split == "test":
        found = run.summary.get("one_view_accuracy")
    return None if found is None else float(found)


def _all(summary: Mapping[str, Any], split: Split) -> int | None:
    """How many pictures a split has; None where a run has not told."""
    return summary.get("test_images" if split == "test" else "held_out") or None


def _at_the_end(run: Run) -> str:
    """The views of an older run's latest evaluation, which only its end had."""
    return run.experiment.test_time if run.state == FINISHED else "none"


def _rows(frames: Frames, split: Split) -> dict[str, NDArray[Any]]:
    """The evaluations on a split by column, with what older runs do not tell filled in as far as it is known.

    Plain arrays: a chart waits for them at every tick, and pandas would take five times as long.
    """
    told = frames.evaluated
    mine = told["split"].to_numpy() == split
    rows = {name: told[name].to_numpy(float)[mine] for name in FIGURES}
    rows["seconds"] = np.where(np.isnan(rows["whole_seconds"]), rows["seconds"], rows["whole_seconds"])
    everything = _all(frames.run.summary, split) or math.nan
    rows["pictures"] = np.where(np.isnan(rows["pictures"]), everything, rows["pictures"])
    views = [one if one in VIEWS else None for one in told["views"].to_numpy()[mine]]
    if views and views[-1] is None:
        views[-1] = _at_the_end(frames.run)
    return rows | {"views": np.array([one or "none" for one in views], object)}


def is_guessing(summary: Mapping[str, Any], epochs: float) -> bool:
    """Whether a network that has seen so many epochs is hardly better than chance among ten."""
    epoch, accuracy = summary.get("epoch"), summary.get("test_accuracy")
    return epoch is not None and accuracy is not None and epoch >= epochs and accuracy < GUESSING_ACCURACY
