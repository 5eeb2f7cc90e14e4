"""Base of all charts: the theme, shared encodings, and the conversion from Altair to Vega-Lite.

A chart is built with Altair once for each set of options and without data. Streamlit is then given the same
specification at every redraw, so that a browser swaps the rows alone and nothing flickers.

Importing Altair takes 0.2 s of processor time, so the functions that build a chart import it: a page without charts
does not wait for it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, cast

if TYPE_CHECKING:
    import altair as alt

    AltairChart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart

Spec = dict[str, Any]
Options = ParamSpec("Options")

TABLE = "table"  # the name under which a chart knows the rows that it is given
PADDING = {"left": 4, "right": 4, "top": 8, "bottom": 4}  # px
WIDER_PADDING = PADDING | {"right": 8}


def theme() -> "alt.theme.ThemeConfig":
    """Return the look of all charts. Streamlit adds the page's fonts and its colors for light and dark."""
    return {
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }


def built_once(build: "Callable[Options, AltairChart]") -> Callable[Options, Spec]:
    """Turn a function that builds an Altair chart into one that returns its Vega-Lite, checked and made only once.

    Args:
        build: Builds the chart, without data, from hashable options.

    Returns:
        A cached function of the same options. Its result is shared: read it, don't change it.
    """

    @lru_cache
    @wraps(build)
    def spec(*args: Options.args, **kwargs: Options.kwargs) -> Spec:
        import altair as alt

        alt.theme.register("cnn_lab", enable=True)(theme)
        chart = build(*args, **kwargs).properties(data=alt.NamedData(name=TABLE)).to_dict()
        return {name: value for name, value in chart.items() if name not in ("data", "$schema")}

    return cast(Callable[Options, Spec], spec)


def rows(*parts: str) -> "alt.Chart":
    """Return a chart of the rows whose column "part" is one of `parts`."""
    import altair as alt

    if len(parts) == 1:
        return alt.Chart().transform_filter(alt.FieldEqualPredicate(field="part", equal=parts[0]))
    return alt.Chart().transform_filter(alt.FieldOneOfPredicate(field="part", oneOf=list(parts)))


def row_number(name: str) -> "alt.WindowFieldDef":
    """Return the number of a row in its window, from 1, as a field of this name."""
    import altair as alt

    named: dict[str, Any] = {"as": name}  # a word of Python's own
    return alt.WindowFieldDef(op="row_number", **named)


def one_row() -> "alt.Chart":
    """Return a chart of a single row that has no columns: for what is drawn once, whatever the table holds."""
    import altair as alt

    return alt.Chart(alt.sequence(1))


def own_color(field: str = "color") -> "alt.Color":
    """Return the color that each row names itself."""
    import altair as alt

    return alt.Color(field=field, type="nominal", scale=None)


def tip(field: str, title: str | None = None, format: str | None = None) -> "alt.Tooltip":
    """Return a line of a tooltip. With a format (d3's) the field is a number; without a title it is its own title."""
    import altair as alt

    line = alt.Tooltip(field=field, title=title or field)
    return line if format is None else line.format(format).type("quantitative")


def dashes(patterns: Mapping[str, Sequence[float]]) -> "alt.StrokeDash":
    """Return the dashes of lines whose column "dash" names one of the patterns."""
    import altair as alt

    scale = alt.Scale(domain=list(patterns), range=[list(pattern) for pattern in patterns.values()])
    return alt.StrokeDash(field="dash", type="nominal", scale=scale, legend=None)


def gutter(pixels: int | str) -> "list[float | alt.ExprRef]":
    """Return an x-scale's range that keeps so many pixels, or an expression of them, free at the right for labels."""
    import altair as alt

    return [0, alt.ExprRef(f"width - {pixels}")]
