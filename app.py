"""The front door: page config and navigation. Nothing else."""

import streamlit as st

from core.ui import shell

st.set_page_config(page_title="CNN Lab", page_icon=":material/grid_on:", layout="wide", initial_sidebar_state=230)
shell.navigation().run()
