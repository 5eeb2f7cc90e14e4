"""What all charts share: one look, made once, with rows that have every column a chart draws."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pytest
from altair.utils.schemapi import SchemaValidationError

from core.insight.robustness import Share
from core.ui.charts import base, confusion_matrix, learning_curves
from core.ui.views.augmentation import histograms
from core.ui.views.capsules import affnist_chart, length_and_direction_charts
from core.ui.views.cifar import calibration, gap_chart, rate_chart, time_to_accuracy
from core.ui.views.invariance import charts as invariance
from core.ui.views.kernels import kernel_facts
from core.ui.views.layer_calculator import cost_breakdown, size_curves
from core.ui.views.pooling import shift_response

# Made by the first test that needs them: each is kept by its function.
ALL = {
    "accuracy": partial(learning_curves.learning_curves, "accuracy", "epochs", 80, theme="dark"),
    "loss": partial(learning_curves.learning_curves, "loss", "seconds", continued=True),
    "matrix": partial(confusion_matrix.matrix_spec, clickable=True),
    "time to accuracy": partial(time_to_accuracy.spec, "dark", True),
    "gap": partial(gap_chart.spec, "images"),
    "rate": partial(rate_chart.spec, "epochs", "dark"),
    "range test": partial(rate_chart.range_spec),
    "calibration": partial(calibration.reliability_spec),
    "heat": partial(invariance.heat, "Accuracy", 0),
    "curves": partial(invariance.curves, "Moved right (px)", -8.0, 8.0),
    "claim length": partial(length_and_direction_charts.panel, "length", "Rotated by (°)", -90.0, 90.0),
    "claim direction": partial(length_and_direction_charts.panel, "direction", "Rotated by (°)", -90.0, 90.0),
    "claim record": partial(affnist_chart.dots, 4),
    "pooling": partial(shift_response.chart, "change"),
    "cost": partial(cost_breakdown.spec, "dark"),
    "size": partial(size_curves.spec, "F", "light"),
    "response": partial(kernel_facts.response_spec),
    "histograms": partial(histograms.bars_spec),
    "operations": partial(histograms.operations_spec),
}


def found(spec: Any, key: str) -> Iterator[Any]:
    """Yield every value under `key`, however deep."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(spec, list):
        for value in spec:
            yield from found(value, key)


@pytest.mark.parametrize("name", ALL)
def test_every_chart_has_the_theme_and_no_data(name: str) -> None:
    spec = ALL[name]()
    theme = base.theme()
    assert spec["usermeta"] == theme["usermeta"]
    assert {part: spec["config"][part] for part in theme["config"]} == theme["config"]
    assert not {"data", "datasets", "$schema"} & set(spec)
    assert not any("name" in data or "values" in data for data in found(spec, "data"))  # Streamlit's rows reach all


@pytest.mark.parametrize("name", ALL)
def test_a_selections_view_is_in_its_chart(name: str) -> None:
    names = set(found(ALL[name]()["layer"], "name")) if "layer" in ALL[name]() else set()
    for parameter in ALL[name]().get("params", []):
        assert set(parameter["views"]) <= names


def test_a_chart_is_made_once_for_each_set_of_options() -> None:
    built: list[float] = []

    @base.built_once
    def chart(size: float, *, color: str = "red") -> alt.Chart:
        built.append(size)
        return alt.Chart().mark_circle(size=size, color=color).encode(x=alt.X(field="x", type="quantitative"))

    assert chart(3) is chart(3)
    assert chart(3, color="blue") is not chart(3)
    assert built == [3, 3]
    assert chart(3)["mark"] == {"type": "circle", "size": 3, "color": "red"}


def test_a_chart_that_is_no_vega_lite_is_not_made() -> None:
    @base.built_once
    def chart() -> alt.Chart:
        return alt.Chart().mark_circle(shape=["no shape"])

    with pytest.raises(SchemaValidationError):
        chart()


def test_a_tooltips_numbers_have_a_format_and_words_have_none() -> None:
    number, words = base.tip("rate", "Learning rate", ".3~g").to_dict(), base.tip("MACs").to_dict()
    assert (number["type"], number["format"], number["title"]) == ("quantitative", ".3~g", "Learning rate")
    assert words == {"field": "MACs", "title": "MACs"}


@pytest.mark.parametrize(
    ("name", "columns", "computed"),
    [
        ("matrix", confusion_matrix.cells(np.eye(10, dtype=np.int64), 1), set()),
        ("heat", invariance.rows({(0, 0): Share(0.5, 0.4, 0.6)}), set()),
        (
            "curves",
            invariance.table(
                [invariance.Line("CNN", "#0072B2", [invariance.Point(0, Share(0.5, 0.4, 0.6))])], "px", "dark"
            ),
            set(),
        ),
        ("claim length", length_and_direction_charts.table("length", [], [], [], [], 0.0, "dark"), set()),
        ("claim direction", length_and_direction_charts.table("direction", [], [], [], [], 0.0, "light"), set()),
        ("claim record", affnist_chart.studies([], "#CC79A7", "#0072B2", "light"), set()),
        ("pooling", shift_response.table({}, "change"), set()),
        ("time to accuracy", time_to_accuracy.table([]), {"turn", "ink"}),
        ("gap", gap_chart.table([], "epochs"), {"turn", "ink"}),
        ("rate", rate_chart.arrow((), "epochs").to_pandas(), {"turn", "ink"}),
    ],
)
def test_rows_have_what_their_chart_draws(name: str, columns: Any, computed: set[str]) -> None:
    drawn = {field for field in found(ALL[name](), "field") if field}
    assert drawn <= set(columns.columns) | computed


def test_pages_do_not_import_altair_before_a_chart_is_drawn() -> None:
    program = (
        "import sys, pathlib, importlib\n"
        "for file in sorted(pathlib.Path('core/ui').rglob('*.py')):\n"
        "    importlib.import_module('.'.join(file.with_suffix('').parts).removesuffix('.__init__'))\n"
        "print('altair' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
