"""The settings of the stage of capsules, checked, from a link or from a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.ui.state.url_values import Choice, Field, Number, Refused

SCENES = {"house": 2, "boat": 2, "face": 4, "bicycle": 4, "swapped": 4}
"""The number of parts by scene."""

MAX_ITERATIONS = 5
WIDTH, HEIGHT, MARGIN = 300, 200, 100  # of the stage; parts may lie MARGIN beyond it
PLACE = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
"""The largest x and y of a place as the URL has it."""


@dataclass(frozen=True, slots=True)
class Places:
    """As many places as one of `counts`, each of one whole number for each limit; see HandState."""

    label: str
    counts: frozenset[int]
    limits: tuple[int, ...]

    def read(self, text: str) -> str:
        """Return the text. Raises Refused."""
        if not any(_are_places(text, count, self.limits) for count in self.counts):
            raise Refused("is not places on the stage")
        return text

    def write(self, value: Any) -> str:
        """Return the text itself."""
        return str(value)


FIELDS: dict[str, Field] = {
    "v_scene": Choice("Scene", list(SCENES)),
    "v_iterations": Number("Routing iterations", 0, MAX_ITERATIONS),
    "v_parts": Places("Parts", frozenset(SCENES.values()), (*PLACE, 359)),
    "v_card": Places("Card", frozenset({1}), PLACE),
}


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
        has_parts = isinstance(parts, str) and _are_places(parts, SCENES[scene], (*PLACE, 359))
        has_card = isinstance(card, str) and _are_places(card, 1, PLACE)
        return cls(
            scene,
            default.v_iterations if iterations is None else iterations,
            str(parts) if has_parts else "",
            str(card) if has_card else "",
        )


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
