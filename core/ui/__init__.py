"""The only Streamlit in core: each page's view, and below the views what they share, by kind."""
