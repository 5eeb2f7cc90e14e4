"""Draw the network as blocks to scale, in 3D: width and height shrink, depth grows, lists end it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from markupsafe import Markup

from core.ui.display import colors, numbers
from core.ui.display.layer_groups import Stage, merge_stages, stages
from core.ui.views.anatomy.forward_pass import ForwardPass, size

MAX_DEPTH = 0.9  # depth of the block with most planes, as a share of the largest plane's side
MAX_LIST = 1.3  # length of the longest list of units, same unit
GAP, LIST_GAP = 0.4, 0.4  # behind a block and behind a list, same unit
HEIGHT = 380  # px
ZOOM = 2.3  # the drawing's length in Plotly's units: fits a phone
FACES = (
    (0, 1, 2),
    (0, 2, 3),
    (4, 5, 6),
    (4, 6, 7),
    (0, 1, 5),
    (0, 5, 4),
    (1, 2, 6),
    (1, 6, 5),
    (2, 3, 7),
    (2, 7, 6),
    (3, 0, 4),
    (3, 4, 7),
)
EDGES = (0, 1, 2, 3, 0, 4, 5, 6, 7, 4, None, 1, 5, None, 2, 6, None, 3, 7)


@dataclass(frozen=True, slots=True)
class Box:
    """A stage in 3D: it begins at `near` on the network's axis and is centered on it. Unit: pixels of the picture."""

    stage: Stage
    near: float
    depth: float
    width: float
    height: float


def show(forward: ForwardPass) -> None:
    """Draw the network in 3D, with a numbered list of its blocks."""
    layers, shape = forward.network.experiment.layers, forward.network.shape
    blocks = merge_stages(stages(layers, shape))
    st.plotly_chart(
        figure(boxes(blocks), forward.network.role.color, colors.theme()),
        key="n_solid",
        config={"displaylogo": False},
        alt="The network's blocks in 3D, one behind the other",
        width="stretch",
    )
    st.html(legend(blocks))
    st.caption(
        "Drag to rotate; point at a block for its description. Height and width are to scale, in pixels. Depth (the "
        "number of planes) has its own scale; a list is as high as the square root of its length."
    )


def legend(blocks: Sequence[Stage]) -> Markup:
    """Return the blocks as a numbered HTML list."""
    lines = []
    for stage in blocks:
        parameters = f", {numbers.count(stage.parameters)} parameters" if stage.parameters else ""
        made_by = "".join(f", {word}" for word in stage.made_by[1:])
        line = Markup("<li><b>{}</b>{}<span>{}{}</span></li>")
        lines.append(line.format(stage.heading, made_by, size(stage.shape), parameters))
    return Markup('<ol class="blocks" start="0">{}</ol>').format(Markup("").join(lines))


def boxes(blocks: Sequence[Stage]) -> list[Box]:
    """Return the stages as boxes in a row."""
    side = float(max(max(stage.shape[1:]) for stage in blocks if len(stage.shape) == 3))
    max_planes = max(stage.shape[0] for stage in blocks if len(stage.shape) == 3)
    units = max((stage.shape[0] for stage in blocks if len(stage.shape) < 3), default=1)
    placed, near = [], 0.0
    for stage in blocks:
        if len(stage.shape) == 3:
            depth = max(MAX_DEPTH * side * stage.shape[0] / max(max_planes, 8), 0.03 * side)
            height, width = map(float, stage.shape[1:])
        else:
            numbers_each = stage.shape[1] if len(stage.shape) == 2 else 1
            depth, width = 0.06 * side, 0.06 * side * math.sqrt(numbers_each)
            height = MAX_LIST * side * math.sqrt(stage.shape[0] / units)
        placed.append(Box(stage, near, depth, width, height))
        near += depth + (GAP if len(stage.shape) == 3 else LIST_GAP) * side
    return placed


def figure(placed: Sequence[Box], color: str, theme: colors.Theme) -> go.Figure:
    """Return the 3D drawing of boxes with edges and numbers, where 0 is the picture."""
    drawing = go.Figure()
    above = 0.14 * max(box.height for box in placed)
    ink = "#1C2530" if theme == "light" else "#E7E5DF"
    for number, box in enumerate(placed):
        y, z = box.width / 2, box.height / 2
        corners = np.array(
            [(x, *at) for x in (box.near, box.near + box.depth) for at in ((-y, -z), (y, -z), (y, z), (-y, z))]
        )
        label = f"{', '.join([box.stage.heading, *box.stage.made_by[1:]])}<br>{size(box.stage.shape)}"
        if box.stage.parameters:
            label += f"<br>{numbers.count(box.stage.parameters)} parameters"
        i, j, k = zip(*FACES, strict=True)
        x, yy, zz = corners.T
        drawing.add_mesh3d(
            x=x,
            y=yy,
            z=zz,
            i=i,
            j=j,
            k=k,
            color=color if box.stage.layer else colors.CHANCE,
            opacity=0.55,
            flatshading=True,
            hovertemplate=f"{label}<extra></extra>",
        )
        line = [[None] * 3 if at is None else corners[at].tolist() for at in EDGES]
        drawing.add_scatter3d(
            x=[p[0] for p in line],
            y=[p[1] for p in line],
            z=[p[2] for p in line],
            mode="lines",
            line={"color": ink, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
        drawing.add_scatter3d(
            x=[box.near + box.depth / 2],
            y=[0],
            z=[z + above],
            mode="text",
            text=[str(number)],
            textposition="top center",
            textfont={"color": ink, "size": 14},
            hoverinfo="skip",
            showlegend=False,
        )
    length, side = placed[-1].near + placed[-1].depth, max(box.width for box in placed)
    high = max(box.height for box in placed) + above  # with room for the numbers above the highest box
    length, side, high = (
        size / max(length, 3 * high) for size in (length, side, high)
    )  # as shares of the drawing's room
    hidden = {"visible": False}
    drawing.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "aspectmode": "manual",
            "aspectratio": {"x": ZOOM * length, "y": ZOOM * side, "z": ZOOM * high},
            "camera": {"eye": {"x": -1.25, "y": -1.4, "z": 0.6}, "projection": {"type": "orthographic"}},
        },
    )
    return drawing
