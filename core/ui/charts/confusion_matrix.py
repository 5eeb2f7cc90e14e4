"""A confusion matrix as a chart: its specification, its table, and its summary in words."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ui.display import colors, numbers
from core.ui.display.words import a

DIGITS = tuple("0123456789")


DIAGONAL_INK = "#7A828E"  # legible on the paper of both themes


_AXIS = {"type": "ordinal", "sort": None, "axis": {"ticks": False, "domain": False, "grid": False}}


CLICKED = "cell"  # the selection of a matrix that can be clicked: one row of `cells`, its "truth" and "said"


@lru_cache
def matrix_spec(what: str = "digit", *, height: int = 320, angle: int = 0, clickable: bool = False) -> dict[str, Any]:
    """A confusion matrix of `cells`; `angle` turns the names along the x-axis, in degrees."""
    pick = {"name": CLICKED, "select": {"type": "point", "fields": ["truth", "said"], "on": "click"}}
    x_axis = {**_AXIS["axis"], "labelAngle": angle, "labelOverlap": False}  # type: ignore[dict-item]
    return {
        "height": height,
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {
            "x": {**_AXIS, "axis": x_axis, "field": "answer", "title": "What the network answers"},
            "y": {**_AXIS, "field": "digit", "title": f"What the {what} is"},
            "tooltip": [{"field": "told", "title": f"Test {what}s"}],
        },
        "layer": [
            {
                "params": [pick] if clickable else [],
                "mark": {"type": "rect", "cornerRadius": 2, **({"cursor": "pointer"} if clickable else {})},
                "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {"text": {"field": "text"}, "color": {"field": "ink", "type": "nominal", "scale": None}},
            },
        ],
    }


def summary(counts: NDArray[np.int64], names: Sequence[str] = DIGITS, *, verb: str = "misreads") -> str:
    """How many are mistaken, and which mistake is commonest."""
    wrong = mistaken(counts)
    what = "digits" if names is DIGITS else "pictures"
    text = f"{verb} {numbers.count(int(wrong.sum()))} of {numbers.count(int(counts.sum()))} test {what}"
    if not wrong.any():
        return f"{text}."
    truth, answer = divmod(int(wrong.argmax()), len(names))
    times = int(wrong.max())
    return (
        f"{text}; most often it takes {a(names[truth])} for {a(names[answer])}: "
        f"{times} {'time' if times == 1 else 'times'}."
    )


def cells(
    counts: NDArray[np.int64], most: int, names: Sequence[str] = DIGITS, *, right: str = "read right"
) -> pd.DataFrame:
    """One row a cell: digit and answer by name, truth and said by number, text, colors, and what it means in words.

    `most` mistakes in a cell are the brightest. `right` says what was done to those on the diagonal.
    """
    rows = []
    for truth, is_ in enumerate(names):
        for said, answer in enumerate(names):
            count = int(counts[truth, said])
            if truth == said:
                fill, ink = "transparent", DIAGONAL_INK
                told = f"{numbers.count(count)} of {numbers.count(counts[truth].sum())} times {a(is_)} was {right}"
            else:
                fill, ink = colors.viridis(count / max(most, 1)) if count else ("transparent", DIAGONAL_INK)
                told = f"{numbers.count(count)} times {a(is_)} was taken for {a(answer)}"
            rows.append((is_, answer, truth, said, numbers.count(count) if count else "", fill, ink, told))
    return pd.DataFrame(rows, columns=["digit", "answer", "truth", "said", "text", "fill", "ink", "told"])


def mistaken(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """A confusion matrix without its diagonal."""
    return counts - np.diag(np.diag(counts))
