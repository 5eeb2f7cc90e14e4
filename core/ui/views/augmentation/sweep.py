"""Animate one setting over its range, with the same random draws."""

import numpy as np
import streamlit as st

from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import COLOR_ONLY
from core.training.augmentation.step import Range, settings
from core.ui.components.flipbook import flipbook
from core.ui.state import pipeline_link
from core.ui.state.settings import Settings
from core.ui.views.augmentation import queries, value_scale
from core.ui.views.augmentation.editor import label
from core.ui.views.augmentation.picture import InputPicture


def show(pipeline: Pipeline, source: InputPicture, seed: int) -> None:
    """Draw the picker of a setting and the animation. Raises InferenceError."""
    choices = {
        f"{place + 1}.{name}": (place, name)
        for place, step in enumerate(pipeline.steps)
        for name, setting in settings(step).items()
        if isinstance(setting, Range) and not (source.is_gray and name in COLOR_ONLY.get(type(step), ()))
    }
    if not choices:
        st.caption("None of these steps has a numeric setting: add one, such as a rotation.")
        return
    if st.session_state.get("a_swept") not in choices:  # its step was removed
        st.session_state.pop("a_swept", None)

    def setting_title(key: str) -> str:
        place, name = choices[key]
        return f"{place + 1} {pipeline_link.NAMES[pipeline.steps[place].name]}: {label(name)}"

    chosen = Settings({"a_swept": next(iter(choices))}).choice(
        "a_swept",
        "Setting",
        list(choices),
        format=setting_title,
        help="The setting is swept over its range; all others stay the same",
        width=360,
    )
    place, name = choices[chosen]
    setting = settings(pipeline.steps[place])[name]
    assert isinstance(setting, Range)
    current = getattr(pipeline.steps[place], name)
    # for a whole number, each frame rounds down
    values = np.linspace(setting.low, setting.high, queries.FRAMES).astype(type(current))
    frames = queries.sweep(pipeline, place, name, source, seed)
    scale = value_scale.of(pipeline.steps, frames)
    unit = setting.unit if setting.unit in ("", "°") else f" {setting.unit}"
    flipbook(
        np.stack([scale.levels(frame) for frame in frames]),
        [f"{label(name).split(' (')[0]}: {value:.3g}{unit}" for value in values],
        alt=f"{source.title} while {name} of {pipeline_link.NAMES[pipeline.steps[place].name]} grows",
        start=int(np.abs(values - current).argmin()),
        key="a_flipbook",
    )
    words = scale.words(gray=source.is_gray)
    st.caption(
        f"The random draws stay the same: only their range grows.{f' Normalized values, {words}.' * bool(words)}"
    )
