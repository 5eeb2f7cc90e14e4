"""The chart of accuracies on affNIST and digits like it: capsules beside a CNN, study by study."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from core.insight.robustness import Share
from core.ui.charts.base import PADDING, built_once, gutter, own_color, rows, tip
from core.ui.display import numbers
from core.ui.display.colors import CHANCE, INK, Theme, on_page

if TYPE_CHECKING:
    import altair as alt

STUDIES = ["part", "study", "text", "value", "low", "high", "other", "color"]
STUDY_HEIGHT, DOT_GUTTER = 58, 100  # px
LOWEST_ACCURACY = 50  # %


class Study(NamedTuple):
    """Accuracies on affNIST or digits like it, from 0 to 1: of capsules, and of the CNN beside them."""

    name: str
    capsules: Share
    cnn: Share | None


def studies(found: Sequence[Study], capsules: str, cnn: str, theme: Theme) -> pd.DataFrame:
    """Return the rows of `dots`, with the two networks' colors."""
    drawn: list[tuple[str, str, str, float, float, float, float, str]] = []
    for study in found:
        named = [("Capsules", study.capsules, capsules)] + ([("CNN", study.cnn, cnn)] if study.cnn else [])
        values = [100 * share.value for _, share, _ in named]
        drawn.append(("study", study.name, study.name, LOWEST_ACCURACY, 0, 0, 0, INK[theme]))
        drawn.append(("gap", study.name, "", min(values), 0, 0, max(values), CHANCE))
        for (name, share, color), value in zip(named, values, strict=True):
            ends = 100 * share.low, 100 * share.high
            text = f"{name} {numbers.percent(share.value, 1)}"
            shown = on_page(color, theme)
            drawn.append(("dot", study.name, text, value, *ends, value, shown))
            side = "left" if value == min(values) and len(values) > 1 else "right"
            drawn.append((side, study.name, text, ends[0] if side == "left" else ends[1], 0, 0, 0, shown))
    return pd.DataFrame(drawn, columns=STUDIES)


@built_once
def dots(count: int) -> "alt.LayerChart":
    """Draw `count` studies one above another: a dot for each network, with a 95 % interval if it was measured here."""
    import altair as alt

    y = alt.Y(field="study", type="nominal", sort=None, axis=None)
    x = alt.X(
        field="value",
        type="quantitative",
        title="Accuracy on affNIST or digits like it (%)",
        scale=alt.Scale(domain=[LOWEST_ACCURACY, 100], nice=False, range=gutter(DOT_GUTTER)),
        axis=alt.Axis(tickCount=6),
    )
    dot = rows("dot").encode(x=x, color=own_color())
    return (
        alt.layer(
            rows("gap").mark_rule(color=CHANCE, strokeWidth=1.5).encode(x=x, x2=alt.X2(field="other")),
            dot.mark_rule(strokeWidth=5, opacity=0.4).encode(x=x.field("low"), x2=alt.X2(field="high")),
            dot.mark_circle(size=90, opacity=1).encode(tooltip=[tip("study", "Study"), tip("text", "Accuracy")]),
            rows("left")
            .mark_text(align="right", dx=-9, fontSize=12, fontWeight=600)
            .encode(x=x, color=own_color(), text=alt.Text(field="text")),
            rows("right")
            .mark_text(align="left", dx=9, fontSize=12, fontWeight=600)
            .encode(x=x, color=own_color(), text=alt.Text(field="text")),
            rows("study")
            .mark_text(align="left", dx=4, dy=-20, fontSize=12)
            .encode(x=x, color=own_color(), text=alt.Text(field="text")),
        )
        .encode(y=y)
        .properties(height=STUDY_HEIGHT * count, padding=PADDING)
    )
