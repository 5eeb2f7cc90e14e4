"""Charts, built with Altair, and the tables of their rows. No Streamlit in here."""
