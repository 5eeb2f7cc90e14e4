"""The input of the pooling page: a picture, reduced so that its pixels are visible, or one feature plane of it."""

import numpy as np

from core.images.convolution import convolve
from core.images.kernel_catalogue import CATALOGUE
from core.images.pictures import center_square, to_gray
from core.ui.state.settings import Settings
from core.ui.views.pooling.figures import Plane
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

PICTURE = "picture"  # no kernel
PICTURE_SIDES = [32, 64, 128]  # px
DEFAULTS = {**picture_picker.defaults("p_", "mnist"), "p_plane": PICTURE, "p_relu": True, "p_side": 64}


def plane(settings: Settings, chosen: PickedPicture) -> Plane:
    """Draw the choice of what is pooled, the picture or a feature plane of it, and return it."""
    image = chosen.picture
    kernel = settings.choice(
        "p_plane",
        "Input of pooling",
        [PICTURE, *CATALOGUE],
        format=lambda key: "The picture" if key == PICTURE else f"Feature plane of {CATALOGUE[key].title}",
        help="In a network, pooling follows a convolution: its input is feature planes rather than pictures.",
    )
    if max(image.shape[:2]) > PICTURE_SIDES[0]:
        side = settings.segments(
            "p_side",
            "Resize to (px)",
            PICTURE_SIDES,
            help="The picture's central square, resized to this side. Fewer pixels are easier to follow.",
        )
        image = center_square(image, min(side, *image.shape[:2]))
    if kernel == PICTURE:
        return Plane(image, chosen.title, chosen.alt)
    relu = settings.switch("p_relu", "ReLU first", help="Set negative values to zero before pooling.")
    response, name = convolve(to_gray(image), CATALOGUE[kernel].kernel()), CATALOGUE[kernel].title
    return Plane(np.maximum(response, 0) if relu else response, f"{name} of {chosen.title}", f"{name} of: {chosen.alt}")
