"""Two pictures in one: the slow waves of one and the fast waves of another (Oliva, Torralba and Schyns 2006)."""

import streamlit as st

from core.images.display import to_bytes
from core.images.frequency import hybrid, subsample
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency import picture as subjects
from core.ui.views.frequency.picture import SIZE, Subject
from core.ui.widgets import picture_picker

_FAR = "f_far_"
DEFAULTS = {**picture_picker.defaults(_FAR, "astronaut"), "f_cutoff": 12}


@st.fragment
def show(settings: Settings, near: Subject) -> None:
    """Draw the hybrid, and itself at the sizes it has from farther and farther away."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Seen from afar**")
        far = subjects.of(picture_picker.pick(settings, _FAR))
    with right:
        st.markdown(f"**Seen close up:** {near.title}, the picture above")
        cutoff = settings.slider(
            "f_cutoff",
            "Change over at, cycles per image",
            1,
            48,
            help="Waves slower than this come from the picture chosen here, faster ones from the picture above",
        )
    both_color = far.image.ndim == near.image.ndim
    mixed = hybrid(far.image, near.image, cutoff) if both_color else hybrid(far.gray, near.gray, cutoff)
    alt = f"Close up: {near.alt}. From afar: {far.alt}"
    copies = "".join(
        figures.figure(to_bytes(subsample(mixed, every, blur=True)), f"{alt}, {side} px", f"At {side} px", side)
        for every, side in ((1, SIZE), (2, SIZE // 2), (4, SIZE // 4))
    )
    figures.row(
        figures.figure(to_bytes(mixed), alt, f"Both in one, {SIZE} × {SIZE} px", 2 * SIZE),
        f'<div class="copies">{copies}</div>',
    )
    st.markdown(
        f"Close up you see **{near.title}**, whose fast waves are drawn here. Step back, or look at the small copies: "
        f"fast waves become too fine to see, and what is left are the slow waves of **{far.title}**, up to about "
        f"{cutoff} cycles per image. Both are there all the time."
    )
