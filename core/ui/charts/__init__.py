"""Vega-Lite specifications and their tables. Pure functions."""
