"""Runs that come with the app: what a training looks like, for pages on which nothing was trained yet.

They are real ones, each file with its date, its device and its settings; tests/bench/example_runs.py makes them anew.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.runs.history_cache import Frames, framed
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment

FOLDER = Path(__file__).with_name("examples")


@dataclass(frozen=True, slots=True)
class ExampleRuns:
    """Runs that were trained together."""

    made: str  # the date, "2026-11-29"
    device: str  # "CPU, 2 cores"
    frames: tuple[Frames, ...]


@lru_cache(maxsize=8)
def load(name: str) -> ExampleRuns | None:
    """Return the example of a page, "mnist"; None if there is none."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    frames = []
    for kept in found["runs"]:
        experiment = Experiment.from_json(json.dumps(kept["experiment"]))
        run = Run(
            id=f"example {experiment.key}",
            experiment=experiment,
            device="auto",
            state=FINISHED,
            reason=None,
            place=None,
            owners=(),
            summary=kept["summary"],
            attempts=1,
            created=0.0,
            started=0.0,
            finished=0.0,
            folder=FOLDER,
        )
        frames.append(framed(run, tuple(kept["events"])))
    return ExampleRuns(found["made"], found["device"], tuple(frames))
