"""Shift sensitivity: how the output of each downsampler changes when the input moves pixel by pixel."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.images import drawn_pictures
from core.images.pictures import Picture, to_gray
from core.images.shifts import Downsampler, ShiftResponse, downsample, shift_response
from core.ui.charts.base import PADDING, built_once, dashes, gutter, own_color, rows, tip
from core.ui.charts.label_placement import spread_labels
from core.ui.display import colors, image_html, numbers
from core.ui.display.image_colors import on_page
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import Pooling
from core.ui.views.pooling.figures import Plane, zoom

if TYPE_CHECKING:
    import altair as alt

Measure = Literal["step", "change", "error"]

DEFAULT_CURVES: list[Downsampler] = ["max", "average", "blur_max", "strided"]
DEFAULTS: dict[str, Any] = {"p_move": "dot", "p_measure": "step", "p_curves": DEFAULT_CURVES}
SHIFTS = range(9)  # px
STILL_THRESHOLD = 0.005  # of the output's norm: a smaller change is not visible
GENERATED_SIDE = 24  # px of a generated picture
MAX_SIDE = 64  # px: a larger picture is cropped, which keeps the curves and is fast
CELL_SIDE = 72  # screen pixels of a picture in the strip
HEIGHT, GUTTER, LABEL_GAP = 300, 118, 18  # px: height of the chart, width for labels, distance between labels

MOVERS = {"dot": "One white pixel", "step": "A vertical edge", "plane": "The input above"}
MEASURES: dict[Measure, str] = {
    "step": "the previous output",
    "change": "the output at 0 px",
    "error": "the shifted output",
}


class CurveStyle(NamedTuple):
    """Name and line style of a downsampler."""

    name: str
    color: str
    dash: Literal["solid", "dashed", "dotted"] = "solid"


# One color per family; dashes keep overlapping lines apart.
CURVE_STYLES: dict[Downsampler, CurveStyle] = {
    "max": CurveStyle("Max", colors.CNN.color),
    "min": CurveStyle("Min", colors.CNN.color, "dotted"),
    "average": CurveStyle("Average", colors.SECOND, "dashed"),
    "l2": CurveStyle("L2", colors.SECOND, "dotted"),
    "blur_max": CurveStyle("Blur max", colors.CNN_BLUR_POOLED.color),
    "blur_average": CurveStyle("Blur average", colors.CNN_BLUR_POOLED.color, "dashed"),
    "strided": CurveStyle("Subsampling", colors.CHANCE),
}
DASHES = {"solid": [1, 0], "dashed": [7, 4], "dotted": [2, 3]}


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw the curves and the strip, and describe where the output of the chosen pooling changes."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        mover = settings.segments(
            "p_move",
            "Moving picture",
            list(MOVERS),
            format=MOVERS.__getitem__,
            help="It moves right pixel by pixel (cyclic shift, so borders do not count).",
        )
        measure = settings.segments(
            "p_measure",
            "Compare the output with",
            list(MEASURES),
            format=MEASURES.__getitem__,
            help="Difference in percent of the output's norm. A pixel that moves counts at its old and new position: "
            "√(1² + 1²) = 141 %. The shifted output moves by 1/S pixel for each pixel of input shift.",
        )
    chosen = settings.pills(
        "p_curves",
        "Curves",
        list(CURVE_STYLES),
        format=lambda kind: CURVE_STYLES[kind].name,
        help="Window F and stride S from above, without padding. Blur pooling uses a 3 × 3 blur before the stride.",
    )
    image = moving(mover, plane)
    responses = {
        kind: shift_response(image, kind, pooling.window, pooling.stride, SHIFTS)
        for kind in dict.fromkeys([*chosen, pooling.kind, "blur_max"])
    }
    st.vega_lite_chart(
        table({kind: responses[kind] for kind in CURVE_STYLES if kind in chosen}, measure),
        chart(measure),
        alt=f"Line chart: how far each output is from {MEASURES[measure]}, for shifts of 0 to {SHIFTS[-1]} px",
        key="p_shifts",
    )
    st.markdown(describe_changes(pooling, responses[pooling.kind], responses["blur_max"]))
    st.html(strip(image, pooling))


def moving(mover: str, plane: Plane) -> Picture:
    """Return the picture that moves: (H, W), at most 64 x 64."""
    if mover != "plane":
        return {"dot": drawn_pictures.dot, "step": drawn_pictures.step}[mover](GENERATED_SIDE)
    gray = to_gray(plane.image)
    top, left = (max(0, (length - MAX_SIDE) // 2) for length in gray.shape)
    return gray[top : top + MAX_SIDE, left : left + MAX_SIDE]


def table(responses: Mapping[Downsampler, ShiftResponse], measure: Measure) -> pd.DataFrame:
    """Return a row for each point and each label: part, method, shift (px), value (%), color, dash, texts."""
    points = [
        (
            "point",
            CURVE_STYLES[kind].name,
            int(shift),
            100 * float(value),
            CURVE_STYLES[kind].color,
            CURVE_STYLES[kind].dash,
            f"{shift}{numbers.SPACE}px",
            numbers.percent(float(value), 1),
        )
        for kind, response in responses.items()
        for shift, value in zip(response.shifts, getattr(response, measure), strict=True)
        if shift or measure != "step"  # a shift of 0 has no previous output
    ]
    top = max((point[3] for point in points), default=0) or 1.0
    ends = [point for point in points if point[2] == SHIFTS[-1]]
    positions = spread_labels([end[3] for end in ends], LABEL_GAP / HEIGHT * top, 0, top)
    theme = colors.theme()
    labels = [
        ("label", *end[1:3], position, colors.on_page(end[4], theme), *end[5:])
        for end, position in zip(ends, positions, strict=True)
    ]
    return pd.DataFrame(
        [*points, *labels], columns=["part", "method", "shift", "value", "color", "dash", "Shift", "Difference"]
    )


@built_once
def chart(measure: Measure) -> "alt.LayerChart":
    """Draw the rows of `table`: a line for each downsampler."""
    import altair as alt

    own, method = own_color(), "method"
    points = rows("point")
    labels = rows("label").mark_text(align="left", dx=10, fontSize=12, fontWeight=600)
    return (
        alt.layer(
            points.mark_line(strokeWidth=2.6).encode(
                color=own, strokeDash=dashes(DASHES), detail=alt.Detail(field=method, type="nominal")
            ),
            points.mark_circle(size=55, opacity=1).encode(
                color=own, tooltip=[tip(method, "Pooling"), tip("Shift"), tip("Difference")]
            ),
            labels.encode(color=own, text=alt.Text(field=method)),
        )
        .encode(
            x=alt.X(
                field="shift",
                type="quantitative",
                title="Shift to the right (px)",
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


def describe_changes(pooling: Pooling, response: ShiftResponse, blurred: ShiftResponse) -> str:
    """Return sentences about the shifts that change the output of the chosen pooling and of blur pooling."""
    steps = response.step[1:]
    still = [shift for shift, step in enumerate(steps, 1) if step < STILL_THRESHOLD]
    largest = [shift for shift, step in enumerate(steps, 1) if step > steps.max() - STILL_THRESHOLD]
    if len(still) == len(steps):
        behavior = "gives the same output at every shift"
    elif len(largest) == len(steps):
        behavior = f"changes its output at every shift, by {_range(steps)} per pixel"
    else:
        unchanged = (
            f"does not change at shifts of {join_words(still)}{numbers.SPACE}px" if still else "changes at every shift"
        )
        jump = numbers.percent(float(steps.max()), 0)
        behavior = f"{unchanged}, and changes most at {join_words(largest)}{numbers.SPACE}px: by {jump}"
    return f"**{pooling.name}** {behavior}. **Max pooling with a blur** changes by {_range(blurred.step[1:])}."


def _range(steps: NDArray[np.float64]) -> str:
    """Return a range such as "45 to 89 %", or one number if both ends are equal."""
    low, high = round(100 * float(steps.min())), numbers.percent(float(steps.max()), 0)
    return high if high == numbers.percent(low / 100, 0) else f"{low} to {high}"


def join_words(shifts: Sequence[int]) -> str:
    """Return the shifts as a list in words: "1, 3 and 5"."""
    *others, last = map(str, shifts)
    return f"{', '.join(others)} and {last}" if others else last


def strip(image: Picture, pooling: Pooling) -> Markup:
    """Return an HTML table: the picture, the outputs at every shift, and their change since the previous shift."""
    moved = [np.roll(image, shift, axis=1) for shift in SHIFTS]
    plane = Plane(image, "", "")
    scale = zoom(image.shape, CELL_SIDE)
    head = Markup().join(Markup('<th scope="col">{}{}px</th>').format(shift, numbers.SPACE) for shift in SHIFTS)
    rows = [_row("Picture", [plane.screen(picture) for picture in moved], scale)]
    kinds: tuple[Downsampler, ...] = (pooling.kind, "blur_max")
    for kind in kinds:
        outputs = [downsample(picture, kind, pooling.window, pooling.stride) for picture in moved]
        changes = [after - before for before, after in zip([outputs[0], *outputs], outputs, strict=False)]
        limit = max(float(np.abs(output).max()) for output in outputs) or 1.0
        name, output_scale = CURVE_STYLES[kind].name, scale * pooling.stride
        rows += [
            _row(name, [plane.screen(output, limit) for output in outputs], output_scale),
            _row(f"{name}: change", [on_page(change, limit) for change in changes], output_scale),
        ]
    return Markup(
        '<div class="strip" tabindex="0" role="region" aria-label="Outputs at every shift"><table><thead><tr><td></td>'
        "{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(head, Markup().join(rows))


def _row(name: str, images: Sequence[NDArray[np.uint8]], scale: int) -> Markup:
    cells = Markup().join(
        Markup("<td>{}</td>").format(Markup(image_html.img(image, scale, f"{name}, moved by {shift} px")))
        for shift, image in zip(SHIFTS, images, strict=True)
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, cells)
