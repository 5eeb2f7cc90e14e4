"""Streamlit widgets that several pages use."""
