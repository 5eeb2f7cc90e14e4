"""A field for a long text, which the session keeps on other pages and while it has not been used yet."""

import streamlit as st


def draw(key: str, label: str, *, most: int, help: str, height: int = 160, placeholder: str | None = None) -> str:
    """Draw the field and return its text. Starting the page afresh empties it.

    Args:
        key: The widget's key; it begins as the page's keys do.
        label: What the text is.
        most: The largest number of characters.
        help: What it may hold.
        height: In px.
        placeholder: An example, shown while the field is empty.
    """
    kept = f"{key}_kept"  # a widget's own value is gone as soon as another page is drawn
    st.session_state.setdefault(key, st.session_state.get(kept, ""))
    text = st.text_area(label, key=key, height=height, max_chars=most, placeholder=placeholder, help=help) or ""
    st.session_state[kept] = text
    return text


def empty(key: str) -> None:
    """Empty the field: a file is loaded instead. For callbacks."""
    st.session_state[key] = ""
