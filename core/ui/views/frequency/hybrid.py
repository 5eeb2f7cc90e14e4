"""Hybrid pictures: low frequencies of one picture, high frequencies of another (Oliva, Torralba and Schyns 2006)."""

import streamlit as st
from markupsafe import Markup

from core.images.aliasing import subsample
from core.images.frequency_filters import hybrid
from core.images.rendering import to_bytes
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, InputPicture, from_chosen
from core.ui.widgets import picture_picker

_FAR = "f_far_"
DEFAULTS = {**picture_picker.defaults(_FAR, "astronaut"), "f_cutoff": 12}


@st.fragment
def show(settings: Settings, near: InputPicture) -> None:
    """Draw the hybrid picture, large and at smaller sizes, as seen from farther away."""
    left, right = column_grid.halves()
    with left:
        st.markdown("**Seen from afar**")
        far = from_chosen(picture_picker.pick(settings, _FAR))
    with right:
        st.markdown(f"**Seen close up:** {near.title}, the picture above")
        cutoff = settings.slider(
            "f_cutoff",
            "Cutoff (cycles per image)",
            1,
            48,
            help="Lower frequencies come from the picture chosen here, higher ones from the picture above",
        )
    same_mode = far.image.ndim == near.image.ndim
    mixed = hybrid(far.image, near.image, cutoff) if same_mode else hybrid(far.gray, near.gray, cutoff)
    alt = f"Close up: {near.alt}. From afar: {far.alt}"
    copies = Markup("").join(
        figures.figure(to_bytes(subsample(mixed, every, blur=True)), f"{alt}, {side} px", f"At {side} px", side)
        for every, side in ((1, SIZE), (2, SIZE // 2), (4, SIZE // 4))
    )
    figures.row(
        figures.figure(to_bytes(mixed), alt, f"Hybrid, {SIZE} × {SIZE} px", 2 * SIZE),
        Markup('<div class="copies">{}</div>').format(copies),
    )
    st.markdown(
        f"Close up you see **{near.title}**: its high frequencies are in the hybrid. Step back, or look at the small "
        f"copies: high frequencies become too fine to see, and the low frequencies of **{far.title}** remain, up to "
        f"about {cutoff} cycles per image. The hybrid always contains both."
    )
