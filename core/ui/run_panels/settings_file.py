"""An experiment's JSON, as the downloads write it, loaded into a page that trains: from a file, or pasted."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import streamlit as st

from core.data import DataError, DatasetInfo
from core.layers.validation import LayerError
from core.training.experiment import RANGE, Experiment, ExperimentError
from core.ui import messages
from core.ui.display import numbers
from core.ui.state.network_link import StackError

LONGEST = 1_000_000  # characters
REFUSALS = (ExperimentError, LayerError, StackError, DataError)
# Sets the page's controls and returns the experiment as it is trained here; or raises one of REFUSALS and sets nothing.
Put = Callable[[Experiment], Experiment]


@dataclass(frozen=True, slots=True)
class Loaded:
    """An experiment that was loaded, and what the page's controls give when they were just set to it."""

    experiment: Experiment
    planned: str | None = None  # the key of the latter, as soon as it is known


def show(page: str, put: Put) -> None:
    """Draw the popover. `page` are the first letters of the page's keys; `put` sets its controls."""
    with st.popover("Load settings", icon=":material/upload_file:", help="Settings that were downloaded, as JSON"):
        st.file_uploader(
            "Settings file",
            type=["json"],
            key=f"{page}_load_file",
            max_upload_size=1,
            help="What Take it with you, Settings, gave: up to 1 MB. It is read, never executed.",
        )
        st.text_area(
            "Or their text",
            key=f"{page}_load_text",
            height=120,
            max_chars=LONGEST,
            help="The JSON of an experiment, pasted",
        )
        st.button(
            "Load",
            key=f"{page}_load",
            type="primary",
            on_click=_load,
            args=(page, put),
            help="Sets the page to it. What cannot be read leaves the page as it is.",
        )
        if refusal := st.session_state.pop(f"{page}_load_refused", None):
            messages.error(refusal)
        if note := st.session_state.pop(f"{page}_load_note", None):
            messages.info(note)


def current(page: str, planned: Experiment, matches: Callable[[Experiment], bool] = lambda _: True) -> Experiment:
    """Return the experiment that was loaded while the page stands as it was set to it; else `planned`.

    So what the page has no control for is kept as it was loaded until a control is moved. `matches` tells whether the
    loaded one belongs in this place of the page.
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
        st.caption(f"As loaded, with what has no control here: {other}. Moving any control leaves that.")
    return loaded.experiment


def on_this_machine(experiment: Experiment, info: DatasetInfo, names: set[str]) -> Experiment:
    """Return a loaded experiment on the data that is here. Raises ExperimentError where it is of other data.

    `names` are those of the data sets that stand for one another on the page.
    """
    if experiment.data not in names | {info.name}:
        raise ExperimentError(
            f"These settings are for the data {experiment.data!r:.60}; this page trains on {info.title}."
        )
    if experiment.schedule == RANGE:
        raise ExperimentError("These are the settings of a learning-rate range test, which has a button of its own.")
    if experiment.data != info.name:  # one stands in for the other, and may have fewer pictures
        held_out = min(experiment.held_out, info.train_images // 10)
        images = min(experiment.train_images, info.train_images - held_out)
        experiment = replace(experiment, data=info.name, held_out=held_out, train_images=images)
    if experiment.train_images + experiment.held_out > info.train_images:
        raise ExperimentError(
            f"These settings ask for {experiment.train_images + experiment.held_out:,} training pictures, and "
            f"{info.title} has {info.train_images:,} here."
        )
    return experiment


def _load(page: str, put: Put) -> None:
    try:
        experiment = Experiment.from_json(_text(page))
        found = put(experiment)
        st.session_state[_key(page)] = Loaded(found)
        st.session_state[f"{page}_load_text"] = ""
        if found.data != experiment.data:
            st.session_state[f"{page}_load_note"] = (
                "These settings were made with a data set that is not here. They are trained with what stands in for "
                f"it, on {numbers.count(found.train_images)} pictures."
            )
    except REFUSALS as error:
        st.session_state[f"{page}_load_refused"] = f"These settings cannot be loaded. {error}"


def _text(page: str) -> str:
    """What was given. Raises ExperimentError where that is nothing, or no text."""
    file, text = st.session_state.get(f"{page}_load_file"), st.session_state.get(f"{page}_load_text") or ""
    if text.strip():
        return str(text)
    if file is None:
        raise ExperimentError("Choose a file or paste the text first.")
    if file.size > LONGEST:
        raise ExperimentError("The file is too large: an experiment's JSON has at most a million characters.")
    try:
        return str(file.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ExperimentError("The file holds no text: it is not the JSON of an experiment.") from None


def _differing(planned: Experiment, loaded: Experiment) -> list[str]:
    """The settings in which they differ, each with the loaded value where that is short."""
    names = [field.name for field in fields(Experiment)]
    values = {name: getattr(loaded, name) for name in names if getattr(planned, name) != getattr(loaded, name)}
    words = {name: name.replace("_", " ") for name in values}
    return [
        f"{words[name]} {value}" if isinstance(value, str | int | float) else words[name]
        for name, value in values.items()
    ]


def _key(page: str) -> str:
    return f"{page}_loaded"
