"""The one button that saves a file: it never runs the page again."""

import streamlit as st


def download_button(label: str, content: str | bytes, file: str, kind: str, *, key: str, help: str) -> None:
    """Draw a button that saves `content` as `file`.

    Args:
        label: what the button says.
        content: of the file.
        file: its name.
        kind: its MIME type.
        key: of the widget.
        help: what is in the file.
    """
    st.download_button(label, content, file, kind, key=key, icon=":material/download:", on_click="ignore", help=help)
