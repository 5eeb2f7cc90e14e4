"""The settings of the stage of capsules, checked, from a link or from a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.ui.state.fields import Choice, Number, Refused

SCENES = {"house": 2, "boat": 2, "face": 4, "bicycle": 4, "swapped": 4}
"""The number of parts by scene."""

MAX_ITERATIONS = 5
WIDTH, HEIGHT, MARGIN = 300, 200, 100  # of the stage; parts may lie MARGIN beyond it
LABELS = {"v_scene": "Scene", "v_iterations": "Routing iterations", "v_parts": "Parts", "v_card": "Card"}
"""Display names of the fields."""


@dataclass(frozen=True, slots=True)
class HandState:
    """A scene, and what was moved in it.

    Attributes:
        v_scene: Name of the scene.
        v_iterations: Iterations of routing.
        v_parts: Each part as "x-y-degrees", joined by "_", with MARGIN added to x and y; empty as the scene has them.
        v_card: The card's middle as "x-y", likewise.
    """

    v_scene: str = "house"
    v_iterations: int = 3
    v_parts: str = ""
    v_card: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the state in `values`; missing or invalid fields have their defaults."""
        default = cls()
        scene = next((name for name in SCENES if name == values.get("v_scene")), default.v_scene)
        iterations = _whole(values.get("v_iterations"), MAX_ITERATIONS)
        parts, card = values.get("v_parts"), values.get("v_card")
        place = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
        has_parts = isinstance(parts, str) and _are_places(parts, SCENES[scene], (*place, 359))
        has_card = isinstance(card, str) and _are_places(card, 1, place)
        return cls(
            scene,
            default.v_iterations if iterations is None else iterations,
            str(parts) if has_parts else "",
            str(card) if has_card else "",
        )


def why_not(name: str, text: str) -> str:
    """Return why a link's text is not a value of the field `name`: "is more than 5"."""
    try:
        match name:
            case "v_scene":
                Choice(LABELS[name], list(SCENES)).read(text)
            case "v_iterations":
                Number(LABELS[name], 0, MAX_ITERATIONS).read(text)
    except Refused as reason:
        return str(reason)
    return "is not a place on the stage" if name == "v_card" else "is not a place and a turn for each part"


def _are_places(text: str, count: int, limits: tuple[int, ...]) -> bool:
    """Return whether `text` is `count` places, each of one whole number for each limit."""
    if len(text) > 100:
        return False
    places = [place.split("-") for place in text.split("_")]
    return len(places) == count and all(
        len(place) == len(limits)
        and all(_whole(number, limit) is not None for number, limit in zip(place, limits, strict=True))
        for place in places
    )


def _whole(value: object, limit: int) -> int | None:
    """Return a whole number from 0 to `limit`, None if `value` is none."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        return None
    return int(text) if int(text) <= limit else None
