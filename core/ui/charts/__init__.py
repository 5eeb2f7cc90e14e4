"""Charts, built with Altair, and their data tables. No module imports Streamlit."""
