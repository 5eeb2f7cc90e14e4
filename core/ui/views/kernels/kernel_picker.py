"""The kernel picker: a kernel of the catalogue, its edited weights, and the color channels it is applied to."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.images.convolution import PADDINGS, Padding
from core.images.filter_chain import MAX_DILATION, MAX_STRIDE, Filter
from core.images.kernel_catalogue import CATALOGUE, CatalogueKernel
from core.images.kernels import Kernel, KernelError
from core.images.rendering import GRAY_PROJECTIONS
from core.ui.display import numbers
from core.ui.state import query
from core.ui.state.kernel_link import DILATION, PADDING, STRIDE, WEIGHTS, read_weights, write_weights
from core.ui.state.settings import Settings
from core.ui.state.url_values import Choice, Field, Number
from core.ui.widgets.picture_picker import PickedPicture

EDITS = "k_edits"  # in the session: the edited filters by their preset
PLACING = "k_placing"  # in the session: stride, padding and dilation, kept when the kernel changes
MAX_EDITS = 50  # per session
PLANES = ("red", "green", "blue")
ROUNDING = 1e-9  # of the sizes of the summed weights

COLORS = {"channels": "Each channel", "luminance": "Luminance", "depth": "3 × F × F"}

DEFAULTS: dict[str, Any] = {
    "k_kernel": "sobel_x",
    "k_colors": "luminance",
    "k_planes": "mean",
    **{f"k_size_{key}": entry.size for key, entry in CATALOGUE.items() if len(entry.sizes) > 1},
    **{f"k_value_{key}": float(entry.parameter.default) for key, entry in CATALOGUE.items() if entry.parameter},
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A kernel of the catalogue as the page opens it, for gray (one grid of weights) and for color (three grids)."""

    flat: Filter
    deep: Filter  # the same grid times the share of red, green and blue
    shares: tuple[float, float, float]  # of red, green and blue
    is_deep: bool

    @property
    def filter(self) -> Filter:
        """Return the filter that is shown."""
        return self.deep if self.is_deep else self.flat


Placing = tuple[int, Padding, int]
_PLACED: tuple[tuple[str, Field, Any], ...] = (
    (STRIDE, Number("Stride S", 1, MAX_STRIDE), 1),
    (PADDING, Choice("Padding", PADDINGS), "reflect"),
    (DILATION, Number("Dilation D", 1, MAX_DILATION), 1),
)
Step = tuple[dict[str, str], dict[Filter, Filter], Placing]
"""An undo step: the values of the controls, the edited filters, and stride, padding and dilation."""


def kernel(settings: Settings) -> tuple[CatalogueKernel, Kernel]:
    """Draw the kernel picker with the kernel's size and parameter, in one row; return the entry and its weights."""
    name = settings.choice(
        "k_kernel",
        "Kernel",
        list(CATALOGUE),
        format=lambda key: CATALOGUE[key].title,
        help="Kernels by family: identity, blur, sharpen, edges, lines and spots, emboss and random",
        width=176,
    )
    entry = CATALOGUE[name]
    size, value = entry.size, None
    if len(entry.sizes) > 1:
        size = settings.steps(
            f"k_size_{name}",
            "Size F, px",
            entry.sizes,
            format=lambda side: f"{side} × {side}",
            help="Rows and columns of the kernel",
            width=104,
        )
    if entry.parameter:
        about = entry.parameter
        value = settings.slider(
            f"k_value_{name}",
            about.label,
            about.low,
            about.high,
            step=about.step,
            help=f"{entry.title}: {about.label}",
            width=104,
        )
    return entry, entry.kernel(size, value)


def colors(settings: Settings, chosen: PickedPicture) -> str:
    """Draw the choice of color handling and return a key of COLORS. A gray picture has no choice."""
    if not chosen.is_color:
        st.caption("This picture is gray: it has one channel.")
        return "channels"
    return str(
        settings.segments(
            "k_colors",
            "Color",
            list(COLORS),
            format=COLORS.__getitem__,
            help="Each channel separately; or the luminance only; or one filter with a separate kernel for each "
            "channel, whose three results are added, as in a layer of a network",
        )
    )


def preset(settings: Settings, entry: CatalogueKernel, weights: Kernel, *, is_deep: bool) -> Preset:
    """Return the preset for a kernel; for a 3-channel filter, draw the channel weights."""
    if is_deep:
        chosen = settings.choice(
            "k_planes",
            "Channel weights",
            list(GRAY_PROJECTIONS),
            format=lambda key: GRAY_PROJECTIONS[key][0],
            help="Weight of each color channel; every weight can be changed below",
        )
    else:
        chosen = query.texts_of(["k_planes"]).get("k_planes", DEFAULTS["k_planes"])
    shares = GRAY_PROJECTIONS.get(chosen, GRAY_PROJECTIONS[DEFAULTS["k_planes"]])[1]
    deep = tuple(weights * share for share in shares)
    return Preset(as_filter((weights,), entry.key), as_filter(deep, entry.key), shares, is_deep)


def as_filter(planes: tuple[Kernel, ...], name: str) -> Filter:
    """Return a kernel of the catalogue as a filter with the page's default padding."""
    return Filter(tuple(tuple(map(tuple, plane.tolist())) for plane in planes), padding="reflect", name=name)


def edited(preset: Preset) -> Filter:
    """Return the edited filter of a preset, from the link or the session; the preset itself if it was not edited.

    An edit of the gray kernel is carried over to the 3-channel filter, and back.
    """
    shown, edits = preset.filter, _edits()
    if (linked := query.take(WEIGHTS)) is not None:
        try:
            grids = read_weights(linked)
            if len(grids) != len(shown.grids):
                raise KernelError("The kernel in the link has a different number of channels than the page shows.")
            edits[shown] = Filter(grids)
        except KernelError as refusal:
            query.write(WEIGHTS, None)
            query.report(f"{refusal} The page shows the kernel of the catalogue instead.", failed=False)
    edit = edits.get(shown) or _carried(preset, edits) or shown
    linked_placing = tuple(query.value(key, field, usual) for key, field, usual in _PLACED)
    stride, padding, dilation = st.session_state.get(PLACING, linked_placing)
    return replace(edit, stride=stride, padding=padding, dilation=dilation)


def _carried(preset: Preset, edits: dict[Filter, Filter]) -> Filter | None:
    """Return the edit of the preset's other form (gray or color), in the shown form, if any."""
    other = edits.get(preset.flat if preset.is_deep else preset.deep)
    if other is None:
        return None
    grids = np.array(other.grids)  # (1, F, F) or (3, F, F)
    if preset.is_deep:
        planes = [grids[0] * share for share in preset.shares]
    elif abs(sum(preset.shares) - 1) < 1e-9:
        planes = [grids.sum(axis=0).round(12)]  # the effect on a gray picture
    else:
        return None  # opposing channel weights cancel on a gray picture
    try:
        return replace(other, grids=tuple(tuple(map(tuple, plane.tolist())) for plane in planes), name="")
    except KernelError:  # the sum of three weights may exceed the limit
        return None


def remember(current: Filter, preset: Filter, initial: Filter) -> None:
    """Store the edited filter of a preset in the session, and in the URL if it differs from the preset.

    A filter that is still as the inspector was opened with (`initial`) is not an edit.
    """
    edits = _edits()
    if preset in edits or current.grids != initial.grids:
        edits.pop(preset, None)
        edits[preset] = current
    while len(edits) > MAX_EDITS:
        del edits[next(iter(edits))]
    keep_placing(current)
    query.write(WEIGHTS, None if current.grids == preset.grids else write_weights(current.grids))
    for (key, _, usual), value in zip(_PLACED, _placing(current), strict=True):
        query.write(key, None if value == usual else str(value))


def keep_placing(current: Filter) -> None:
    """Keep a filter's stride, padding and dilation for the next kernel."""
    st.session_state[PLACING] = _placing(current)


def _placing(filter: Filter) -> Placing:
    return filter.stride, filter.padding, filter.dilation


def step() -> Step:
    """Return the current undo step."""
    return query.texts_of(DEFAULTS), dict(_edits()), st.session_state[PLACING]


def restore(step: Step) -> None:
    """Restore an undo step. For callbacks."""
    texts, edits, placing = step
    query.put_back(DEFAULTS, texts)
    st.session_state[EDITS], st.session_state[PLACING] = dict(edits), placing


def _edits() -> dict[Filter, Filter]:
    """Return the session's edited filters by their preset, oldest first."""
    edits: dict[Filter, Filter] = st.session_state.setdefault(EDITS, {})
    return edits


def total(current: Filter) -> float:
    """Return the sum of all weights: the response to a uniform area of brightness 1."""
    return float(np.sum(current.grids))


def describe_sum(current: Filter) -> str:
    """Return a sentence about the sum of the weights and its effect on brightness."""
    grids = np.array(current.grids)
    allowed = ROUNDING * float(np.abs(grids).sum())
    sums = grids.sum(axis=(1, 2))
    gain = float(sums.sum())
    if not grids.any():
        return "The weights sum to **0**: all of them are 0, so every output is 0."
    gray = "gray " if len(sums) == 3 else ""
    if abs(gain) > allowed:
        if abs(gain - 1) <= max(allowed, ROUNDING):
            return f"The weights sum to **1**: a uniform {gray}area keeps its brightness."
        return (
            f"The weights sum to **{numbers.rounded(gain)}**: the brightness of a uniform {gray}area is multiplied by "
            "it."
        )
    if np.abs(sums).max() <= allowed:
        return "The weights sum to **0**: a uniform area becomes 0, and only changes remain."
    planes = ", ".join(
        f"{color} {numbers.rounded(float(value) if abs(value) > allowed else 0)}"
        for color, value in zip(PLANES, sums, strict=True)
    )
    return (
        f"The weights sum to **0** ({planes}): a uniform gray area becomes 0, and a colored one does not, so colors "
        "remain as well as changes."
    )
