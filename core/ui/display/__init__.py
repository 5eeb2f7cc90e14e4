"""Values to words, colors, HTML and SVG. Pure functions."""
