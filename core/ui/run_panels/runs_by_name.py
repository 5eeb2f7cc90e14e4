"""Runs of a comparison by name: those on the chart, and those that are finished."""

from collections.abc import Mapping, Sequence

from core.runs.history_cache import Frames
from core.runs.run import FINISHED, Run
from core.ui.display import colors
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.trained_run import Trained


def runs(
    contenders: Sequence[Contender], earlier: Sequence[EarlierRun], frames: Mapping[str, Frames]
) -> dict[str, Run]:
    """Return every run on the chart, by its name there."""
    now = {c.role.name: frames[c.experiment.key].run for c in contenders if c.experiment.key in frames}
    return now | {run.name: run.frames.run for run in earlier}


def finished(
    contenders: Sequence[Contender], earlier: Sequence[EarlierRun], frames: Mapping[str, Frames]
) -> list[Trained]:
    """Return one finished run for each contender: its own, or else the latest earlier run of the same kind."""
    trained: list[Trained] = []
    for contender in contenders:
        frame = frames.get(contender.experiment.key)
        if frame and frame.run.state == FINISHED:
            trained.append(Trained(contender.role.name, contender.role, frame.run))
            continue
        kind = colors.role(contender.experiment)
        same_kind = [
            run
            for run in earlier
            if run.frames.run.state == FINISHED and colors.role(run.frames.run.experiment) == kind
        ]
        trained += [Trained(run.name, contender.role, run.frames.run) for run in same_kind[-1:]]
    return trained
