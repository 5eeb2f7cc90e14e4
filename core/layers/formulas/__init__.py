"""The formulas of layers as LaTeX, in the letters of the course notes, first symbolic, then with numbers."""
