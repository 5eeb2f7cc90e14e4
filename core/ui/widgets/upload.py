"""Take a picture from a file or a camera, or another file, and keep it for the session, also across pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.images.uploads import LIMITS
from core.ui import messages
from core.ui.messages import Markdown
from core.ui.state import page_state

TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"]
_HELP = "Read on the machine that runs this app, shown only to you, and deleted when your session ends"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, unchanged."""

    name: str
    id: str  # of this upload, as a cache key
    content: bytes


def picture(
    key: str,
    kind: Literal["upload", "webcam"] = "upload",
    *,
    label: str = "Your picture",
    done: Callable[[], None] | None = None,
) -> Upload | None:
    """Draw the field and return the uploaded picture, also one from an earlier visit of the page; None without one.

    `done` is called once there is a new picture, before the page reruns.
    """
    widget_key = page_state.upload_key(key)

    def changed() -> None:
        page_state.drop(key)
        if done and st.session_state.get(widget_key) is not None:
            done()

    if kind == "upload":
        file = st.file_uploader(label, type=TYPES, key=widget_key, on_change=changed, help=_HELP)
        st.caption(f"{LIMITS}. Larger pictures are reduced to at most 512 px.")
    else:
        file = st.camera_input("Your camera", key=widget_key, on_change=changed, help=_HELP)
    return _kept(key, file)


def file(key: str, types: list[str], label: str, *, help: str) -> Upload | None:
    """Draw the field for a file with one of the endings, and do as `picture` does."""
    about = f"{help}. {_HELP}"
    sent = st.file_uploader(
        label, type=types, key=page_state.upload_key(key), on_change=page_state.drop, args=(key,), help=about
    )
    return _kept(key, sent)


def _kept(key: str, file: UploadedFile | None) -> Upload | None:
    """Keep the file; without one, return that of an earlier visit, with a button that removes it."""
    if file is not None:
        return page_state.keep(key, Upload(file.name, file.file_id, file.getvalue()), file.size)
    kept: Upload | None = page_state.kept(key)
    if kept is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            messages.caption(Markdown("This is {}, which you uploaded earlier.").format(kept.name))
            st.button(
                "Remove",
                key=f"{page_state.key(key)}_remove",
                type="tertiary",
                icon=":material/close:",
                on_click=page_state.drop,
                args=(key,),
                help="Delete this file from the session",
            )
    return kept
