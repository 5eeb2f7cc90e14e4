"""A chain of up to four filters: the output of one is the input of the next."""

from itertools import zip_longest

import streamlit as st

from core.images.filter_chain import MAX_FILTERS, Chain, Filter
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import KernelError
from core.images.pictures import Picture
from core.images.rendering import to_bytes
from core.ui import messages
from core.ui.components import image_row
from core.ui.display import image_colors
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.kernels import kernel_picker
from core.ui.widgets.picture_picker import PickedPicture

_NONE = "none"
_PAGE = "page"  # the kernel of the page, with its edits
_KEYS = [f"k_then_{number}" for number in range(1, MAX_FILTERS + 1)]
_LABELS = ("First", "Second", "Third", "Fourth")
DEFAULTS = {key: _NONE if number else _PAGE for number, key in enumerate(_KEYS)}

EXAMPLES: dict[str, tuple[str, ...]] = {
    "Blur, then edges": ("gaussian", "laplacian_8"),
    "Blur, again and again": ("box",) * MAX_FILTERS,
    "Sharpen twice": ("sharpen", "sharpen"),
    "The page's kernel alone": (_PAGE,),
}


def chosen_chain(first: Filter) -> Chain:
    """Return the chosen filters in order, read from the session; `first` is the page's."""
    names = [st.session_state.get(key, default) for key, default in DEFAULTS.items()]
    return Chain(tuple(first if name == _PAGE else _from_catalogue(name) for name in names if name != _NONE))


def _from_catalogue(name: str) -> Filter:
    return kernel_picker.as_filter((CATALOGUE[name].kernel(),), name)


def show(settings: Settings, chosen: PickedPicture, first: Filter) -> None:
    """Draw the filter pickers and the picture after each filter."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("Examples:", width="content")
        for title, names in EXAMPLES.items():
            st.button(
                title,
                key=f"question_row_{title}",
                on_click=_choose,
                args=(names,),
                help=", then ".join(_title(first) if name == _PAGE else CATALOGUE[name].title for name in names),
            )
    with st.container(key="chained_filters"):
        columns = column_grid.equal(MAX_FILTERS, gap="small")
    titles = {_PAGE: f"This page's: {_title(first)}", _NONE: "None"}
    for number, (column, key, label) in enumerate(zip(columns, _KEYS, _LABELS, strict=True)):
        with column:
            settings.choice(
                key,
                label,
                [_NONE if number else _PAGE, *CATALOGUE],
                format=lambda name: titles[name] if name in titles else CATALOGUE[name].title,
                help="Its input is the output of the previous filter" if number else "Its input is the picture",
            )
    chain = chosen_chain(first)
    try:
        _, *outputs = chain.run(chosen.picture)
    except KernelError as refusal:
        messages.error(refusal)
        return
    image_row.side_by_side(_figures(chosen, chain, outputs), key="k_row", width=256)
    st.markdown(
        "**Blur, then a derivative** finds the large edges and ignores the noise. Swapping the order changes only the "
        "border, since both filters are sums of shifted pictures, and one larger kernel could replace the two. A "
        "network has ReLU between its kernels. It is not linear, so several layers can do more than one."
    )


def _choose(names: tuple[str, ...]) -> None:
    """Select these filters in order and clear the remaining pickers."""
    for key, name in zip_longest(_KEYS, names, fillvalue=_NONE):
        st.session_state[key] = name


def _figures(chosen: PickedPicture, chain: Chain, outputs: list[Picture]) -> list[image_row.Figure]:
    figures = [image_row.Figure(_half(to_bytes(chosen.picture)), chosen.alt, f"The picture, {chosen.size}")]
    gain, signed = 1.0, False
    for number, (step, output) in enumerate(zip(chain.filters, outputs, strict=True), start=1):
        gain *= kernel_picker.total(step)
        signed = signed or step.is_signed
        shown = image_colors.colored(output, gain, signed=signed)
        alt = f"{chosen.alt}: after {number} filter{'s' if number > 1 else ''}"
        figures.append(image_row.Figure(_half(shown.levels), alt, f"{number}. {_title(step)}: {shown.scale}"))
    return figures


def _half(levels: image_colors.Bytes) -> image_colors.Bytes:
    """Return every second pixel of a large picture, so that four fit side by side."""
    return levels[::2, ::2] if max(levels.shape[:2]) > 256 else levels


def _title(step: Filter) -> str:
    height, width = len(step.grids[0]), len(step.grids[0][0])
    return CATALOGUE[step.name].title if step.name else f"Your kernel, {height} × {width}"
