"""Load the JSON of an experiment, from a file or pasted text, into a page that trains."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import streamlit as st

from core.data import DataError, DatasetInfo
from core.layers.setting_checks import LayerError
from core.runs.run import StoreUnavailable
from core.training.experiment import RANGE, Experiment, ExperimentError
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.run_panels.earlier_runs import ID
from core.ui.state import query
from core.ui.state.network_link import StackError
from core.ui.widgets import pasted_text

MAX_CHARACTERS = 1_000_000
REFUSALS = (ExperimentError, LayerError, StackError, DataError)
# Sets the page's controls and returns the experiment as trained here; or raises one of REFUSALS and sets nothing.
SetControls = Callable[[Experiment], Experiment]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded experiment, and the experiment that the page's controls give after they were set to it."""

    experiment: Experiment
    planned: str | None = None  # the key of the latter, once it is known


def show(page: str, set_controls: SetControls) -> None:
    """Draw the popover.

    Args:
        page: The first letters of the page's keys.
        set_controls: Sets the page's controls to an experiment.
    """
    with st.popover("Load settings", icon=":material/upload_file:", help="Experiment settings (JSON) from a download"):
        st.file_uploader(
            "Settings file",
            type=["json"],
            key=f"{page}_load_file",
            max_upload_size=1,
            on_change=pasted_text.empty,
            args=(f"{page}_load_text",),
            help="The Settings file from Export, up to 1 MB. It is read, never executed.",
        )
        pasted_text.draw(
            f"{page}_load_text",
            "Or paste the text",
            most=MAX_CHARACTERS,
            help="The JSON text of an experiment",
            height=120,
        )
        st.button(
            "Load",
            key=f"{page}_load",
            type="primary",
            on_click=_load,
            args=(page, set_controls),
            help="Sets the page's controls. Invalid settings change nothing.",
        )
        if refusal := st.session_state.pop(f"{page}_load_refused", None):
            messages.error(refusal)
        if note := st.session_state.pop(f"{page}_load_note", None):
            messages.info(note)


def current(page: str, planned: Experiment, matches: Callable[[Experiment], bool] = lambda _: True) -> Experiment:
    """Return the loaded experiment until a control is moved; afterwards `planned`.

    This keeps the loaded settings for which the page has no control.

    Args:
        page: The first letters of the page's keys.
        planned: The experiment that the controls give.
        matches: Returns True if a loaded experiment belongs to these controls.
    """
    loaded = st.session_state.get(_key(page))
    if not isinstance(loaded, Loaded) or not matches(loaded.experiment):
        return planned
    if loaded.planned is None:
        loaded = replace(loaded, planned=planned.key)
        st.session_state[_key(page)] = loaded
    if planned.key != loaded.planned:
        return planned
    if other := ", ".join(_differing(planned, loaded.experiment)):
        st.caption(f"As loaded, including settings without a control here: {other}. Moving any control resets these.")
    return loaded.experiment


def from_run(page: str, set_controls: SetControls) -> None:
    """Set the page's controls to the run that its link names, as "m_from", and draw the page anew; once.

    Args:
        page: The first letters of the page's keys.
        set_controls: Sets the page's controls to an experiment.
    """
    key = from_key(page)
    if not (id := query.take(key)):
        return
    try:
        run = client.runs().get_many([id]).get(id) if ID.fullmatch(id) else None
        loaded = run and Loaded(set_controls(run.experiment))
    except StoreUnavailable as error:
        query.keep_waiting(key)
        messages.error(f"The settings of this run cannot be opened yet. {error}")
        return
    except REFUSALS as error:
        query.write(key, None)
        query.report(f"The settings of this run cannot be opened here. {error}")
        return
    if loaded is None:
        query.write(key, None)
        query.refuse("Settings of run", id, "is not a run on this machine", "nothing of it")
        return
    st.session_state[_key(page)] = loaded
    query.write(key, None)  # only now: a run of the page can be cut off at any line before
    st.rerun()


def from_key(page: str) -> str:
    """Return the parameter of a link that opens the page with a run's settings, by the page's first letters."""
    return f"{page}_from"


def on_this_machine(experiment: Experiment, info: DatasetInfo, names: set[str]) -> Experiment:
    """Return a loaded experiment on the data of this machine.

    Args:
        experiment: The loaded experiment.
        info: The page's dataset.
        names: Of the datasets that may replace each other on the page.

    Raises:
        ExperimentError: If it needs other data or more pictures.
    """
    if experiment.data not in names | {info.name}:
        raise ExperimentError(
            f"These settings are for the data {experiment.data!r:.60}; this page trains on {info.title}."
        )
    if experiment.schedule == RANGE:
        raise ExperimentError("These are the settings of a learning-rate range test, which has its own button.")
    if experiment.data != info.name:  # a stand-in may have fewer pictures
        held_out = min(experiment.held_out, info.train_images // 10)
        images = min(experiment.train_images, info.train_images - held_out)
        experiment = replace(experiment, data=info.name, held_out=held_out, train_images=images)
    if experiment.train_images + experiment.held_out > info.train_images:
        raise ExperimentError(
            f"These settings need {experiment.train_images + experiment.held_out:,} training pictures, and "
            f"{info.title} has {info.train_images:,} here."
        )
    return experiment


def _load(page: str, set_controls: SetControls) -> None:
    try:
        experiment = Experiment.from_json(_text(page))
        adapted = set_controls(experiment)
        st.session_state[_key(page)] = Loaded(adapted)
        st.session_state[f"{page}_load_text"] = ""
        if adapted.data != experiment.data:
            st.session_state[f"{page}_load_note"] = (
                "These settings were made with a dataset that is not on this machine. Its stand-in is used, with "
                f"{numbers.count(adapted.train_images)} training pictures."
            )
    except REFUSALS as error:
        st.session_state[f"{page}_load_refused"] = f"These settings cannot be loaded. {error}"


def _text(page: str) -> str:
    """Return the pasted text or the text of the file.

    Raises:
        ExperimentError: If there is none, or the file is too large or not a text file.
    """
    file, text = st.session_state.get(f"{page}_load_file"), st.session_state.get(f"{page}_load_text") or ""
    if text.strip():
        return str(text)
    if file is None:
        raise ExperimentError("Choose a file or paste the text first.")
    if file.size > MAX_CHARACTERS:
        raise ExperimentError("The file is too large: an experiment's JSON has at most a million characters.")
    try:
        return str(file.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ExperimentError("This is not a text file. Choose a settings file (JSON).") from None


def _differing(planned: Experiment, loaded: Experiment) -> list[str]:
    """Return the names of the settings that differ, with the loaded value if it is short."""
    names = [field.name for field in fields(Experiment)]
    values = {name: getattr(loaded, name) for name in names if getattr(planned, name) != getattr(loaded, name)}
    labels = {name: name.replace("_", " ") for name in values}
    return [
        f"{labels[name]} {value}" if isinstance(value, str | int | float) else labels[name]
        for name, value in values.items()
    ]


def _key(page: str) -> str:
    return f"{page}_loaded"
