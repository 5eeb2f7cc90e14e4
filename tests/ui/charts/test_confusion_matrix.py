"""Confusion matrices on the screen."""

import numpy as np

from core.ui.charts.confusion_matrix import cells, summary
from core.ui.display import colors


def test_the_commonest_mistake_is_named() -> None:
    counts = np.diag(np.full(10, 90))
    counts[4, 9], counts[7, 2] = 7, 3
    assert summary(counts) == "misclassifies 10 of 910 test digits; most often a 4 as a 9: 7 times."
    assert summary(np.diag(np.full(10, 90))) == "misclassifies 0 of 900 test digits."


def test_cells_are_brightest_where_mistakes_are_most() -> None:
    counts = np.diag(np.full(10, 90))
    counts[4, 9], counts[7, 2] = 8, 1
    rows = cells(counts, most=8).set_index(["truth", "prediction"])
    assert rows.loc[(4, 9), "fill"] == colors.VIRIDIS[-1]
    assert rows.loc[(7, 2), "fill"] == colors.VIRIDIS[1]
    assert rows.loc[(0, 1), "text"] == ""
    assert rows.loc[(4, 4), "label"] == "90 of 98 times a 4 was classified correctly"
