"""Lay out the formulas of core.layers.formulas for the page."""

NEW_LINE = r" \\ "


def spaced(formula: str) -> str:
    """Return a formula with more space between its lines, so that its fractions do not touch."""
    return formula.replace(NEW_LINE, r" \\[0.8em] ")
