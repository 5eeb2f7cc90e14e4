"""Live comparison of networks trained side by side: buttons, status and curves. It polls only while a run is active."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.run_panels import curves, run_controls, status_card
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.earlier_runs import EarlierRun, EarlierRuns
from core.ui.run_panels.polling import interval_changed, poll_interval
from core.ui.state.settings import Settings

ALL = {2: "both", 3: "all three", 4: "all four"}
Notice = Callable[[Sequence[Contender], Sequence[Frames | None]], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of one page. Its keys begin with the page's letter."""

    page: str  # "m"
    earlier: EarlierRuns
    notice: Notice  # draws what to notice about the contenders and their runs

    @property
    def defaults(self) -> dict[str, object]:
        """The settings of the charts."""
        return curves.defaults(self.page)

    @property
    def train_now(self) -> str:
        """The session key that trains as if the button had been pressed."""
        return f"{self.page}_train_now"

    def train_button(self, contenders: Sequence[Contender], device: str) -> None:
        """Draw the buttons that apply now: train those without a run, stop active runs, or set another seed.

        Raises:
            StoreUnavailable: If the runs cannot be read.
        """
        experiments = [contender.experiment for contender in contenders]
        runs = client.runs().get_many([experiment.key for experiment in experiments])
        todo = run_controls.untrained(experiments, runs)
        if st.session_state.pop(self.train_now, False) and todo:
            submitted = run_requests.submit(todo, device)
        else:
            submitted = self._buttons(contenders, todo, list(runs.values()), device)
        if submitted:
            self.earlier.remember([experiment.key for experiment in experiments])
            st.rerun()

    def _buttons(
        self, contenders: Sequence[Contender], todo: Sequence[Experiment], runs: Sequence[Run], device: str
    ) -> bool:
        """Draw the buttons. Return True if the experiments in `todo` were submitted."""
        if run_controls.stop_button(runs, f"{self.page}_stop") and not todo:
            return False
        if todo or not contenders:
            label = f"Train {_names(todo, contenders)}"
            return run_controls.train_button(todo, label, f"{self.page}_train", device=device, disabled=not contenders)
        run_controls.another_seed(f"{self.page}_seed")
        return False

    def panel(
        self, settings: Settings, contenders: Sequence[Contender], earlier: Sequence[EarlierRun]
    ) -> dict[str, Frames]:
        """Draw the panel and update it while a run is active.

        Returns:
            The current runs of the contenders, by key.

        Raises:
            StoreUnavailable: If the runs cannot be read and were not read before.
        """
        frames = client.feed().frames([contender.experiment.key for contender in contenders])
        every = poll_interval(frames.values(), [run.frames for run in earlier])
        st.fragment(self._panel, run_every=every)(settings, contenders, earlier, every)
        return frames

    def _panel(
        self,
        settings: Settings,
        contenders: Sequence[Contender],
        earlier: Sequence[EarlierRun],
        every: float | None,
    ) -> None:
        try:
            frames = client.feed().frames([c.experiment.key for c in contenders] + [e.run for e in earlier])
        except StoreUnavailable as error:
            messages.error(error)
            return
        if not contenders:
            return
        own = [frames.get(contender.experiment.key) for contender in contenders]
        _scores(contenders, own)
        curves.show(settings, self.page, contenders, earlier, frames)
        self.notice(contenders, own)
        if interval_changed(
            every, poll_interval([frame for frame in own if frame], [frames[e.run] for e in earlier if e.run in frames])
        ):
            st.rerun()


def _names(todo: Sequence[Experiment], contenders: Sequence[Contender]) -> str:
    if len(todo) == len(contenders):
        return ALL[len(contenders)] if contenders else ALL[2]
    return " and ".join(f"the {contender.role.name}" for contender in contenders if contender.experiment in todo)


def _scores(contenders: Sequence[Contender], frames: Sequence[Frames | None]) -> None:
    """Draw each contender's status card and its buttons; four of them in two rows."""
    cards = list(zip(contenders, frames, strict=True))
    across = 2 if len(cards) == 4 else len(cards)
    for first in range(0, len(cards), across):
        for column, (contender, frame) in zip(st.columns(across, gap="medium"), cards[first:], strict=False):
            with column, st.container(key=f"score_{contender.slot}"):
                run = frame.run if frame else None
                st.html(status_card.html(contender.role, run, of="test digits"))
                if run:
                    run_controls.show(run, contender.slot)
