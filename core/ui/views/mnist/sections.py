"""The tabs under the networks: their training, and its results: predictions, confusion matrices, export and more."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.runs.run import Run
from core.ui.run_panels import comparison_table, export
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.trained_run import Trained
from core.ui.views.mnist import mistakes, shuffled_pixels, try_digit
from core.ui.widgets import tabs

RESULTS = {
    "Try a digit": try_digit.show,
    "Confusion matrix": mistakes.show,
    "Export": export.show,
}


def show(
    training: Callable[[], None],
    trained: Sequence[Trained],
    contenders: Sequence[Contender],
    runs: Mapping[str, Run],
) -> None:
    """Draw the tabs; only the open one is computed.

    Args:
        training: Draws the curves.
        trained: The finished runs.
        contenders: What is trained.
        runs: Every run on the chart, by its name there.
    """

    def draw(section: Callable[[Sequence[Trained]], None]) -> None:
        if trained:
            section(trained)
        else:
            st.markdown("Train a network to see its results here.")

    contents: dict[str, Callable[[], None]] = {
        "Training": training,
        **{name: partial(draw, section) for name, section in RESULTS.items()},
        "Shuffled pixels": partial(shuffled_pixels.show, contenders),
        "All runs": partial(comparison_table.show, runs),
    }
    tabs.show("m_tab", contents, names=("training", "digit", "mistakes", "export", "shuffled", "runs"))
