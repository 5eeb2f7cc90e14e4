"""Notes pinned to a stage that Streamlit draws: short ones with an arrow, until anything on the page was used once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.ui.components.kit import assets

KEY = "page_notes"  # of the clear pane that they stand on, over what is beside it in its row (page_frame.css)
ASSETS = assets(Path(__file__).parent, script="page_notes", styles="page_notes", notes=True)
_mount = st.components.v2.component("cnn_lab.page_notes", css=ASSETS.css, js=ASSETS.js)


@dataclass(frozen=True, slots=True)
class Note:
    """A note, as `Note` of kit/notes.js."""

    at: str  # CSS selector of what it speaks of
    text: str  # a few words
    side: Literal["left", "right", "above", "below"]
    along: float = 0.5
    wide: int = 168  # px that it is at most


def pin(name: str, notes: Sequence[Note], *, clear: str) -> None:
    """Pin notes to the columns that this is called in.

    Args:
        name: The page's, in the browser's storage.
        notes: Up to three.
        clear: CSS selector of what else no note may cover.
    """
    with st.container(key=KEY):
        _mount(key=f"{KEY}_{name}", data={"name": name, "notes": [asdict(note) for note in notes], "clear": clear})
