"""Earlier runs: they stay on the chart, faded, until the user removes them. Their ids are in the URL."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.display import colors
from core.ui.run_panels import run_differences
from core.ui.state import query

MAX_RUNS = 12
LETTERS = "ABCDEFGHIJKL"
ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """An earlier run, with its label on the chart and its letter in the table."""

    run: str
    letter: str
    color: str
    frames: Frames
    label: str  # what sets it apart from the others: "CNN, 500 digits"

    @property
    def name(self) -> str:
        """Its letter and label: two runs have the same label where they differ in what it has no room for."""
        return f"{self.letter}: {self.label}"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """The earlier runs of one page."""

    parameter: str  # its name in the URL
    title: Callable[[Experiment], str]  # of a run, as short as at a line's end

    def ids(self) -> list[str]:
        """Return the ids in the URL."""
        linked, text = query.is_linked(self.parameter), query.read(self.parameter) or ""
        ids = ID.findall(text)[-MAX_RUNS:]
        if linked and ".".join(ids) != text:
            query.refuse("Earlier runs", text, "cannot be", ", ".join(ids) or "none")
        self._write(ids)
        return ids

    def remember(self, runs: Sequence[str]) -> None:
        """Append runs; beyond MAX_RUNS the oldest are dropped."""
        self._write(list(dict.fromkeys([*self.ids(), *runs]))[-MAX_RUNS:])

    def remove(self, runs: Sequence[Run]) -> None:
        """Remove runs from the chart and stop those that train. They stay in the store, under their settings."""
        run_requests.cancel([run for run in runs if run.active])
        removed = {run.id for run in runs}
        self._write([id for id in self.ids() if id not in removed])

    def load(self, planned: Sequence[Experiment]) -> list[EarlierRun]:
        """Return the remembered runs except those of the `planned` experiments, as far as they can be read.

        Current runs that have any results are remembered from now on, no matter who requested them: they stay on the
        chart, faded, when a setting changes.

        Raises:
            StoreUnavailable: If the runs cannot be read.
        """
        current = [experiment.key for experiment in planned]
        self.remember([run for run, frames in client.feed().frames(current).items() if frames.run.summary])
        frames = client.feed().frames([run for run in self.ids() if run not in current])
        experiments = [frame.run.experiment for frame in frames.values()]
        labels = self.labels([*experiments, *planned])
        return [
            EarlierRun(run, letter, colors.role(frame.run.experiment).color, frame, label)
            for letter, label, (run, frame) in zip(LETTERS, labels, frames.items(), strict=False)
        ]

    def labels(self, experiments: Sequence[Experiment]) -> list[str]:
        """Return what each of the experiments on a chart is called there."""
        return run_differences.distinguish(experiments, [self.title(experiment) for experiment in experiments])

    def before(self, planned: Sequence[Experiment], earlier: Sequence[EarlierRun]) -> dict[str, EarlierRun]:
        """Return for each planned experiment, by its key, the last earlier run of the same kind of network."""
        latest = {colors.role(run.frames.run.experiment): run for run in earlier}
        roles = {experiment.key: colors.role(experiment) for experiment in planned}
        return {key: latest[role] for key, role in roles.items() if role in latest}

    def is_newest(self, run: str, earlier: Sequence[EarlierRun]) -> bool:
        """Return whether a run was added after all the earlier ones."""
        ids = self.ids()
        return run in ids and all(ids.index(run) > ids.index(other.run) for other in earlier if other.run in ids)

    def show(self, shown: Sequence[EarlierRun]) -> None:
        """Draw a button for each earlier run that removes it from the chart."""
        if not shown:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="earlier_runs"):
            st.caption("Earlier runs", width="content")
            for earlier in shown:
                run = earlier.frames.run
                st.button(
                    messages.escaped(f"{earlier.label}, {run.state}" if run.active else earlier.label),
                    key=f"remove_{earlier.run}",
                    icon=":material/close:",
                    help=f"{'Stops it and removes' if run.active else 'Removes'} this run from the chart",
                    on_click=self.remove,
                    args=([run],),
                )
            if len(shown) > 1:
                st.button(
                    "Remove all",
                    key="remove_all",
                    type="tertiary",
                    help="Remove all earlier runs from the chart",
                    on_click=self.remove,
                    args=([earlier.frames.run for earlier in shown],),
                )

    def _write(self, runs: list[str]) -> None:
        query.write(self.parameter, ".".join(runs) or None)
