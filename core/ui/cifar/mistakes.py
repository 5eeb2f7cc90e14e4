"""Where the trained network errs: the confusion matrix, whose cells open their pictures, and the worst mistakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError, DatasetInfo
from core.insight.quality import in_cell, worst_mistakes
from core.ui import messages, mistakes, numbers, pictures
from core.ui.cifar import naming
from core.ui.trained import Trained, predictions, test_pictures

SHOWN = 12
TIMES = 3  # screen pixels a pixel
GONE = "This run's answers for the test pictures are not on this machine any more: train it again."


def show(one: Trained, info: DatasetInfo) -> None:
    """Draw the matrix and, beside it, the pictures of a cell, or the worst mistakes where none was clicked."""
    try:
        told, labels = predictions(one.run.folder)
    except FileNotFoundError:
        st.markdown(GONE)
        return
    counts = mistakes.matrix(one)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            f"**{naming.title(one.run.experiment)}** {mistakes.summary(counts, info.classes, verb='gets wrong')}"
        )
        most = int(mistakes.mistaken(counts).max())
        state = st.vega_lite_chart(
            mistakes.cells(counts, most, info.classes, right="named right"),
            mistakes.matrix_spec("picture", height=440, angle=-40, clickable=True),
            alt="Confusion matrix: what each class's test pictures are taken for. The text above names the commonest.",
            key=f"ci_matrix_{one.run.id}",
            on_select="rerun",
        )
        st.caption(f"Click a cell to see its pictures; the brighter, the more. {naming.standin(info)}".strip())
    with right:
        cell = clicked(state)
        if cell is None:
            st.markdown("**Worst mistakes**: wrong, and most certain of it.")
            places = worst_mistakes(labels, told)
        else:
            truth, said = (info.classes[place] for place in cell)
            st.markdown(
                f"**{mistakes.a(truth).capitalize()} taken for {mistakes.a(said)}**"
                if truth != said else f"**{mistakes.a(truth).capitalize()}, named right**"
            )  # fmt: skip
            places = in_cell(labels, told, *cell)
        _gallery(one, places, told, labels, info.classes)


def clicked(state: Any) -> tuple[int, int] | None:
    """(truth, answer) of the cell that is selected in the matrix; None for none."""
    picked = state.get("selection", {}).get(mistakes.CLICKED, []) if state else []
    match picked:
        case [{"truth": truth, "said": said}, *_]:
            return int(truth), int(said)
        case {"truth": [truth, *_], "said": [said, *_]}:
            return int(truth), int(said)
    return None


def _gallery(
    one: Trained, places: NDArray[np.int64], told: NDArray[Any], labels: NDArray[Any], names: Sequence[str]
) -> None:
    if not len(places):
        st.markdown("There is none.")
        return
    try:
        shown = test_pictures(one.run)
    except DataError as error:
        messages.line(error)
        return
    figures = [
        pictures.figure(
            shown[place],
            TIMES,
            f"Test picture {place}: {names[labels[place]]}",
            f"{names[labels[place]]}; it says <b>{names[int(told[place].argmax())]}</b> "
            f"{numbers.percent(float(told[place].max()), 0)}",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
    st.caption(
        f"{numbers.count(len(places))} pictures{f', the first {SHOWN} of them' if len(places) > SHOWN else ''}, the "
        f"most certain answers first. 32 × 32 pixels, 3 channels, shown {TIMES} times as large."
    )
