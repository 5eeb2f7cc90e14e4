"""The whole picture through the filter, before and after, at its full size."""

import numpy as np

from core.images.chain import Filter
from core.images.display import to_bytes
from core.images.kernels import KernelError
from core.images.pictures import Picture
from core.ui import messages
from core.ui.components import image_row
from core.ui.display import image_colors, numbers
from core.ui.views.kernels import kernel_picker
from core.ui.widgets.picture_picker import PickedPicture


def show(chosen: PickedPicture, current: Filter) -> Picture | None:
    """Draw both pictures; answer the filtered one, or None where the filter does not fit on the picture."""
    try:
        answer = current.apply(chosen.picture)
    except KernelError as refusal:
        messages.error(refusal)
        return None
    shown = image_colors.colored(answer, kernel_picker.total(current))
    height, width = answer.shape[:2]
    image_row.side_by_side(
        [
            image_row.Figure(
                to_bytes(chosen.picture), chosen.alt, f"Before: {chosen.title}, {chosen.size}", chosen.key
            ),
            image_row.Figure(
                shown.levels,
                f"{chosen.alt}: after the kernel",
                f"After: {height} × {width} px, {shown.scale}",
            ),
        ],
        key="k_whole",
    )
    return answer


def strongest(answer: Picture | None) -> str:
    """Where the filter answers most strongly, in one sentence."""
    if answer is None:
        return "There is no answer: the kernel does not fit on the picture."
    place = np.unravel_index(np.abs(answer).argmax(), answer.shape)
    row, column = (int(number) + 1 for number in place[:2])
    return f"The strongest answer is **{numbers.rounded(float(answer[place]))}**, at row {row}, column {column}."
