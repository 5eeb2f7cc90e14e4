"""Write the page's URL."""

import streamlit as st


def write(name: str, value: str | None) -> None:
    """One parameter of the URL, or none. Only a change is written: each write goes to the browser."""
    if value is None and name in st.query_params:
        del st.query_params[name]
    elif value is not None and st.query_params.get(name) != value:
        st.query_params[name] = value
