"""Notes pinned to a stage that Streamlit draws: a few short ones with an arrow, until the stage was used once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="stage_notes", notes=True)
_mount = st.components.v2.component("cnn_lab.stage_notes", css=ASSETS.css, js=ASSETS.js)


@dataclass(frozen=True, slots=True)
class Note:
    """A few words beside what they speak of.

    Attributes:
        at: CSS selector of what it speaks of, within the stage.
        text: The words.
        side: Where it stands, where there is room.
        along: Where along that side its arrow ends, from 0 to 1.
        gap: CSS pixels from it to the note.
    """

    at: str
    text: str
    side: Literal["left", "right", "above", "below"]
    along: float = 0.5
    gap: int = 40


def stage_notes(name: str, notes: Sequence[Note], covers: str) -> None:
    """Pin notes to the stage that this is called in; they are gone once it was used.

    Args:
        name: Of the page, in the browser's storage.
        notes: The notes.
        covers: CSS selector of what no note may cover.
    """
    _mount(key=f"notes_{name}", data={"name": name, "notes": [asdict(note) for note in notes], "covers": covers})
