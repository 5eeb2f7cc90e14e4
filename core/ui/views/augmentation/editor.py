"""The pipeline's controls: a preset to begin with, a row for each step with its settings, and steps to add."""

from dataclasses import replace

import streamlit as st

from core.training.augmentation.pipeline import MAX_STEPS, PRESETS, Pipeline
from core.training.augmentation.specs import KINDS, MIXING, Affine
from core.training.augmentation.step import Choice, PipelineError, Range, settings
from core.ui import messages
from core.ui.components.undo_redo import undo_redo
from core.ui.state import pipeline_link
from core.ui.views.augmentation import pipeline_rows
from core.ui.views.augmentation.pipeline_rows import Row

PRESET_NAMES = {"none": "None", "notes": "Notes", "standard": "CIFAR", "records": "Records", "strong": "Strong"}
_PRESET_HELP = {
    "none": "No step: the picture as it is",
    "notes": "The course notes: randomize scale, rotation and cropping",
    "standard": "What most papers on CIFAR-10 do: 4 px of padding, a crop, a flip",
    "records": "What CIFAR-10's speed records do: 2 px of padding, a crop, a flip every other epoch",
    "strong": "Nearly everything at once, and CutMix",
}
OPEN = "a_open"  # in the session: the row whose settings are in sight at first
LABELS = {
    "p": "Chance p",
    "degrees": "Up to (°)",
    "shift": "Shift (px)",
    "rotate": "Rotate (°)",
    "shear": "Shear (°)",
    "padding": "Padding (px)",
    "alternating": "Alternating",
    "least": "Least area (of the picture's)",
    "most": "Largest area (of the picture's)",
    "stretch": "Stretch (factor)",
    "ops": "Operations",
    "std": "Deviation",
    "hue": "Hue (of the color circle)",
}


def label(name: str) -> str:
    """Of a setting, with its unit."""
    return LABELS.get(name, name.capitalize())


def pick() -> Pipeline:
    """Draw the controls and answer the steps that are on, in their order."""
    listed = [_synced(row) for row in pipeline_rows.current()]
    with st.container(horizontal=True, gap="small", key="a_presets"):
        present = pipeline_rows.preset_of(tuple(listed))
        for name, title in PRESET_NAMES.items():
            st.button(
                title,
                key=f"a_preset_{name}",
                type="primary" if name == present else "secondary",
                help=_PRESET_HELP[name],
                on_click=_begin,
                args=(PRESETS[name],),
            )
        undo_redo("pipeline", tuple(listed), _restore, what="the steps")
    opened = st.session_state.setdefault(OPEN, listed[0].number if listed else None)
    for place, row in enumerate(listed):
        _row(row, place, len(listed), row.number == opened)
    _adder(listed)
    present_rows = pipeline_rows.current()
    pipeline_rows.link(present_rows)
    return pipeline_rows.pipeline(present_rows)


def _begin(pipeline: Pipeline) -> None:
    st.session_state.pop(OPEN, None)
    pipeline_rows.take(pipeline)


def _restore(rows: tuple[Row, ...]) -> None:
    """Go back to rows of before, and their widgets with them."""
    pipeline_rows.restore(rows)
    for row in rows:
        st.session_state[_key(row, "on")] = row.on
        for name in settings(row.step):
            st.session_state[_key(row, name)] = getattr(row.step, name)


def _synced(row: Row) -> Row:
    """The row as its widgets stand, which are drawn below its own title."""
    values = {name: st.session_state.get(_key(row, name), getattr(row.step, name)) for name in settings(row.step)}
    step = replace(row.step, **values)
    on = bool(st.session_state.get(_key(row, "on"), row.on))
    if step != row.step:
        pipeline_rows.change(row.number, step)
    if on != row.on:
        pipeline_rows.switch(row.number, on)
    return Row(row.number, step, on)


def _row(row: Row, place: int, count: int, opened: bool) -> None:
    title = f"**{place + 1}** {pipeline_link.step_words(row.step)}"
    icon = ":material/check_circle:" if row.on else ":material/radio_button_unchecked:"
    with st.expander(
        title if row.on else f"{title}, off", expanded=opened, key=f"a_step_{row.number}", icon=icon, on_change="ignore"
    ):
        st.caption(type(row.step).__doc__ or "")
        for name, setting in settings(row.step).items():
            _setting(row, name, setting)
        mixes = isinstance(row.step, MIXING)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.toggle("On", row.on, key=_key(row, "on"), help="Off: the step stays in its place and does nothing.")
            _button(row, "Up", "arrow_upward", pipeline_rows.move, (row.number, -1), place == 0 or mixes)
            below_mixes = place == count - 2 and isinstance(pipeline_rows.current()[-1].step, MIXING)
            _button(
                row, "Down", "arrow_downward", pipeline_rows.move, (row.number, 1), place == count - 1 or below_mixes
            )
            _button(row, "Remove", "delete", pipeline_rows.remove, (row.number,), False)


def _setting(row: Row, name: str, setting: Range | Choice) -> None:
    value, key = getattr(row.step, name), _key(row, name)
    help = f"{setting.help[0].upper()}{setting.help[1:]}."
    if isinstance(setting, Range):
        kind = type(value)
        low, high, step = kind(setting.low), kind(setting.high), kind(setting.step)
        st.slider(label(name), low, high, value, step, format="%g", key=key, help=help)
    elif setting.options == (False, True):
        st.toggle(label(name), value, key=key, help=help)
    else:
        st.segmented_control(label(name), setting.options, default=value, required=True, key=key, help=help)


def _button(row: Row, label: str, icon: str, act: object, args: tuple[int, ...], disabled: bool) -> None:
    st.button(
        "",
        key=_key(row, label),
        icon=f":material/{icon}:",
        help=f"{label}: {pipeline_link.NAMES[row.step.name]}",
        on_click=act,  # type: ignore[arg-type]
        args=args,
        disabled=disabled,
    )


def _adder(listed: list[Row]) -> None:
    if len(listed) >= MAX_STEPS:
        st.caption(f"{MAX_STEPS} steps are the most.")
        return
    mixes = bool(listed) and isinstance(listed[-1].step, MIXING)
    kinds = [name for name, kind in KINDS.items() if not (mixes and kind in MIXING)]
    st.selectbox(
        "Add a step",
        kinds,
        index=None,
        format_func=lambda name: f"{pipeline_link.NAMES[name][0].upper()}{pipeline_link.NAMES[name][1:]}",
        key="a_add",
        placeholder="Add a step …",
        help="It comes last; its arrows move it.",
        on_change=_add,
        label_visibility="collapsed",
    )
    with st.popover("Paste JSON", icon=":material/content_paste:", help="An augmentation that was exported as JSON"):
        text = st.text_area("JSON of an augmentation", key="a_json", help="A list of steps, at most 20,000 characters.")
        if st.button("Use it", key="a_use", help="Replaces the steps above") and text:
            try:
                pipeline_rows.paste(text)
            except PipelineError as error:
                messages.error(error)
            else:
                st.session_state.pop(OPEN, None)
                st.rerun()


def _add() -> None:
    name = st.session_state["a_add"]
    if name in KINDS:
        pipeline_rows.add(Affine(shift=3, rotate=10) if name == "Affine" else KINDS[name]())
        st.session_state[OPEN] = st.session_state[pipeline_rows.NEXT] - 1
    st.session_state["a_add"] = None


def _key(row: Row, name: str) -> str:
    return f"a_{row.number}_{name}"
