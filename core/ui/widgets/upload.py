"""A picture that a person gives, from a file or a camera: kept for the session, also while they are on another page."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.images.uploads import LIMITS
from core.ui import messages
from core.ui.messages import Markdown
from core.ui.state import page_state

TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"]
_HELP = "It is read on the machine that runs this app, shown to you alone, and gone with this session"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    id: str  # of this upload: a cache's key
    content: bytes


def picture(key: str, kind: Literal["upload", "webcam"] = "upload", *, label: str = "Your picture") -> Upload | None:
    """Draw the field and return the picture that was given, here or on an earlier visit of the page; None without."""
    own = page_state.key(key)
    if kind == "upload":
        file = st.file_uploader(label, type=TYPES, key=own, on_change=page_state.drop, args=(key,), help=_HELP)
        st.caption(f"{LIMITS}. It is made at most 512 px wide and high here.")
    else:
        file = st.camera_input("Your camera", key=own, on_change=page_state.drop, args=(key,), help=_HELP)
    if file is not None:
        return page_state.keep(key, Upload(file.name, file.file_id, file.getvalue()), file.size)
    kept: Upload | None = page_state.kept(key)
    if kept is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            messages.caption(Markdown("Shown is {}, which you gave before.").format(kept.name))
            st.button(
                "Remove it",
                key=f"{own}_remove",
                type="tertiary",
                icon=":material/close:",
                on_click=page_state.drop,
                args=(key,),
                help="Forgets this picture",
            )
    return kept
