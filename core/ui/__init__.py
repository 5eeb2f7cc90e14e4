"""The only Streamlit in core: shell, pickers, the live run panel, chart builders, browser components."""
