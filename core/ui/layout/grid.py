"""The column grids of all pages: four ratios, so that edges on one page line up with those on the next."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Gap = Literal["small", "medium", "large"]
Align = Literal["top", "center", "bottom"]


def halves(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns of equal width."""
    return st.columns(2, gap=gap, vertical_alignment=align)


def thirds(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return three columns of equal width."""
    return st.columns(3, gap=gap, vertical_alignment=align)


def main_and_side(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns, the first twice as wide as the second."""
    return st.columns([2, 1], gap=gap, vertical_alignment=align)


def side_and_main(*, gap: Gap = "medium", align: Align = "top") -> Sequence[DeltaGenerator]:
    """Return two columns, the second twice as wide as the first."""
    return st.columns([1, 2], gap=gap, vertical_alignment=align)
