"""Which kernel looks at the picture, and at which of its colors: the catalogue's, or what the person has made of it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.images.catalogue import CATALOGUE, CatalogueKernel
from core.images.chain import Chain, Filter
from core.images.display import GRAY_PROJECTIONS
from core.images.kernels import Kernel, KernelError, Padding
from core.ui.display import numbers
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.widgets.picture_picker import PickedPicture

EDIT = "k_edit"  # in the URL: the filter, where it is not the catalogue's own any more
PLACING = "k_placing"  # in the session: stride, padding and dilation, which are no kernel's
MOST_EDITS = 50  # of one session

COLORS = {"channels": "Each channel", "luminance": "Luminance", "depth": "F × F × 3"}

DEFAULTS: dict[str, Any] = {
    "k_kernel": "sobel_x",
    "k_colors": "luminance",
    "k_planes": "mean",
    **{f"k_size_{key}": entry.size for key, entry in CATALOGUE.items() if len(entry.sizes) > 1},
    **{f"k_value_{key}": float(entry.parameter.default) for key, entry in CATALOGUE.items() if entry.parameter},
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A kernel of the catalogue as the page opens it: one grid of weights, or three for the colors."""

    flat: Filter
    deep: Filter  # the same grid, weighed for red, green and blue
    shares: tuple[float, float, float]  # those weights
    is_deep: bool

    @property
    def filter(self) -> Filter:
        """Return the one of both that is shown."""
        return self.deep if self.is_deep else self.flat


Placing = tuple[int, Padding, int]
Step = tuple[dict[str, str], dict[Filter, Filter], Placing]
"""What can be undone: the texts of the controls, the edits, and where the window goes."""


def kernel(settings: Settings) -> tuple[CatalogueKernel, Kernel]:
    """The kernel's picker: its name, and its size and its parameter where it has them."""
    name = settings.choice(
        "k_kernel",
        "Kernel",
        list(CATALOGUE),
        format=lambda key: CATALOGUE[key].title,
        help="The catalogue, in families: leave alone, blur, sharpen, edges, lines and spots, relief and chance",
    )
    entry = CATALOGUE[name]
    size, value = entry.size, None
    sizing, tuning = st.columns(2) if len(entry.sizes) > 1 and entry.parameter else (st.container(), st.container())
    if len(entry.sizes) > 1:
        with sizing:
            size = settings.steps(
                f"k_size_{name}",
                "Size F, px",
                entry.sizes,
                format=lambda side: f"{side} × {side}",
                help="Rows and columns of the kernel",
            )
    if entry.parameter:
        about = entry.parameter
        with tuning:
            value = settings.slider(
                f"k_value_{name}",
                about.label,
                about.low,
                about.high,
                step=about.step,
                help=f"{entry.title}: {about.label}",
            )
    return entry, entry.kernel(size, value)


def colors(settings: Settings, chosen: PickedPicture) -> str:
    """What of a color picture is filtered: a key of COLORS. A gray picture has no choice."""
    if not chosen.is_color:
        st.caption("This picture is gray: it has one channel, and the kernel filters that.")
        return "channels"
    return str(
        settings.segments(
            "k_colors",
            "Color",
            list(COLORS),
            format=COLORS.__getitem__,
            help="Each channel by itself; or their brightness; or one filter as deep as the picture, with a plane of "
            "weights a channel, whose three answers are summed: what a layer of a network does",
        )
    )


def preset(settings: Settings, entry: CatalogueKernel, weights: Kernel, *, is_deep: bool) -> Preset:
    """Return what the page opens with; for a filter with a plane a channel, draw the choice of its planes."""
    if is_deep:
        chosen = settings.choice(
            "k_planes",
            "Planes",
            list(GRAY_PROJECTIONS),
            format=lambda key: GRAY_PROJECTIONS[key][0],
            help="How much of the kernel stands on red, green and blue; every weight can be changed below",
        )
    else:
        chosen = query.texts_of(["k_planes"]).get("k_planes", DEFAULTS["k_planes"])
    shares = GRAY_PROJECTIONS.get(chosen, GRAY_PROJECTIONS[DEFAULTS["k_planes"]])[1]
    deep = tuple(weights * share for share in shares)
    return Preset(as_filter((weights,), entry.key), as_filter(deep, entry.key), shares, is_deep)


def as_filter(planes: tuple[Kernel, ...], name: str) -> Filter:
    """Return a kernel of the catalogue as the filter that the page opens with."""
    return Filter(tuple(tuple(map(tuple, plane.tolist())) for plane in planes), padding="reflect", name=name)


def edited(preset: Preset) -> Filter:
    """Return what the person last made of a preset, or the link brought; the preset itself where that is nothing.

    What was made of its one grid is carried over to the three planes, and back.
    """
    shown, edits = preset.filter, _edits()
    if (linked := query.take(EDIT)) is not None:
        try:
            found = Chain.from_json(linked).filters
            if not found or len(found[0].grids) != len(shown.grids):
                raise KernelError("The link's kernel has another number of planes than the page shows.")
            edits[shown] = found[0]
            place(found[0])
        except KernelError as refusal:
            query.write(EDIT, None)
            query.report(f"{refusal} The page shows the kernel of the catalogue instead.", failed=False)
    found_edit = edits.get(shown) or _carried(preset, edits) or shown
    stride, padding, dilation = st.session_state.get(PLACING, _placing(found_edit))
    return replace(found_edit, stride=stride, padding=padding, dilation=dilation)


def _carried(preset: Preset, edits: dict[Filter, Filter]) -> Filter | None:
    """Return the edit of the preset's other form in the form that is shown; None where that is nothing."""
    other = edits.get(preset.flat if preset.is_deep else preset.deep)
    if other is None:
        return None
    grids = np.array(other.grids)  # (1, F, F) or (3, F, F)
    if preset.is_deep:
        planes = [grids[0] * share for share in preset.shares]
    elif abs(sum(preset.shares) - 1) < 1e-9:
        planes = [grids.sum(axis=0).round(12)]  # what the three make of gray
    else:
        return None  # colors against each other make nothing of gray
    try:
        return replace(other, grids=tuple(tuple(map(tuple, plane.tolist())) for plane in planes), name="")
    except KernelError:  # a sum of three weights may be larger than a weight
        return None


def remember(current: Filter, preset: Filter, opened: Filter) -> None:
    """Keep what the person made of a preset, and write it into the URL where it is not the preset itself.

    What was only carried over to the preset, as it was `opened`, is no edit of its own.
    """
    edits = _edits()
    if preset in edits or current.grids != opened.grids:
        edits.pop(preset, None)
        edits[preset] = current
    while len(edits) > MOST_EDITS:
        del edits[next(iter(edits))]
    place(current)
    query.write(EDIT, None if current == preset else Chain((current,)).to_json())


def place(current: Filter) -> None:
    """Keep a filter's stride, padding and dilation for whichever kernel comes next."""
    st.session_state[PLACING] = _placing(current)


def _placing(filter: Filter) -> Placing:
    return filter.stride, filter.padding, filter.dilation


def forget(preset: Filter) -> None:
    """Go back to the catalogue's weights. For callbacks."""
    _edits()[preset] = preset  # so that nothing is carried over to it


def step() -> Step:
    """Return what can be undone, as it is now."""
    return query.texts_of(DEFAULTS), dict(_edits()), st.session_state[PLACING]


def restore(step: Step) -> None:
    """Go back to a step. For callbacks."""
    texts, edits, placing = step
    query.put_back(DEFAULTS, texts)
    st.session_state[EDIT], st.session_state[PLACING] = dict(edits), placing


def _edits() -> dict[Filter, Filter]:
    """Return the session's edits, the oldest first, by the preset that each was made of: switching back finds them."""
    edits: dict[Filter, Filter] = st.session_state.setdefault(EDIT, {})
    return edits


def total(current: Filter) -> float:
    """The sum of all weights: what an even area of brightness 1 becomes."""
    return float(np.sum(current.grids))


def summed_up(current: Filter) -> str:
    """What the sum of the weights says, in one sentence."""
    gain = total(current)
    if abs(gain) < 1e-9:
        return "The weights sum to **0**: an even area becomes 0, and only changes are left."
    if abs(gain - 1) < 1e-9:
        return "The weights sum to **1**: an even area keeps its brightness."
    return (
        f"The weights sum to **{numbers.rounded(gain)}**: an even area becomes {numbers.rounded(gain)} times as bright."
    )
