"""Turn values into words, colors, HTML and SVG. Pure functions."""
