"""Earlier runs that stay on the chart, faded, until they are removed: their ids are in the URL."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui.backend import client, run_requests
from core.ui.display import colors
from core.ui.state import query

MOST = 12
LETTERS = "ABCDEFGHIJKL"
ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run of before, with the letter it has on the chart and in the table."""

    run: str
    letter: str
    color: str
    frames: Frames
    what: str  # in a few words

    @property
    def name(self) -> str:
        """For the tooltip: the letter and what it is."""
        return f"{self.letter}: {self.what}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The earlier runs of one page."""

    parameter: str  # in the URL, with the page's first letters
    what: Callable[[Experiment], str]  # names a run in a few words

    def ids(self) -> list[str]:
        """Return the ids in the URL."""
        linked, text = query.is_linked(self.parameter), query.read(self.parameter) or ""
        found = ID.findall(text)[-MOST:]
        if linked and ".".join(found) != text:
            query.refuse("Earlier runs", text, "cannot be", ", ".join(found) or "none")
        self._write(found)
        return found

    def keep(self, runs: Sequence[str]) -> None:
        """Add runs at the end, the oldest giving way to the newest."""
        self._write(list(dict.fromkeys([*self.ids(), *runs]))[-MOST:])

    def remove(self, runs: Sequence[Run]) -> None:
        """Take runs off the chart; those that still train are stopped. They are still there, under their settings."""
        run_requests.cancel([run for run in runs if run.active])
        gone = {run.id for run in runs}
        self._write([id for id in self.ids() if id not in gone])

    def earlier(self, current: Sequence[str]) -> list[Earlier]:
        """The kept runs but the `current` ones, as far as they can be read. Raises StoreUnavailable.

        Those of the `current` ones that have anything to show are kept from now on, whoever asked for them: they fade
        and stay when a setting moves on.
        """
        self.keep([run for run, frames in client.feed().frames(current).items() if frames.run.summary])
        frames = client.feed().frames([run for run in self.ids() if run not in current])
        return [
            Earlier(run, letter, colors.role(frame.run.experiment).color, frame, self.what(frame.run.experiment))
            for letter, (run, frame) in zip(LETTERS, frames.items(), strict=False)
        ]

    def chips(self, shown: Sequence[Earlier]) -> None:
        """A button for each earlier run that takes it off the chart."""
        if not shown:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Earlier runs", width="content")
            for one in shown:
                run = one.frames.run
                st.button(
                    f"{one.letter}, {run.state}" if run.active else one.letter,
                    key=f"remove_{one.run}",
                    icon=":material/close:",
                    help=f"{'Stop it and take' if run.active else 'Take'} {one.name} off the chart",
                    on_click=self.remove,
                    args=([run],),
                )
            if len(shown) > 1:
                st.button(
                    "Remove all",
                    key="remove_all",
                    type="tertiary",
                    help="Take all earlier runs off the chart",
                    on_click=self.remove,
                    args=([one.frames.run for one in shown],),
                )

    def _write(self, runs: list[str]) -> None:
        query.write(self.parameter, ".".join(runs) or None)
