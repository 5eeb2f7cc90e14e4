"""Draw a network as one inline SVG, to scale: stacks of planes, tables of capsules, and bars for lists of units.

It draws the same tuple of layers that is trained. Lines and text take the page's ink (`currentColor`), so the drawing
holds in light and in dark; it scales with the page and stays legible from the width of a phone. Show it with
`st.markdown(svg, unsafe_allow_html=True)`: `st.html` drops SVG.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from core.layers.specs import BlurPool, Conv, ConvTranspose, Layer, Linear, Pool, RoutedCapsules, pair
from core.size_text import format_shape
from core.training.events import SAMPLED_UNITS
from core.ui.display import word_meanings
from core.ui.display.layer_groups import Stage, describe_stages, merge_stages, stages

# All lengths are in units of the view box; on a phone one unit is about one pixel.
WIDTH = 400.0  # unless the network needs more
MARGIN = 10.0
FONT = 12.0
LINE = 14.0
LETTER = 0.49 * FONT  # the mean width of a letter
PLANES = (40.0, 82.0)  # the largest plane's side, where space is short and where there is plenty
DEEPEST = 34.0  # how far the deepest stack reaches back
SLANT = 0.5  # how far a stack rises for what it reaches back
BAR = 8.0
LONGEST_BAR = 104.0
SMALLEST = 3.0
GAP = 16.0  # the least between neighbors
BAR_GAP = 43.0  # the least between two bars, where a fan opens
PICTURE_GAP = 26.0  # the least behind the picture that goes in
CELLS = 16  # up to so many units are drawn one by one
CELL = 4.0
FAN = SAMPLED_UNITS  # ends of a fan on either side, at most: a line for each weight that is sampled in training

GRID = 32  # a picture of up to so many pixels a side shows them


@dataclass(frozen=True, slots=True)
class _Figure:
    """A stage as drawn. A stack's front is width x height at `left`, and its back lies `depth` to the right."""

    stage: Stage
    width: float
    height: float
    depth: float = 0.0
    left: float = 0.0

    @property
    def is_bar(self) -> bool:
        """Whether it is a list: of units, or of capsules, which is wider."""
        return len(self.stage.shape) < 3

    @property
    def right(self) -> float:
        return self.left + self.width + self.depth

    @property
    def center(self) -> float:
        return (self.left + self.right) / 2


def network_svg(
    layers: Sequence[Layer], input_shape: Sequence[int], *, color: str, title: str, live: bool = False
) -> str:
    """Return a network as an `<svg>` element.

    Height and width are drawn to scale; depth, the length of a list of units or of capsules, and the numbers of a
    capsule by their square roots. Above each stage stand the layers that made it, below it its shape and its
    parameters. In a deep network, consecutive layers whose planes have the same size form one stage.

    Args:
        layers: The network.
        input_shape: (C, H, W) of the picture.
        color: CSS color of the layers.
        title: Name of the drawing, also for screen readers.
        live: For `components.training_network`: of each fan before a dense layer give the ends (class "fan"), name the
            first layer's front plane (class "front"), and draw in a size whose letters have 12 px.

    Raises:
        LayerError: For an invalid network.
    """
    shown = merge_stages(stages(layers, input_shape))
    figures = _figures(shown)
    width = figures[-1].right + MARGIN
    low = [figure for figure in figures if not (live and figure.stage.is_pooled)]  # their shapes follow from others
    heads, feet = _tiers(figures, _head, width), _tiers(low, _foot, width)
    head = LINE * sum(_heights(heads))
    middle = head + max(figure.height / 2 + SLANT * figure.depth for figure in figures) + 4
    floor = middle + max(figure.height / 2 for figure in figures) + 4
    height = floor + LINE * sum(_heights(feet)) + 4
    drawing = [
        *(_link(before, after, middle, live) for before, after in pairwise(figures)),
        *(_draw(figure, middle, front=live and place == 1) for place, figure in enumerate(figures)),
        *(_window(before, after, middle) for before, after in pairwise(figures)),
    ]
    ink = f"color-mix(in srgb, {color} 80%, currentColor)"
    label = escape(f"{title}. {describe_stages(shown)}")
    across = f"{width:.0f}px" if live else f"100%;max-width:{1.3 * width:.0f}px"
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}" '
        f'style="display:block;width:{across};height:auto;margin:0 auto">'
        f"<title>{escape(title)}</title>"
        f'<g style="stroke:{escape(ink)};fill:{escape(color)}" stroke-linejoin="round">{"".join(drawing)}</g>'
        f'<g fill="currentColor" font-size="{FONT:g}" text-anchor="middle">'
        f"{_write(heads, head, up=True)}{_write(feet, floor, up=False)}</g></svg>"
    )


def scrolled(svg: str) -> Markup:
    """Return a drawing that keeps a legible size on a phone, and scrolls there; with tabindex also by keyboard."""
    return Markup('<div class="wide" tabindex="0" role="group" aria-label="The drawing">{}</div>').format(
        Markup(" ".join(svg.split()))
    )


# --- layout ----------------------------------------------------------------------------------------------------------


def _figures(shown: Sequence[Stage]) -> list[_Figure]:
    """Return the stages in a row, as large as fits in WIDTH; wider where even the smallest would not fit."""
    for largest in range(int(PLANES[1]), int(PLANES[0]) - 1, -2):
        figures = [_sized(stage, shown, float(largest)) for stage in shown]
        gaps = [PICTURE_GAP, *(BAR_GAP if figure.is_bar else GAP for figure in figures[1:])]
        room = WIDTH - 2 * MARGIN - sum(figure.right for figure in figures) - sum(gaps[:-1])
        if room >= 0:
            break
    more = max(room, 0.0) / max(len(gaps) - 1, 1)
    left, placed = MARGIN, []
    for figure, gap in zip(figures, gaps, strict=True):
        placed.append(_Figure(figure.stage, figure.width, figure.height, figure.depth, left))
        left = placed[-1].right + gap + more
    return placed


def _sized(stage: Stage, shown: Sequence[Stage], largest: float) -> _Figure:
    pictures = [other.shape for other in shown if len(other.shape) == 3]
    lists = [other.shape[0] for other in shown if len(other.shape) < 3]
    if len(stage.shape) < 3:
        length = LONGEST_BAR * math.sqrt(stage.shape[0] / max(lists))
        width = max(BAR, CELL * math.sqrt(2 * stage.shape[1])) if len(stage.shape) == 2 else BAR
        return _Figure(stage, width, max(length, CELL * min(stage.shape[0], CELLS)))
    scale = largest / max(max(height, width) for _, height, width in pictures)
    channels, height, width = stage.shape
    deepest = min(DEEPEST, 3.4 * math.sqrt(max(shape[0] for shape in pictures)))
    depth = deepest * math.sqrt(channels / max(shape[0] for shape in pictures)) if channels > 1 else 0.0
    return _Figure(stage, max(width * scale, SMALLEST), max(height * scale, SMALLEST), depth)


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw(figure: _Figure, middle: float, *, front: bool = False) -> str:
    top = middle - figure.height / 2
    if figure.is_bar:
        cells = figure.stage.shape[0] if figure.stage.shape[0] <= CELLS else 1
        step = figure.height / cells
        lines = "".join(f"M{figure.left:.1f} {top + step * i:.1f}h{figure.width:.1f}" for i in range(1, cells))
        if len(figure.stage.shape) == 2 and figure.stage.shape[1] <= CELLS:  # a column for each number of a capsule
            across = figure.width / figure.stage.shape[1]
            columns = range(1, figure.stage.shape[1])
            lines += "".join(f"M{figure.left + across * i:.1f} {top:.1f}v{figure.height:.1f}" for i in columns)
        return (
            f'<rect x="{figure.left:.1f}" y="{top:.1f}" width="{figure.width:.1f}" height="{figure.height:.1f}" '
            f'rx="1.5" fill-opacity=".45"/><path d="{lines}"/>'
        )
    planes = min(figure.stage.shape[0], 1 + round(figure.depth / 3.2))
    drawn = []
    for plane in reversed(range(planes)):
        back = figure.depth * plane / max(planes - 1, 1)
        opacity = 0.12 if plane else 0.3 if figure.stage.layer else 0.06
        name = ' class="front"' if front and not plane else ""
        drawn.append(
            f'<rect x="{figure.left + back:.1f}" y="{top - SLANT * back:.1f}" width="{figure.width:.1f}" '
            f'height="{figure.height:.1f}" fill-opacity="{opacity}" stroke-width="{1 if plane == 0 else 0.7}"{name}/>'
        )
    if figure.stage.layer is not None:
        return "".join(drawn)
    grid = _grid(figure, top) if max(figure.stage.shape[1:]) <= GRID else ""
    return f'<g style="stroke:currentColor;fill:currentColor" stroke-opacity=".6">{"".join(drawn)}{grid}</g>'


def _grid(figure: _Figure, top: float) -> str:
    """Return the lines between the pixels of the input picture."""
    _, rows, columns = figure.stage.shape
    across = "".join(
        f"M{figure.left:.1f} {top + figure.height * i / rows:.2f}h{figure.width:.1f}" for i in range(1, rows)
    )
    down = "".join(
        f"M{figure.left + figure.width * i / columns:.2f} {top:.1f}v{figure.height:.1f}" for i in range(1, columns)
    )
    return f'<path d="{across}{down}" stroke-width=".4" stroke-opacity=".45"/>'


def _link(before: _Figure, after: _Figure, middle: float, live: bool) -> str:
    """Return what joins two stages: a fan of lines before a dense layer or a routing, a wedge before other lists."""
    if not after.is_bar:
        return ""
    if isinstance(after.stage.layer, Linear | RoutedCapsules):
        starts, ends = _ends(before, middle), _ends(after, middle)
        if live and isinstance(after.stage.layer, Linear):
            places = [" ".join(f"{y:.1f}" for y in side) for side in (starts, ends)]
            return (
                f'<g class="fan" style="stroke:currentColor" data-from="{before.right:.1f} {places[0]}" '
                f'data-to="{after.left:.1f} {places[1]}"/>'
            )
        fan = "".join(f"M{before.right:.1f} {a:.1f}L{after.left:.1f} {b:.1f}" for a in starts for b in ends)
        return f'<path d="{fan}" style="stroke:currentColor" stroke-width=".5" stroke-opacity=".3"/>'
    top = middle - before.height / 2 - SLANT * before.depth
    bottom = middle + before.height / 2 - SLANT * before.depth
    points = (
        f"{before.right:.1f},{top:.1f} {after.left:.1f},{middle - after.height / 2:.1f} "
        f"{after.left:.1f},{middle + after.height / 2:.1f} {before.right:.1f},{bottom:.1f}"
    )
    return f'<polygon points="{points}" style="fill:currentColor" fill-opacity=".08" stroke="none"/>'


def _ends(figure: _Figure, middle: float) -> list[float]:
    """Return the heights where a fan's lines leave a bar: one per unit, or evenly spread where there are many."""
    ends = min(figure.stage.shape[0], FAN)
    return [middle - figure.height / 2 + figure.height * (i + 0.5) / ends for i in range(ends)]


def _window(before: _Figure, after: _Figure, middle: float) -> str:
    """Return the window that a convolution or pooling reads, and the one output pixel it computes.

    A transposed convolution is the reverse: it reads one pixel and writes a window.
    """
    layer = after.stage.layer
    if not isinstance(layer, Conv | ConvTranspose | Pool | BlurPool):
        return ""
    upward = isinstance(layer, ConvTranspose)
    pixel, window = (1, 1), pair(layer.kernel)
    x, y, width, height = _patch(before, pixel if upward else window, middle)
    to_x, to_y, to_width, to_height = _patch(after, window if upward else pixel, middle)
    beams = f"M{x + width:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}M{x + width:.1f} {y + height:.1f}"
    beams += f"L{to_x:.1f} {to_y + to_height:.1f}"
    return (
        f'<g style="stroke:currentColor;fill:currentColor" stroke-width=".9"><rect x="{x:.1f}" y="{y:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}" fill-opacity=".2"/><path d="{beams}" stroke-width=".6" '
        f'stroke-opacity=".75"/><rect x="{to_x:.1f}" y="{to_y:.1f}" width="{to_width:.1f}" '
        f'height="{to_height:.1f}" fill-opacity="{0.2 if upward else 1}"/></g>'
    )


def _patch(figure: _Figure, pixels: tuple[int, int], middle: float) -> tuple[float, float, float, float]:
    """Return x, y, width and height of a few pixels on the front plane, right of its middle and above it."""
    _, rows, columns = figure.stage.shape
    height = min(figure.height, max(figure.height * pixels[0] / rows, SMALLEST / 2))
    width = min(figure.width, max(figure.width * pixels[1] / columns, SMALLEST / 2))
    x = figure.left + 0.6 * (figure.width - width)
    return x, middle - figure.height / 2 + 0.3 * (figure.height - height), width, height


# --- labels -----------------------------------------------------------------------------------------------------------


def _head(stage: Stage) -> list[str]:
    return [stage.heading, *stage.made_by[1:]]


def _foot(stage: Stage) -> list[str]:
    shape = format_shape(stage.shape)
    if stage.layer is None and not stage.parameters:
        return [shape, "parameters:"]  # the picture has none, so its label can explain the numbers beside it
    return [shape, f"{stage.parameters:,}"] if stage.parameters else [shape]


@dataclass(frozen=True, slots=True)
class _Label:
    """Lines of text around x, in the first tier (0) or pushed out to a further one."""

    x: float
    lines: list[str]
    tier: int


def _tiers(figures: Sequence[_Figure], write: Callable[[Stage], list[str]], width: float) -> list[_Label]:
    """Return a label for each figure, within 0 and `width`; where one row is too short, pooling labels get another row.

    A drawing much wider than WIDTH shows a deep network, whose pooling stages have no labels.
    """
    deep = width > 1.25 * WIDTH
    named = [figure for figure in figures if not (deep and figure.stage.is_pooled)]
    for separate in (False, True):
        placed: list[_Label] = []
        ends = [0.0, 0.0] if separate else [0.0]  # where the free room of each tier begins
        for figure in named:
            lines = write(figure.stage)
            half = LETTER * max(len(line) for line in lines) / 2
            x = min(max(figure.center, half), width - half)
            nearest = int(separate and figure.stage.is_pooled)
            tier = next((tier for tier in range(nearest, len(ends)) if x - half >= ends[tier]), len(ends))
            ends[tier : tier + 1] = [x + half + LETTER]
            placed.append(_Label(x, lines, tier))
        if len(ends) == 1:
            break
    return placed


def _heights(labels: Sequence[_Label]) -> list[int]:
    """Return the number of lines in each tier."""
    tiers = max(label.tier for label in labels) + 1
    return [max((len(label.lines) for label in labels if label.tier == tier), default=0) for tier in range(tiers)]


def _write(labels: Sequence[_Label], edge: float, *, up: bool) -> str:
    """Return the text from `edge` up or down, tier by tier, and a thin line to each label of an outer tier."""
    heights = _heights(labels)
    text, leaders = [], []
    for label in labels:
        before = sum(heights[: label.tier])
        first = edge - LINE * (before + len(label.lines)) if up else edge + LINE * before
        for row, line in enumerate(label.lines):
            opacity = ' opacity=".75"' if row else ""
            meaning = word_meanings.of_label(line)
            title = f"<title>{escape(meaning)}</title>" if meaning else ""
            text.append(
                f'<text x="{label.x:.1f}" y="{first + LINE * row + FONT - 1:.1f}"{opacity}>{escape(line)}{title}</text>'
            )
        if label.tier:
            leaders.append(f"M{label.x:.1f} {edge:.1f}V{edge + (-LINE if up else LINE) * before:.1f}")
    line = (
        f'<path d="{"".join(leaders)}" stroke="currentColor" stroke-width=".6" stroke-opacity=".4"/>' if leaders else ""
    )
    return "".join(text) + line
