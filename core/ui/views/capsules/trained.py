"""A trained capsule network: its lengths, its reconstructions and its routing."""

from collections.abc import Callable
from typing import Any

from core.data import DataError
from core.insight.pretrained import NetworkError
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.state.settings import Settings
from core.ui.views.capsules import trained_digit as digits
from core.ui.views.capsules import trained_effects, trained_numbers, trained_pairs, trained_routing
from core.ui.views.capsules.trained_digit import Capsules, PickedDigit
from core.ui.widgets import tabs

DEFAULTS: dict[str, Any] = {**digits.DEFAULTS, **trained_routing.DEFAULTS, **trained_pairs.DEFAULTS}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
    client.inference().warm_up()

    def with_digit(draw: Callable[[PickedDigit, Capsules], None]) -> Callable[[], None]:
        return lambda: _with_digit(settings, draw)

    try:
        tabs.pick(
            "v_net_part",
            "What to look at",
            {
                "Sixteen sliders": with_digit(trained_numbers.show_sliders),
                "One number at a time": with_digit(trained_numbers.show_grid),
                "What each number does": with_digit(lambda _, found: trained_effects.show(found.winner)),
                "Routing": with_digit(lambda digit, found: trained_routing.show(settings, digit, found)),
                "Two digits at once": lambda: trained_pairs.show(settings),
            },
            names=("sliders", "grid", "effects", "routing", "pairs"),
            help="One trained network from five sides",
        )
    except (DataError, InferenceError, NetworkError) as error:
        messages.error(error)


def _with_digit(settings: Settings, draw: Callable[[PickedDigit, Capsules], None]) -> None:
    """Draw the picker of the digit, then what the network makes of it."""
    digit, stage = digits.pick(settings)
    if digit is not None:
        with stage:
            draw(digit, digits.capsules(digit))
    messages.caption(digits.about())
