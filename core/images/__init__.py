"""Images as arrays of numbers, and what filters and pooling do to them. No torch, no Streamlit."""
