"""Live comparison of networks trained side by side: button, cards and curves. It redraws only while a run is active."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, redrawn_fragments, run_queue, run_requests
from core.ui.display import numbers, run_times, word_meanings
from core.ui.layout import page_frame
from core.ui.run_panels import (
    curves,
    live_drawing,
    run_controls,
    score_card,
    settings_file,
    since_last_run,
    time_estimate,
)
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.earlier_runs import EarlierRun, EarlierRuns
from core.ui.run_panels.redraw_interval import interval_changed, redraw_interval
from core.ui.run_panels.settings_file import SetControls
from core.ui.run_panels.time_estimate import Estimate
from core.ui.state.settings import Settings

ALL = {2: "both", 3: "all three", 4: "all four"}
Sentences = Callable[[Sequence[Contender], Sequence[Run | None]], list[str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of one page. Its keys begin with the page's letter."""

    page: str  # "m"
    earlier: EarlierRuns
    sentences: Sentences  # on the contenders and their runs: what to notice

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
            submitted = run_controls.main_button(
                experiments, runs, lambda todo: f"Train {_names(todo, contenders)}", self.page, device=device
            )
        if submitted:
            self.earlier.remember([experiment.key for experiment in experiments])
            st.rerun()

    def estimate(self, contenders: Sequence[Contender], info: DatasetInfo, device: str, *, at_once: bool) -> None:
        """Draw the time that those without a run will take.

        Args:
            contenders: What is trained.
            info: The data.
            device: To train on.
            at_once: Measure the speed without being asked: the networks are the app's own.

        Raises:
            StoreUnavailable: If the runs cannot be read.
        """
        runs = client.runs().get_many([contender.experiment.key for contender in contenders])
        todo = run_controls.untrained([contender.experiment for contender in contenders], runs)
        if not todo:
            return
        plan = time_estimate.Plan(todo, info, device, at_once, together=time_estimate.together())
        names = [contender.role.name for contender in contenders if contender.experiment in todo]
        time_estimate.show(plan, partial(in_words, names, together=plan.together), f"{self.page}_estimate")

    def show(
        self,
        settings: Settings,
        contenders: Sequence[Contender],
        earlier: Sequence[EarlierRun],
        cards: Mapping[str, DeltaGenerator],
        info: DatasetInfo,
        told: DeltaGenerator,
    ) -> tuple[dict[str, Frames], redrawn_fragments.Group]:
        """Draw each network as it is now, and what to notice; update them while a run is active.

        Args:
            settings: The page's.
            contenders: What is trained.
            earlier: The earlier runs.
            cards: The contenders' cards, by their slots.
            info: The data.
            told: Where to draw what to notice.

        Returns:
            The current runs of the contenders, by key; and what is redrawn together while one of them is active.

        Raises:
            StoreUnavailable: If the runs cannot be read and were not read before.
        """
        frames = client.feed().frames([contender.experiment.key for contender in contenders])
        every = redraw_interval(frames.values(), [run.frames for run in earlier])
        group = redrawn_fragments.Group(every)
        # Separate fragments: the browser draws a fragment as a whole, so in a common one each would wait for all.
        for contender in contenders:
            with cards[contender.slot]:
                live_drawing.fragment(_card, info, group)(contender, info)
        with told:
            experiments = [contender.experiment for contender in contenders]
            since_last_run.changed(self.page, settings, experiments, frames, self.earlier, earlier)
            group.fragment(self._told)(contenders, earlier, every)
            group.start()
        curves.keep_axes(settings, self.page)
        return frames, group

    def training(
        self,
        settings: Settings,
        contenders: Sequence[Contender],
        earlier: Sequence[EarlierRun],
        group: redrawn_fragments.Group,
        set_controls: SetControls,
    ) -> None:
        """Draw the curves, and update them while a run is active; under them settings to load, and the earlier runs.

        Args:
            settings: The page's.
            contenders: What is trained.
            earlier: The earlier runs.
            group: What is redrawn together, as `show` returns it.
            set_controls: Sets the page's controls to loaded settings.
        """
        group.fragment(self._curves)(settings, contenders, earlier)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            settings_file.show(self.page, set_controls)
            self.earlier.show(earlier)

    def _curves(self, settings: Settings, contenders: Sequence[Contender], earlier: Sequence[EarlierRun]) -> None:
        with suppress(StoreUnavailable):  # what to notice reports it
            frames = client.feed().frames([c.experiment.key for c in contenders] + [e.run for e in earlier])
            if contenders:
                curves.show(settings, self.page, contenders, earlier, frames, self.earlier.labels)

    def _told(self, contenders: Sequence[Contender], earlier: Sequence[EarlierRun], every: float | None) -> None:
        """Draw what to notice; rerun the page if the redraw interval changed."""
        try:
            frames = client.feed().frames([c.experiment.key for c in contenders] + [e.run for e in earlier])
        except StoreUnavailable as error:
            messages.error(error)
            return
        own = [frames.get(contender.experiment.key) for contender in contenders]
        if contenders:
            lines = self.sentences(contenders, [frame.run if frame else None for frame in own])
            names = [contender.role.short for contender in contenders]
            experiments = [contender.experiment for contender in contenders]
            latest = since_last_run.latest(self.page, experiments, self.earlier, earlier)
            outcome = since_last_run.outcome(names, experiments, frames, self.earlier, earlier)
            words = word_meanings.of_networks(experiment.layers for experiment in experiments)
            page_frame.notice(*outcome, *(() if any(own) else latest), *lines, *words)
        shown = [frame for frame in own if frame]
        if interval_changed(every, redraw_interval(shown, [frames[e.run] for e in earlier if e.run in frames])):
            st.rerun()


def _card(contender: Contender, info: DatasetInfo) -> None:
    """Draw a contender as it is now: its score and buttons, its drawing, and its answers to ten test pictures."""
    with suppress(StoreUnavailable):  # what to notice reports it
        frame = client.feed().frames([contender.experiment.key]).get(contender.experiment.key)
        with st.container(key=f"score_{contender.slot}"):
            run = frame.run if frame else None
            st.html(score_card.html(contender.role, run, of="test digits", wait=run_queue.wait_of(run)))
            if frame:
                run_controls.show(frame.run, contender.slot)
        live_drawing.show(
            contender.experiment.layers,
            contender.role,
            info,
            frame,
            key=f"live_{contender.slot}",
            notes="mnist" if contender.slot in ("m_mlp", "m_cnn") else "",
        )


def in_words(names: Sequence[str], found: Sequence[Estimate], *, together: bool) -> str:
    """Return the time of all runs, and of each, and how they were obtained, in sentences."""
    seconds = [estimate.parts.whole for estimate in found]
    whole = max(seconds) if together else sum(seconds)
    each = "; ".join(
        f"the {name} {numbers.duration(estimate.parts.whole)} ({run_times.breakdown(estimate.parts)}, "
        f"{numbers.rate(estimate.images_per_second)})"
        for name, estimate in zip(names, found, strict=True)
    )
    order = "" if len(found) == 1 else ", at the same time" if together else ", one after the other"
    return (
        f"About **{numbers.duration(whole)}** in total{order}. {each[0].upper()}{each[1:]}. Measured in a second of "
        "training each; time in the queue is not included."
    )


def _names(todo: Sequence[Experiment], contenders: Sequence[Contender]) -> str:
    if len(todo) == len(contenders):
        return ALL[len(contenders)] if contenders else ALL[2]
    return " and ".join(f"the {contender.role.name}" for contender in contenders if contender.experiment in todo)
