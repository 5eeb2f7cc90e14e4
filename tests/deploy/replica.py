"""A small app that says which replica it is: the tests of the proxy run two."""

import os

import streamlit as st

st.write(f"replica {os.environ['REPLICA']}.")
if file := st.file_uploader("A file"):
    st.write(f"{len(file.getvalue())} bytes.")
