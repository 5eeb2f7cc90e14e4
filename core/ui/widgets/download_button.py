"""Draw a download button that does not rerun the page."""

from collections.abc import Callable

import streamlit as st


def download_button(
    label: str, content: str | bytes | Callable[[], str | bytes], file: str, kind: str, *, key: str, help: str
) -> None:
    """Draw a button that saves `content` as `file`.

    Args:
        label: The button's text.
        content: The file's content; a function is called only when the button is pressed.
        file: The file's name.
        kind: The file's MIME type.
        key: The widget's key.
        help: What the file contains.
    """
    st.download_button(label, content, file, kind, key=key, icon=":material/download:", on_click="ignore", help=help)
