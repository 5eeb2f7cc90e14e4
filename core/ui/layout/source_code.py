"""Show the source of the open page, and of the functions of core that it calls, in a dialog."""

from collections.abc import Sequence

import streamlit as st

from core.ui.layout import source_index

MAX_LINKS = 40  # in one list; the selection box has all


def button(page: str) -> None:
    """Show the button that opens the source of `page`, the name of a registered page."""
    if st.button(
        "Source code of this page",
        key="source_open",
        icon=":material/code:",
        type="tertiary",
        help="The Python file of this page and the functions that it calls, as they run here.",
    ):
        _dialog(page)


@st.dialog("Source code", width="large")
def _dialog(page: str) -> None:
    index = source_index.parts(page)
    key = f"source_of_{page}"
    name = st.selectbox(
        "File, function or class",
        list(index),
        key=key,
        help="First the page, then the code that computes, then the code that draws (core.ui). Type to search.",
    )
    part = index[name]
    last = part.line + part.source.count("\n")
    st.caption(f"{part.path}, lines {part.line} to {last}")
    _links("Calls", part.calls, key)
    _links("Called by", source_index.callers(name, index), key)
    st.code(part.source, language="python", wrap_lines=True)


def _links(title: str, names: Sequence[str], key: str) -> None:
    """Show a row of buttons, each of which opens the part it names."""
    if not names:
        return
    with st.container(horizontal=True, gap="small", key=f"source_{title.replace(' ', '_').lower()}"):
        st.markdown(f"**{title}**", width="content")
        for name in names[:MAX_LINKS]:
            st.button(
                _short(name),
                key=f"{key}_{title}_{name}",
                type="tertiary",
                help=name,
                on_click=_open,
                args=(key, name),
            )
        if len(names) > MAX_LINKS:
            st.markdown(f"and {len(names) - MAX_LINKS} more", width="content")


def _short(name: str) -> str:
    """Return the last two parts of a dotted name, `pooling.pool`; a file as it is."""
    return name if "/" in name else ".".join(name.split(".")[-2:])


def _open(key: str, name: str) -> None:
    st.session_state[key] = name
