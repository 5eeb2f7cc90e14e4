"""Draw the editor of the pipeline: presets, one row per step with its settings, and a picker of new steps."""

from dataclasses import replace

import streamlit as st

from core.training.augmentation.pipeline import MAX_JSON_CHARACTERS, MAX_STEPS, PRESETS, Pipeline
from core.training.augmentation.specs import KINDS, MIXING, Affine
from core.training.augmentation.step import Choice, PipelineError, Range
from core.training.augmentation.step import settings as settings_of
from core.ui import messages
from core.ui.components.undo_redo import undo_redo
from core.ui.state import pipeline_link
from core.ui.state.settings import Settings
from core.ui.views.augmentation import pipeline_rows, preview
from core.ui.views.augmentation.pipeline_rows import Row
from core.ui.widgets import pasted_text

PRESET_NAMES = {
    "none": "None",
    "gentle": "Gentle",
    "notes": "Course notes",
    "standard": "CIFAR",
    "records": "Records",
    "strong": "Strong",
}
_PRESET_HELP = {
    "none": "No steps: the unchanged picture",
    "gentle": "Small shifts and rotations, as handwriting has by itself",
    "notes": "The course notes (the lecture notes behind this app): random scale, rotation and crop",
    "standard": "Standard in papers on CIFAR-10: 4 px padding, random crop, flip",
    "records": "Used in CIFAR-10 speed records (airbench): 2 px padding, random crop, flip every other epoch",
    "strong": "Many steps at once, and CutMix",
}
SEED_WIDTH = 128  # px
OPEN = "a_open"  # in the session: the row that is expanded, the one added last
PRESET = "a_preset"  # in the session: the preset that is pressed
LABELS = {
    "p": "Probability p",
    "degrees": "Maximum angle (±°)",
    "shift": "Shift (px)",
    "rotate": "Rotate (°)",
    "shear": "Shear (°)",
    "padding": "Padding (px)",
    "alternating": "Alternating",
    "least": "Smallest area (share of the picture)",
    "most": "Largest area (share of the picture)",
    "stretch": "Stretch (factor)",
    "ops": "Operations",
    "std": "Standard deviation",
    "hue": "Hue (share of the color wheel)",
}


def label(name: str) -> str:
    """Return the label of a setting, with its unit."""
    return LABELS.get(name, name.capitalize())


def presets() -> None:
    """Draw the presets, which replace all steps; the one that the page has is pressed."""
    st.session_state[PRESET] = pipeline_rows.preset_of(_rows())
    st.pills(
        "Ready steps",
        list(PRESET_NAMES),
        key=PRESET,
        format_func=PRESET_NAMES.__getitem__,
        on_change=_replace,
        label_visibility="collapsed",
        help="\n".join(f"- {PRESET_NAMES[name]}: {text}." for name, text in _PRESET_HELP.items()),
        width="content",
    )


def pick(settings: Settings) -> tuple[Pipeline, int]:
    """Draw the steps, the picker of new ones and the seed; return the steps that are on, in order, and the seed."""
    rows = _rows()
    with st.container(key="a_steps", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Steps**, in their order", width="content")
            undo_redo("pipeline", rows, _restore, what="the steps")
        opened = st.session_state.get(OPEN)
        for index, row in enumerate(rows):
            _row(row, index, len(rows), row.number == opened)
        seed = _adder(rows, settings)
    edited = pipeline_rows.current()
    pipeline_rows.link(edited)
    return pipeline_rows.pipeline(edited), seed


def _rows() -> tuple[Row, ...]:
    """Return the session's rows with their widgets' current values."""
    return tuple(_synced(row) for row in pipeline_rows.current())


def _replace() -> None:
    """Replace the steps by those of the preset that was pressed; one that is pressed again stays."""
    if (name := st.session_state[PRESET]) is not None:
        st.session_state.pop(OPEN, None)
        pipeline_rows.take(PRESETS[name])


def _restore(rows: tuple[Row, ...]) -> None:
    """Restore earlier rows and their widgets."""
    pipeline_rows.restore(rows)
    for row in rows:
        st.session_state[_key(row, "on")] = row.on
        for name in settings_of(row.step):
            st.session_state[_key(row, name)] = getattr(row.step, name)


def _synced(row: Row) -> Row:
    """Return the row with its widgets' current values; they are drawn below the row's title."""
    values = {name: st.session_state.get(_key(row, name), getattr(row.step, name)) for name in settings_of(row.step)}
    step = replace(row.step, **values)
    on = bool(st.session_state.get(_key(row, "on"), row.on))
    if step != row.step:
        pipeline_rows.change(row.number, step)
    if on != row.on:
        pipeline_rows.switch(row.number, on)
    return Row(row.number, step, on)


def _row(row: Row, index: int, count: int, opened: bool) -> None:
    title, name = f"**{index + 1}** {pipeline_link.step_words(row.step)}", pipeline_link.NAMES[row.step.name]
    with st.container(horizontal=True, gap="small", key=f"a_row_{row.number}"):
        with st.expander(title, expanded=opened, key=f"a_step_{row.number}", on_change="ignore"):
            st.caption(type(row.step).__doc__ or "")
            for setting_name, setting in settings_of(row.step).items():
                _setting(row, setting_name, setting)
            mixes = isinstance(row.step, MIXING)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _button(row, "Up", "arrow_upward", pipeline_rows.move, (row.number, -1), index == 0 or mixes)
                next_mixes = index == count - 2 and isinstance(pipeline_rows.current()[-1].step, MIXING)
                _button(
                    row, "Down", "arrow_downward", pipeline_rows.move, (row.number, 1), index == count - 1 or next_mixes
                )
                _button(row, "Remove", "delete", pipeline_rows.remove, (row.number,), False)
        st.toggle(
            f"{name} on",
            row.on,
            key=_key(row, "on"),
            label_visibility="collapsed",
            help="Off: disabled; stays in the list",
        )


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


def _adder(rows: tuple[Row, ...], settings: Settings) -> int:
    """Draw the picker of new steps, the seed, and a popover with the field for JSON; return the seed."""
    if len(rows) >= MAX_STEPS:
        st.caption(f"At most {MAX_STEPS} steps.")
    else:
        mixes = bool(rows) and isinstance(rows[-1].step, MIXING)
        st.selectbox(
            "Add a step",
            [name for name, kind in KINDS.items() if not (mixes and kind in MIXING)],
            index=None,
            format_func=lambda name: f"{pipeline_link.NAMES[name][0].upper()}{pipeline_link.NAMES[name][1:]}",
            key="a_add",
            placeholder="Add a step …",
            help="Added at the end; move it with its arrows",
            on_change=_add,
            label_visibility="collapsed",
        )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with st.container(width=SEED_WIDTH):
            seed = preview.seed(settings)
        with st.popover("JSON", icon=":material/content_paste:", help="Replace the steps by an exported augmentation"):
            _paster()
    return seed


def _paster() -> None:
    """Draw the field that replaces all steps by an augmentation's JSON."""
    text = pasted_text.draw(
        "a_json",
        "JSON of an augmentation",
        most=MAX_JSON_CHARACTERS,
        help=f"A list of steps, at most {MAX_JSON_CHARACTERS:,} characters",
    )
    if st.button("Load", key="a_use", help="Replace the steps by those of the JSON") and text:
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
