"""The rows of the pipeline editor: one step each, on or off, kept in the session and in the URL.

`a_pipeline` in the URL is a list like a pipeline's JSON, where a disabled step also has "off": true; or the name of a
preset. Links to other pages leave out disabled steps.
"""

import json
from dataclasses import dataclass, field, replace

import streamlit as st

from core.training.augmentation.pipeline import MAX_JSON_CHARACTERS, PRESETS, Pipeline
from core.training.augmentation.specs import MIXING, from_data, to_data
from core.training.augmentation.step import PipelineError, Step
from core.ui.state import query

KEY = "a_rows"
NEXT = "augmentation_next_row"  # outlasts "Start afresh": a browser would fill in the old row of the same number
LINK = "a_pipeline"  # in the URL, bound to no widget
START = "notes"  # the preset of a fresh visit


@dataclass(frozen=True, slots=True)
class Row:
    """A step of the editor. Its number identifies its widgets and does not count in comparisons."""

    number: int = field(compare=False)
    step: Step
    on: bool = True


def current() -> tuple[Row, ...]:
    """Return the session's rows; on a first visit those of the link, or of a preset."""
    linked = query.take(LINK)
    if KEY not in st.session_state:
        try:
            _keep(_of(PRESETS[START]) if linked is None else _decoded(linked))
        except PipelineError as error:
            _keep(_of(PRESETS[START]))
            query.report(f"The link's augmentation cannot be read. {error}")
    rows: tuple[Row, ...] = st.session_state[KEY]
    return rows


def pipeline(rows: tuple[Row, ...]) -> Pipeline:
    """Return the steps that are on. Raises PipelineError."""
    return Pipeline(tuple(row.step for row in rows if row.on))


def take(chosen: Pipeline) -> None:
    """Replace all rows by a pipeline. For callbacks."""
    _keep(_of(chosen))


def restore(rows: tuple[Row, ...]) -> None:
    """Restore earlier rows. For callbacks."""
    st.session_state[NEXT] = max([st.session_state.get(NEXT, 0), *(row.number + 1 for row in rows)])
    _keep(rows)


def paste(text: str) -> None:
    """Replace all rows by a pipeline's JSON. Raises PipelineError."""
    _keep(_of(Pipeline.from_json(text)))


def add(step: Step) -> None:
    """Add a step at the end, but before one that mixes pictures. For callbacks."""
    rows = current()
    at = len(rows) - 1 if rows and isinstance(rows[-1].step, MIXING) else len(rows)
    _keep((*rows[:at], Row(_number(), step), *rows[at:]))


def change(number: int, step: Step) -> None:
    """Replace a row's step."""
    _keep(tuple(replace(row, step=step) if row.number == number else row for row in current()))


def switch(number: int, on: bool) -> None:
    """Switch a row on or off."""
    _keep(tuple(replace(row, on=on) if row.number == number else row for row in current()))


def remove(number: int) -> None:
    """Remove a row. For callbacks."""
    _keep(tuple(row for row in current() if row.number != number))


def move(number: int, by: int) -> None:
    """Move a row up or down. For callbacks."""
    rows = list(current())
    position = next(index for index, row in enumerate(rows) if row.number == number)
    rows.insert(position + by, rows.pop(position))
    _keep(tuple(rows))


def link(rows: tuple[Row, ...]) -> str:
    """Write the rows to the page's URL, and return their text."""
    text = _encoded(rows)
    query.write(LINK, None if text == START else text)
    return text


def preset_of(rows: tuple[Row, ...]) -> str | None:
    """Return the name of the preset with exactly these rows; None without one."""
    if all(row.on for row in rows):
        for name, preset in PRESETS.items():
            if preset.steps == tuple(row.step for row in rows):
                return name
    return None


def _encoded(rows: tuple[Row, ...]) -> str:
    if name := preset_of(rows):
        return name
    data = [to_data(row.step) | ({} if row.on else {"off": True}) for row in rows]
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _decoded(text: str) -> tuple[Row, ...]:
    """Return the rows of a text from the URL. Raises PipelineError."""
    try:
        data = json.loads(text) if len(text) <= MAX_JSON_CHARACTERS else None
    except (ValueError, RecursionError):
        data = text
    if not isinstance(data, list):
        return _of(Pipeline.from_data(data))
    ons = [not _off(step) for step in data]
    Pipeline.from_data(data)  # for its checks
    return tuple(Row(_number(), from_data(step), on) for step, on in zip(data, ons, strict=True))


def _off(step: object) -> bool:
    """Take "off" out of a step's data, and return it. Raises PipelineError."""
    off = step.pop("off", False) if isinstance(step, dict) else False
    if not isinstance(off, bool):
        raise PipelineError(f"off of a step is true or false; got {off!r:.40}.")
    return off


def _of(chosen: Pipeline) -> tuple[Row, ...]:
    return tuple(Row(_number(), step) for step in chosen.steps)


def _number() -> int:
    number: int = st.session_state.get(NEXT, 0)
    st.session_state[NEXT] = number + 1
    return number


def _keep(rows: tuple[Row, ...]) -> None:
    st.session_state[KEY] = rows
