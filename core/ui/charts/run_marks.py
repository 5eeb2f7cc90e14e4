"""Marks of the charts that draw training runs, from rows with the columns part, run, color and earlier."""

from typing import TYPE_CHECKING, Any

from core.ui.charts.base import own_color, row_number, rows, tip
from core.ui.charts.curve_table import CHANGE, DETAIL
from core.ui.display.colors import GRAY, LIGHTER, PAPER, Theme

if TYPE_CHECKING:
    import altair as alt

LABEL: dict[str, Any] = {"align": "left", "dx": 8, "fontSize": 12, "fontWeight": 600}
# A run's last test where it took several views of each picture: another measurement, so it is on no line.
ENDING: dict[str, Any] = {"shape": "diamond", "size": 110, "strokeWidth": 2, "filled": False, "clip": True}


def halo(theme: Theme) -> dict[str, Any]:
    """Return the properties of a text in the page's own color, drawn under letters that cross lines."""
    return {"stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round", "color": PAPER[theme]}


def by_run() -> "alt.Detail":
    """Return the grouping that makes a line of each run."""
    import altair as alt

    return alt.Detail(field="run", type="nominal")


def faded(opacity: float = 0.45) -> "alt.OpacityValue":
    """Return the opacity of marks: `opacity` for earlier runs, 1 for current ones."""
    import altair as alt

    return alt.OpacityValue(1, condition={"test": "datum.earlier", "value": opacity})


def axis_ends() -> "alt.Chart":
    """Return an invisible mark of the row "end", so that the axes reach as far as the run will."""
    mark: alt.Chart = rows("end").mark_point(opacity=0, tooltip=False)
    return mark


def band(part: str = "test") -> "alt.Chart":
    """Return the 95 % intervals (columns low and high, in %) of a run's tests as a band around their line."""
    import altair as alt

    mark = rows(part).transform_filter("isValid(datum.low)").mark_area(opacity=0.16, clip=True, tooltip=False)
    low, high = alt.Y(field="low", type="quantitative"), alt.Y2(field="high")
    drawn: alt.Chart = mark.encode(y=low, y2=high, color=own_color(), detail=by_run())
    return drawn


def change_marks(theme: Theme) -> "list[alt.Chart]":
    """Return the layers of the rows "change": a line at each manual change of a run, with its description.

    Descriptions of changes close to each other are staggered on three lines. The last layer is invisible and wide
    enough to point at; it lies above all other marks.
    """
    import altair as alt

    whole: dict[str, Any] = {"y": alt.YValue(0), "y2": alt.Y2Value("height")}
    words: dict[str, Any] = {"align": "left", "dx": 5, "fontSize": 12, "tooltip": False}
    numbered = (
        rows("change")
        .transform_window([row_number("turn")])
        .encode(text=alt.Text(field=DETAIL), y=alt.YValue(alt.ExprRef("8 + 16 * ((datum.turn - 1) % 3)")))
    )
    rule = rows("change").mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=CHANGE, tooltip=False)
    met = rows("change").mark_rule(strokeWidth=14, color=CHANGE, opacity=0)
    return [
        rule.encode(**whole),
        numbered.mark_text(**words, **halo(theme)),
        numbered.mark_text(**words, color=GRAY[theme]),
        met.encode(**whole, tooltip=[tip("run", "Run"), tip(DETAIL, "Manual change")]),
    ]


def end_labels(theme: Theme, field: str = "label", opacity: float = 0.85, **mark: Any) -> "list[alt.Chart]":
    """Return the rows "label" as text in their run's color, lighter on the dark page, above a halo.

    Args:
        theme: The page's.
        field: The column of the text.
        opacity: Of the labels of earlier runs.
        mark: Further properties of the text.
    """
    import altair as alt

    text, label = alt.Text(field=field), LABEL | mark
    ink = f"{LIGHTER}[datum.color] || datum.color" if theme == "dark" else "datum.color"
    return [
        rows("label").mark_text(**label, **halo(theme)).encode(text=text),
        rows("label")
        .transform_calculate(ink=ink)
        .mark_text(**label)
        .encode(text=text, color=own_color("ink"), opacity=faded(opacity)),
    ]
