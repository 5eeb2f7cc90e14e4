"""What a continued run goes on from: where it begins on a chart's axes, and how that is said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from core.runs.history_cache import Frames
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client

LONGEST = 30  # runs, each of which went on from the one before
ID_LETTERS = 6  # of a run's id, where a person tells runs apart by it


@dataclass(frozen=True, slots=True)
class Start:
    """What was done before a run began: nothing, unless it goes on from another one."""

    origin: str = ""  # what it goes on from, in a word or two
    epoch: float = 0.0
    images: float = 0.0
    seconds: float = 0.0
    whole_seconds: float = 0.0

    def shift(self, frames: Frames) -> Frames:
        """Return a run's history with its place on every axis counted from the first of the runs before it."""
        if not self.origin:
            return frames
        return replace(frames, progress=self._shifted(frames.progress), evaluated=self._shifted(frames.evaluated))

    def _shifted(self, table: pd.DataFrame) -> pd.DataFrame:
        places = [name for name in ("epoch", "images", "seconds", "whole_seconds") if name in table]
        return table.assign(**{name: table[name] + getattr(self, name) for name in places})


def ancestors(experiment: Experiment) -> Iterator[Run]:
    """Yield the run that `experiment` goes on from, then the one before that, as far as they are known here."""
    for _ in range(LONGEST):
        if not experiment.parent_run:
            return
        try:
            found = client.feed().frames([experiment.parent_run]).get(experiment.parent_run)
        except StoreUnavailable:
            return
        if found is None:
            return
        yield found.run
        experiment = found.run.experiment


def start(experiment: Experiment, letters: Mapping[str, str] | None = None) -> Start:
    """Return where a run of `experiment` begins. `letters` names the runs on the chart by their ids."""
    if not experiment.parent_run:
        return Start()
    summaries = [run.summary for run in ancestors(experiment)]
    letter = (letters or {}).get(experiment.parent_run)
    return Start(
        f"run {letter}" if letter else run_name(experiment.parent_run),
        epoch=sum(one.get("epoch") or 0.0 for one in summaries),
        images=sum(one.get("images") or 0.0 for one in summaries),
        seconds=sum(one.get("seconds") or 0.0 for one in summaries),
        whole_seconds=sum(one.get("whole_seconds") or one.get("seconds") or 0.0 for one in summaries),
    )


def run_name(id: str) -> str:
    """Return what a run is called by its id: "run 1a2b3c"."""
    return f"run {id[:ID_LETTERS]}"
