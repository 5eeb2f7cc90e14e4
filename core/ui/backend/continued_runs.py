"""Continued runs: their ancestors, and where they begin on the axes of a chart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from core.runs.history_cache import Frames
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client

MAX_ANCESTORS = 30
ID_LETTERS = 6  # of a run's id, on the screen


@dataclass(frozen=True, slots=True)
class Start:
    """What was done before a run began: nothing, unless it continues another run."""

    origin: str = ""  # name of the run that it continues
    epoch: float = 0.0
    images: float = 0.0
    seconds: float = 0.0
    whole_seconds: float = 0.0

    def shift(self, frames: Frames) -> Frames:
        """Return a run's history with every axis counted from the first of its ancestors."""
        if not self.origin:
            return frames
        return replace(frames, progress=self._shifted(frames.progress), evaluated=self._shifted(frames.evaluated))

    def _shifted(self, table: pd.DataFrame) -> pd.DataFrame:
        axes = [name for name in ("epoch", "images", "seconds", "whole_seconds") if name in table]
        return table.assign(**{name: table[name] + getattr(self, name) for name in axes})


def ancestors(experiment: Experiment) -> Iterator[Run]:
    """Yield the run that `experiment` continues, then the one before that, as far as they are known here."""
    for _ in range(MAX_ANCESTORS):
        if not experiment.parent_run:
            return
        try:
            parent = client.feed().frames([experiment.parent_run]).get(experiment.parent_run)
        except StoreUnavailable:
            return
        if parent is None:
            return
        yield parent.run
        experiment = parent.run.experiment


def start(experiment: Experiment, letters: Mapping[str, str] | None = None) -> Start:
    """Return where a run of `experiment` begins.

    Args:
        experiment: The run's.
        letters: Of the runs on the chart, by id.
    """
    if not experiment.parent_run:
        return Start()
    summaries = [run.summary for run in ancestors(experiment)]
    letter = (letters or {}).get(experiment.parent_run)
    return Start(
        f"run {letter}" if letter else run_name(experiment.parent_run),
        epoch=sum(summary.get("epoch") or 0.0 for summary in summaries),
        images=sum(summary.get("images") or 0.0 for summary in summaries),
        seconds=sum(summary.get("seconds") or 0.0 for summary in summaries),
        whole_seconds=sum(summary.get("whole_seconds") or summary.get("seconds") or 0.0 for summary in summaries),
    )


def run_name(id: str) -> str:
    """Return the short name of a run: "run 1a2b3c"."""
    return f"run {id[:ID_LETTERS]}"
