"""Pooling: what each window keeps, what is lost, and how the output changes when the picture moves."""

from core.images.kernels import KernelError
from core.images.pictures import PictureError, to_gray
from core.images.pooling import pooling_loss
from core.ui import messages
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.pooling import (
    alternatives,
    blur_pooling,
    controls,
    global_pooling,
    input_picture,
    lost_detail,
    shift_response,
    what_to_notice,
)
from core.ui.widgets import tabs

page_frame.page("pooling", controls.STYLE)

settings = Settings(
    {
        **input_picture.DEFAULTS,
        **controls.DEFAULTS,
        **shift_response.DEFAULTS,
        **alternatives.DEFAULTS,
        **blur_pooling.DEFAULTS,
        **global_pooling.DEFAULTS,
    }
)
with page_frame.controls():
    plane, chosen = controls.pick(settings)

try:
    loss = pooling_loss(plane.image, *chosen.arguments)
    with page_frame.stage(491):
        controls.show(plane, chosen)
    page_frame.notice(*what_to_notice.sentences(plane, chosen, to_gray(loss.difference)))

    tabs.show(
        "p_tab",
        {
            "Lost detail": lambda: lost_detail.show(plane, chosen, loss),
            "Output size": lambda: controls.formula(plane, chosen),
            "Shift sensitivity": lambda: shift_response.show(settings, plane, chosen),
            "Alternatives": lambda: alternatives.show(settings, plane, chosen),
            "Blur pooling": lambda: blur_pooling.show(settings, plane, chosen),
            "Global pooling": lambda: global_pooling.show_global(settings, plane),
            "Limitations": global_pooling.show_faces,
        },
        names=("detail", "size", "shift", "alternatives", "blur", "global", "limits"),
    )
except (PictureError, KernelError) as error:
    messages.error(error)

page_frame.onward("pooling")
