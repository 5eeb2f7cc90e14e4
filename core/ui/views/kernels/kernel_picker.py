"""Which kernel looks at the picture, and at which of its colors: the catalogue's, or what the person has made of it."""

from typing import Any

import numpy as np
import streamlit as st

from core.images.catalogue import CATALOGUE, CatalogueKernel
from core.images.chain import Chain, Filter
from core.images.display import PLANES
from core.images.kernels import Kernel, KernelError
from core.ui.display import numbers
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.widgets.picture_picker import Chosen

EDIT = "k_edit"  # in the URL: the filter, where it is not the catalogue's own any more
MOST_EDITS = 50  # of one session

COLORS = {"channels": "Each channel", "luminance": "Luminance", "depth": "F × F × 3"}

DEFAULTS: dict[str, Any] = {
    "k_kernel": "sobel_x",
    "k_colors": "luminance",
    "k_planes": "mean",
    **{f"k_size_{key}": entry.size for key, entry in CATALOGUE.items() if len(entry.sizes) > 1},
    **{f"k_value_{key}": float(entry.parameter.default) for key, entry in CATALOGUE.items() if entry.parameter},
}


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


def colors(settings: Settings, chosen: Chosen) -> str:
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


def deepened(settings: Settings, weights: Kernel) -> tuple[Kernel, ...]:
    """Three planes of weights from one: a grid a channel, (F_h, F_w) each."""
    chosen = settings.choice(
        "k_planes",
        "Planes",
        list(PLANES),
        format=lambda key: PLANES[key][0],
        help="How much of the kernel stands on red, green and blue; every weight can be changed below",
    )
    return tuple(weights * share for share in PLANES[chosen][1])


def as_filter(planes: tuple[Kernel, ...], name: str) -> Filter:
    """The catalogue's kernel as the filter that the page opens with."""
    return Filter(tuple(tuple(map(tuple, plane.tolist())) for plane in planes), padding="reflect", name=name)


def edited(preset: Filter) -> Filter:
    """Return what the person last made of a preset, or the link brought; the preset itself where that is nothing."""
    edits = _edits()
    if (linked := query.take(EDIT)) is not None:
        try:
            found = Chain.from_json(linked).filters
            if not found or len(found[0].grids) != len(preset.grids):
                raise KernelError("The link's kernel has another number of planes than the page shows.")
            edits[preset] = found[0]
        except KernelError as refusal:
            query.write(EDIT, None)
            query.report(f"{refusal} The page shows the kernel of the catalogue instead.")
    return edits.get(preset, preset)


def remember(current: Filter, preset: Filter) -> None:
    """Keep what the person made of a preset, and write it into the URL where it is not the preset itself."""
    edits = _edits()
    edits.pop(preset, None)
    if current != preset:
        edits[preset] = current
    while len(edits) > MOST_EDITS:
        del edits[next(iter(edits))]
    query.write(EDIT, None if current == preset else Chain((current,)).to_json())


def forget(preset: Filter) -> None:
    """Drop what the person made of a preset. For callbacks."""
    _edits().pop(preset, None)
    query.write(EDIT, None)


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
