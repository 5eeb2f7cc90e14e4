"""Runs as the service returns them, for tests that need one without training it."""

from pathlib import Path
from typing import Any

from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment


def made_run(
    experiment: Experiment, state: str = FINISHED, summary: dict[str, Any] | None = None, **changes: Any
) -> Run:
    """Return a run of an experiment that began in 1970 and belongs to nobody.

    Args:
        experiment: What it trains.
        state: As in `Run`; a finished run ended a second after it began.
        summary: The latest figures.
        changes: Other fields of `Run`.
    """
    fields: dict[str, Any] = {
        "id": experiment.key,
        "experiment": experiment,
        "device": "auto",
        "state": state,
        "reason": None,
        "place": None,
        "owners": (),
        "summary": summary or {},
        "attempts": 1,
        "created": 0.0,
        "started": 0.0,
        "finished": 1.0 if state == FINISHED else None,
        "folder": Path(),
    }
    return Run(**fields | changes)
