"""Confusion matrices whose cells open their pictures, and the digits that one network reads and another misreads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.calibration import in_cell
from core.insight.confusion import confusion_matrix, disagreements
from core.ui import messages
from core.ui.backend import client
from core.ui.display import colors, image_html, numbers, scores
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures

SHOWN = 18  # pictures in a gallery
TIMES = 3  # screen pixels a pixel
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


@dataclass(frozen=True, slots=True)
class Kind:
    """What a test set's pictures are of, and how that is said."""

    names: Sequence[str]  # of the classes
    noun: str = "picture"
    right: str = "named right"
    size: str = "32 × 32 pixels, 3 channels"


OF_DIGITS = Kind(DIGITS, "digit", "read right", "28 × 28 pixels, 1 channel")


def show(trained: Sequence[Trained]) -> None:
    """Draw both. Says so where a run's answers are not there."""
    try:
        matrices = [matrix(one) for one in trained]
    except FileNotFoundError:
        st.markdown("This run's answers for the test digits are not on this machine any more: train it again.")
        return
    st.caption(
        "On the diagonal: digits read right. Off it: one taken for another, the brighter the more often. Click a cell "
        f"to see its digits. {client.caveat(trained[0].run.experiment.data)}".strip()
    )
    most = max(int(mistaken(counts).max()) for counts in matrices)
    for column, one, counts in zip(st.columns(len(trained), gap="medium"), trained, matrices, strict=True):
        with column:
            st.markdown(f"**{one.name}** {summary(counts)}")
            cell = clicked(draw_matrix(one, counts, most, OF_DIGITS))
            if cell is not None:
                draw_cell(one, cell, OF_DIGITS)
    if len(trained) > 1:
        _gallery(trained)


def draw_matrix(
    one: Trained, counts: NDArray[np.int64], most: int, kind: Kind, *, height: int = 320, angle: int = 0
) -> Any:
    """Draw a run's confusion matrix. Returns its selection, which `clicked` reads.

    `most` mistakes in a cell are the brightest; `angle` turns the names along the x-axis, in degrees.
    """
    return st.vega_lite_chart(
        cells(counts, most, kind.names, right=kind.right),
        matrix_spec(kind.noun, height=height, angle=angle, clickable=True),
        alt=f"Confusion matrix of {one.name}: what each class's test {kind.noun}s are taken for. The text above names "
        "the commonest mistake.",
        key=f"matrix_{one.run.id}",
        on_select="rerun",
    )


def clicked(state: Any) -> tuple[int, int] | None:
    """(truth, answer) of the cell that is selected in a matrix; None for none."""
    picked = state.get("selection", {}).get(CLICKED, []) if state else []
    match picked:
        case [{"truth": truth, "said": said}, *_]:
            return int(truth), int(said)
        case {"truth": [truth, *_], "said": [said, *_]}:
            return int(truth), int(said)
    return None


def draw_cell(one: Trained, cell: tuple[int, int], kind: Kind) -> None:
    """Draw the pictures of a cell, (truth, answer), of a run's matrix. Raises FileNotFoundError."""
    told, labels = predictions(one.run.folder)
    truth, said = (kind.names[place] for place in cell)
    named = f"{a(truth)} taken for {a(said)}" if truth != said else f"{a(truth)}, {kind.right}"
    st.markdown(f"**{named[0].upper()}{named[1:]}**")
    gallery(one, in_cell(labels, told, *cell), kind)


def gallery(one: Trained, places: NDArray[np.int64], kind: Kind) -> None:
    """Draw the test pictures at these places, each with its class and the answer. Raises FileNotFoundError."""
    if not len(places):
        st.markdown("There is none.")
        return
    told, labels = predictions(one.run.folder)
    try:
        shown = test_pictures(one.run)
    except DataError as error:
        messages.error(error)
        return
    names = kind.names
    figures = [
        image_html.figure(
            shown[place],
            TIMES,
            f"Test {kind.noun} {place}: {names[labels[place]]}",
            f"{escape(names[labels[place]])}; it says <b>{escape(names[int(told[place].argmax())])}</b> "
            f"{numbers.percent(float(told[place].max()), 0)}",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
    views = scores.views_note(one.run.experiment.test_time)
    st.caption(f"{_how_many(len(places), kind)}, the most certain answers first. {views} {_shown_as(kind)}")


def _how_many(count: int, kind: Kind) -> str:
    first = f", the first {SHOWN} of them" if count > SHOWN else ""
    return f"{numbers.count(count)} {kind.noun}{'' if count == 1 else 's'}{first}"


def _shown_as(kind: Kind) -> str:
    return f"{kind.size}, shown {TIMES} times as large."


def matrix(one: Trained) -> NDArray[np.int64]:
    """A run's confusion matrix on its test set. Raises FileNotFoundError."""
    probabilities, labels = predictions(one.run.folder)
    return confusion_matrix(labels, probabilities.argmax(axis=1), probabilities.shape[1])


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


def a(name: str) -> str:
    """A class with its article: "a 4", "an airplane"."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def mistaken(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """A confusion matrix without its diagonal."""
    return counts - np.diag(np.diag(counts))


def _gallery(trained: Sequence[Trained]) -> None:
    pairs = list(permutations(trained, 2))
    right, wrong = pairs[
        st.selectbox(
            "Digits that",
            range(len(pairs)),
            len(pairs) - 1 if len(pairs) == 2 else 0,
            format_func=lambda i: f"{pairs[i][0].name} reads and {pairs[i][1].name} misreads",
            key="m_pair",
            help="First those where the two differ most in the probability they give to the true digit.",
        )
    ]
    sure_right, labels = predictions(right.run.folder)
    sure_wrong, others = predictions(wrong.run.folder)
    if not np.array_equal(labels, others):
        st.markdown("These two runs were tested on different digits, so they cannot be compared digit by digit.")
        return
    places = disagreements(labels, sure_right, sure_wrong, right="a")
    try:
        digits = test_pictures(right.run)
    except DataError as error:
        messages.line(error)
        return
    views = scores.views_note(wrong.run.experiment.test_time)
    st.caption(f"{_how_many(len(places), OF_DIGITS)}. {views} {_shown_as(OF_DIGITS)}")
    figures = [
        image_html.figure(
            digits[place],
            TIMES,
            f"Test digit {place}, a {labels[place]}",
            f"a {labels[place]}; {wrong.name.split(':')[0]} says <b>{sure_wrong[place].argmax()}</b> "
            f"({numbers.percent(float(sure_wrong[place].max()), 0)})",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
