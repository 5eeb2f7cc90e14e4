"""A class: its lessons, its polls and tasks, and what the instructor says to everybody. No Streamlit, no torch."""
