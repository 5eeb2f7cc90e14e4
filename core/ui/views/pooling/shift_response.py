"""How the output of each way of pooling moves when the picture moves by a pixel: curves, and the outputs themselves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.images import drawn
from core.images.pictures import Picture, to_grey
from core.images.shifts import Downsampler, ShiftResponse, downsample, shift_response
from core.ui.charts.base import PADDING, built_once, dashes, gutter, own_color, rows, tip
from core.ui.charts.labels import spread_labels
from core.ui.display import colors, image_html, numbers
from core.ui.display.image_colors import on_page
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import Pooling
from core.ui.views.pooling.figures import Plane, times

if TYPE_CHECKING:
    import altair as alt

Measure = Literal["step", "change", "error"]

CURVES: list[Downsampler] = ["max", "average", "blur_max", "strided"]  # drawn on a fresh visit
DEFAULTS: dict[str, Any] = {"p_move": "dot", "p_measure": "step", "p_curves": CURVES}
SHIFTS = range(9)  # px
STILL = 0.005  # of the output's size: less is no change that can be seen
DRAWN_SIDE = 24  # px of the drawn things
LARGEST_SIDE = 64  # px: of a larger picture its middle moves, which makes the same curves at once
CELL = 72  # screen pixels of a picture in the strip
HEIGHT, GUTTER, LABEL_GAP = 300, 118, 18  # px: the chart, the room for labels right of it, from label to label

MOVERS = {"dot": "One white pixel", "step": "An upright edge", "plane": "What is pooled above"}
MEASURES: dict[Measure, str] = {
    "step": "the output a pixel before",
    "change": "the output at 0 px",
    "error": "an output that moves along",
}


class Way(NamedTuple):
    """A way of making a plane smaller: its name, and its line."""

    name: str
    color: str
    dash: Literal["solid", "dashed", "dotted"] = "solid"


# A color a family; the dashes show two lines that lie on each other. Leaving pixels out is chance: which ones it hits.
WAYS: dict[Downsampler, Way] = {
    "max": Way("Max", colors.CNN.color),
    "min": Way("Min", colors.CNN.color, "dotted"),
    "average": Way("Average", colors.SECOND, "dashed"),
    "l2": Way("L2", colors.SECOND, "dotted"),
    "blur_max": Way("Blur max", colors.CNN_BLUR_POOLED.color),
    "blur_average": Way("Blur average", colors.CNN_BLUR_POOLED.color, "dashed"),
    "strided": Way("Pixels left out", colors.CHANCE),
}
DASHES = {"solid": [1, 0], "dashed": [7, 4], "dotted": [2, 3]}


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw the curves and the strip, and say where the chosen pooling holds still and where it jumps."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        mover = settings.segments(
            "p_move",
            "Moves right, pixel by pixel",
            list(MOVERS),
            format=MOVERS.__getitem__,
            help="What leaves on the right comes back on the left, so that no border is in the measure.",
        )
        measure = settings.segments(
            "p_measure",
            "Its output is compared with",
            list(MEASURES),
            format=MEASURES.__getitem__,
            help="In percent of the output's size. A pixel that jumps counts where it leaves and where it comes: "
            "√(1² + 1²) = 141 %. An output that moves along goes 1/S of a pixel when the picture goes 1.",
        )
    chosen = settings.pills(
        "p_curves",
        "Curves",
        list(WAYS),
        format=lambda kind: WAYS[kind].name,
        help="Window F and stride S are those above, without padding. Blur pooling blurs 3 × 3 before the stride.",
    )
    image = moving(mover, plane)
    responses = {
        kind: shift_response(image, kind, pooling.window, pooling.stride, SHIFTS)
        for kind in dict.fromkeys([*chosen, pooling.kind, "blur_max"])
    }
    st.vega_lite_chart(
        table({kind: responses[kind] for kind in WAYS if kind in chosen}, measure),
        chart(measure),
        alt=f"Line chart: how far each output is from {MEASURES[measure]}, for shifts of 0 to {SHIFTS[-1]} px",
        key="p_shifts",
    )
    st.markdown(told(pooling, responses[pooling.kind], responses["blur_max"]))
    st.html(strip(image, pooling))


def moving(mover: str, plane: Plane) -> Picture:
    """What moves: (H, W), at most 64 x 64."""
    if mover != "plane":
        return {"dot": drawn.dot, "step": drawn.step}[mover](DRAWN_SIDE)
    gray = to_grey(plane.image)
    top, left = (max(0, (length - LARGEST_SIDE) // 2) for length in gray.shape)
    return gray[top : top + LARGEST_SIDE, left : left + LARGEST_SIDE]


def table(responses: Mapping[Downsampler, ShiftResponse], measure: Measure) -> pd.DataFrame:
    """Return a row for each point and each label: part, way, shift (px), value (%), color, dash, Shift, Difference."""
    points = [
        (
            "point",
            WAYS[kind].name,
            int(shift),
            100 * float(value),
            WAYS[kind].color,
            WAYS[kind].dash,
            f"{shift}{numbers.SPACE}px",
            numbers.percent(float(value), 1),
        )
        for kind, response in responses.items()
        for shift, value in zip(response.shifts, getattr(response, measure), strict=True)
        if shift or measure != "step"  # nothing comes before a shift of 0
    ]
    top = max((point[3] for point in points), default=0) or 1.0
    ends = [point for point in points if point[2] == SHIFTS[-1]]
    places = spread_labels([end[3] for end in ends], LABEL_GAP / HEIGHT * top, 0, top)
    labels = [("label", *end[1:3], place, *end[4:]) for end, place in zip(ends, places, strict=True)]
    return pd.DataFrame(
        [*points, *labels], columns=["part", "way", "shift", "value", "color", "dash", "Shift", "Difference"]
    )


@built_once
def chart(measure: Measure) -> "alt.LayerChart":
    """Draw the rows of `table`: a line for each way of pooling."""
    import altair as alt

    own, way = own_color(), "way"
    points = rows("point")
    labels = rows("label").mark_text(align="left", dx=10, fontSize=13, fontWeight=600)
    return (
        alt.layer(
            points.mark_line(strokeWidth=2.6).encode(
                color=own, strokeDash=dashes(DASHES), detail=alt.Detail(field=way, type="nominal")
            ),
            points.mark_circle(size=55, opacity=1).encode(
                color=own, tooltip=[tip(way, "Pooling"), tip("Shift"), tip("Difference")]
            ),
            labels.encode(color=own, text=alt.Text(field=way)),
        )
        .encode(
            x=alt.X(
                field="shift",
                type="quantitative",
                title="Moved right by (px)",
                scale=alt.Scale(domain=[0, SHIFTS[-1]], nice=False, range=gutter(GUTTER)),
                axis=alt.Axis(grid=False, values=list(SHIFTS), format="d"),
            ),
            y=alt.Y(
                field="value",
                type="quantitative",
                title=f"Difference from {MEASURES[measure]} (%)",
                scale=alt.Scale(zero=True, nice=False),
                axis=alt.Axis(tickCount=5),
            ),
        )
        .properties(height=HEIGHT, padding=PADDING)
    )


def told(pooling: Pooling, mine: ShiftResponse, blurred: ShiftResponse) -> str:
    """Where the chosen pooling holds still and where it jumps, and how far blur pooling does."""
    steps = mine.step[1:]
    still = [shift for shift, step in enumerate(steps, 1) if step < STILL]
    most = [shift for shift, step in enumerate(steps, 1) if step > steps.max() - STILL]
    if len(still) == len(steps):
        what = "gives the same output at every shift: it sees nothing move"
    elif len(most) == len(steps):
        what = f"never holds still: each pixel changes its output by {_between(steps)}"
    else:
        holds = f"holds still on the way to {listed(still)}{numbers.SPACE}px" if still else "never quite holds still"
        jump = numbers.percent(float(steps.max()), 0)
        what = f"{holds}, and changes most on the way to {listed(most)}{numbers.SPACE}px: by {jump} of its output"
    return f"**{pooling.name}** {what}. **Max pooling with a blur** changes by {_between(blurred.step[1:])}."


def _between(steps: NDArray[np.float64]) -> str:
    """ "45 to 89 %", or one figure where both are the same."""
    low, high = round(100 * float(steps.min())), numbers.percent(float(steps.max()), 0)
    return high if high == numbers.percent(low / 100, 0) else f"{low} to {high}"


def listed(shifts: Sequence[int]) -> str:
    """ "1, 3 and 5"."""
    *others, last = map(str, shifts)
    return f"{', '.join(others)} and {last}" if others else last


def strip(image: Picture, pooling: Pooling) -> str:
    """The picture and its outputs at every shift, and what changed in each since the pixel before, as HTML."""
    moved = [np.roll(image, shift, axis=1) for shift in SHIFTS]
    plane = Plane(image, "", "")
    scale = times(image.shape, CELL)
    head = "".join(f'<th scope="col">{shift}{numbers.SPACE}px</th>' for shift in SHIFTS)
    rows = [_row("picture", [plane.screen(picture) for picture in moved], scale)]
    ways: tuple[Downsampler, ...] = (pooling.kind, "blur_max")
    for kind in ways:
        outputs = [downsample(picture, kind, pooling.window, pooling.stride) for picture in moved]
        changes = [after - before for before, after in zip([outputs[0], *outputs], outputs, strict=False)]
        limit = max(float(np.abs(output).max()) for output in outputs) or 1.0
        name, larger = WAYS[kind].name, scale * pooling.stride
        rows += [
            _row(name, [plane.screen(output, limit) for output in outputs], larger),
            _row(f"{name}: change", [on_page(change, limit) for change in changes], larger),
        ]
    return (
        '<div class="strip" tabindex="0" role="region" aria-label="Outputs at every shift"><table><thead><tr><td></td>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(name: str, images: Sequence[NDArray[np.uint8]], scale: int) -> str:
    cells = "".join(
        f"<td>{image_html.img(image, scale, f'{name}, moved by {shift} px')}</td>"
        for shift, image in zip(SHIFTS, images, strict=True)
    )
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'
