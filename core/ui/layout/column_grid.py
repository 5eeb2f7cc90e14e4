"""The column grids of all pages: equal columns, 2 : 1 and 1 : 2, so that edges line up from page to page."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Gap = Literal["small", "medium", "large"]
Align = Literal["top", "center", "bottom"]


def equal(count: int, *, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return columns of equal width, one for each thing that is compared."""
    return st.columns(count, gap=gap, vertical_alignment=align)


def halves(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns of equal width."""
    return equal(2, gap=gap, align=align)


def swiped(name: str, count: int, *, gap: Gap = "medium") -> Sequence[DeltaGenerator]:
    """Return equal columns that on a phone stay side by side, each as wide as the screen but for an edge of the next.

    Args:
        name: Of the container around them, unlike those of others on the page.
        count: How many.
        gap: Between them.
    """
    return st.container(key=f"swiped_{name}").columns(count, gap=gap)


def thirds(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return three columns of equal width."""
    return equal(3, gap=gap, align=align)


def main_and_side(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns, the first twice as wide as the second."""
    return st.columns([2, 1], gap=gap, vertical_alignment=align)


def side_and_main(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns, the second twice as wide as the first."""
    return st.columns([1, 2], gap=gap, vertical_alignment=align)
