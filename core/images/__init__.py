"""What an image is and what a filter does to it. NumPy and SciPy only."""
