"""Draw a download button that does not rerun the page."""

import streamlit as st


def download_button(label: str, content: str | bytes, file: str, kind: str, *, key: str, help: str) -> None:
    """Draw a button that saves `content` as `file`.

    Args:
        label: The button's text.
        content: The file's content.
        file: The file's name.
        kind: The file's MIME type.
        key: The widget's key.
        help: What the file contains.
    """
    st.download_button(label, content, file, kind, key=key, icon=":material/download:", on_click="ignore", help=help)
