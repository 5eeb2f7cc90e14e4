"""What the settings changed since the last run, with the way back; and what the change did, once its runs are done."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import FINISHED
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.run_panels import run_controls, run_differences
from core.ui.run_panels.earlier_runs import EarlierRun, EarlierRuns
from core.ui.state import last_move
from core.ui.state.settings import Settings


def changed(
    page: str,
    settings: Settings,
    experiments: Sequence[Experiment],
    frames: Mapping[str, Frames],
    earlier_runs: EarlierRuns,
    earlier: Sequence[EarlierRun],
) -> None:
    """Draw what was changed since the last run, with a button that takes it back; nothing where all is trained.

    Args:
        page: The first letters of the page's keys.
        settings: The page's.
        experiments: What it is set to.
        frames: Their runs, by key.
        earlier_runs: The page's earlier runs.
        earlier: Those that could be read.
    """
    kept = f"{page}_last_settings"  # session key: the settings with which all the experiments have a run
    todo = run_controls.untrained(experiments, {key: frame.run for key, frame in frames.items()})
    if not todo:
        st.session_state[kept] = {key: st.session_state.get(key, at) for key, at in settings.defaults.items()}
        return
    before = earlier_runs.before(todo, earlier)
    words = run_differences.changed([(before[e.key].frames.run.experiment, e) for e in todo if e.key in before])
    if not words:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{page}_changed"):
        st.markdown(messages.escaped(f"Changed since the last run: {words}"), width="content")
        if kept in st.session_state:
            st.button(
                "Undo",
                key=f"{page}_undo_change",
                type="tertiary",
                icon=":material/undo:",
                on_click=st.session_state.update,
                args=(st.session_state[kept],),
                help="Sets all controls as they were for the last run",
            )


def latest(
    page: str, experiments: Sequence[Experiment], earlier_runs: EarlierRuns, earlier: Sequence[EarlierRun]
) -> list[str]:
    """Return a sentence on what was changed last, while there is no run to compare with; else none.

    Args:
        page: The first letters of the page's keys.
        experiments: What it is set to.
        earlier_runs: The page's earlier runs.
        earlier: Those that could be read.
    """
    was = last_move.before(f"{page}_last_experiments", tuple(experiments))
    if len(was) != len(experiments) or earlier_runs.before(experiments, earlier):
        return []
    words = run_differences.changed(list(zip(was, experiments, strict=True)))
    return [messages.escaped(f"{words[0].upper()}{words[1:]}: train to see what this changes.")] if words else []


def outcome(
    names: Sequence[str],
    experiments: Sequence[Experiment],
    frames: Mapping[str, Frames],
    earlier_runs: EarlierRuns,
    earlier: Sequence[EarlierRun],
) -> list[str]:
    """Return a bold sentence on what the last change did once all that was trained for it has finished; else none.

    Args:
        names: What each network is called.
        experiments: What the page is set to.
        frames: Their runs, by key, and those of the earlier runs.
        earlier_runs: The page's earlier runs.
        earlier: Those that could be read.
    """
    before = earlier_runs.before(experiments, earlier)
    newest = [
        (name, before[key].frames.run, frames[key].run)
        for name, key in zip(names, (experiment.key for experiment in experiments), strict=True)
        if key in frames and key in before and earlier_runs.is_newest(key, earlier)
    ]
    done = all(run.state == FINISHED for _, *pair in newest for run in pair)
    sentence = run_differences.outcome(newest) if done else ""
    return [f"**{messages.escaped(sentence)}**"] if sentence else []
