"""Draw the network as one stage, with the planes of the chosen layer. The layer and the plane are in the URL."""

from typing import Any

import numpy as np

from core.ui.components import network_stage
from core.ui.display import numbers
from core.ui.state import page_state, query
from core.ui.state.settings import Settings
from core.ui.state.url_values import Number
from core.ui.views.anatomy import layer_planes, network_row, prediction
from core.ui.views.anatomy.forward_pass import ForwardPass

LAYER, PLANE, PAGE = "n_layer", "n_plane", "n_page"  # in the URL; layers and planes from 1
_STAGE = "n_stage"
DEFAULTS: dict[str, Any] = {PAGE: 1}


def layer(forward: ForwardPass) -> int:
    """Return the chosen layer, from 1."""
    return int(query.value(LAYER, Number("Layer", 1, len(forward.network.rows)), forward.network.first))


def plane(forward: ForwardPass, chosen: int) -> int:
    """Return the selected plane of layer `chosen`, from 0; by default the one with the strongest unit.

    Of planes, only units in the middle half count, which see more than the border. Without a picture it is the first:
    the strongest one would be an answer.
    """
    default = 1 if forward.picture.is_empty else 1 + strongest(forward.outputs[chosen])
    return int(query.value(PLANE, Number("Plane", 1, len(forward.outputs[chosen])), default)) - 1


def strongest(out: np.ndarray) -> int:
    """Return the plane, unit or capsule, from 0, with the largest value, among those that are shown at first.

    Examples:
        >>> planes = np.zeros((2, 8, 8))
        >>> planes[0, 0, 0], planes[1, 4, 4] = 9, 1
        >>> strongest(planes)
        1
    """
    if out.ndim == 1:
        return int(out.argmax())
    shown = out[: layer_planes.PAGE_SIZE]
    if out.ndim == 2:
        return int(np.linalg.norm(shown, axis=1).argmax())
    top, left = (side // 4 for side in out.shape[1:])
    middle = shown[:, top : out.shape[1] - top, left : out.shape[2] - left]
    return int(middle.max(axis=(1, 2)).argmax())


def pick_page(settings: Settings, forward: ForwardPass, chosen: int) -> int:
    """Draw what turns the pages of a layer of many planes or capsules, and return the first of them, from 0."""
    total = forward.outputs[chosen].shape[0]
    pages = -(-total // layer_planes.PAGE_SIZE) if forward.outputs[chosen].ndim > 1 else 1
    if pages == 1:
        return 0
    word = forward.plane_word(chosen)
    label, text = f"{word.capitalize()}s, {layer_planes.PAGE_SIZE} at a time", f"Page 1 to {pages} of the"
    return layer_planes.PAGE_SIZE * (
        settings.number(PAGE, label, 1, pages, help=f"{text} {numbers.count(total)} {word}s") - 1
    )


def show(forward: ForwardPass, chosen: int, selected: int, first: int, sentence: str) -> None:
    """Draw the stage.

    Args:
        forward: The picture in the network.
        chosen: The chosen layer, from 1.
        selected: The selected plane, from 0.
        first: The first plane to show, from 0.
        sentence: What to notice about the layer.

    Raises:
        InferenceError: The weights cannot be read.
    """
    network_stage.network_stage(
        {
            "layers": network_row.layers(forward, chosen),
            "selected": chosen,
            "planes": layer_planes.data(forward, chosen, first=first, selected=selected),
            "answers": network_row.answers(forward),
            "missing": prediction.NOTHING_YET,
            "logits": chosen == forward.network.ending.logits and not forward.network.ending.is_lengths,
            "sentence": sentence,
        },
        key=page_state.key(_STAGE),
        on_choose=_choose,
    )


def _choose() -> None:
    chosen = network_stage.chosen(page_state.key(_STAGE))
    if chosen is None:
        return
    number, plane_number = chosen
    query.write(LAYER, str(number))
    query.write(PLANE, None if plane_number is None else str(plane_number + 1))
