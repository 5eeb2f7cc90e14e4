"""Capsules: vectors whose length says that a part is there, and whose direction says how it lies."""

from core.data import DataError
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.capsules import by_hand, length_and_direction, trained, training
from core.ui.widgets import tabs

page_frame.page("capsules", training.STYLE)

settings = Settings({**by_hand.DEFAULTS, **trained.DEFAULTS, **length_and_direction.DEFAULTS, **training.DEFAULTS})
try:
    tabs.show(
        "v_tab",
        {
            "By hand": lambda: by_hand.show(settings),
            "A trained network": lambda: trained.show(settings),
            "Is the claim true?": lambda: length_and_direction.show(settings),
            "Train one": lambda: training.show(settings),
        },
        names=("hand", "network", "claim", "training"),
    )
except (DataError, InferenceError) as error:
    messages.error(error)

page_frame.onward("capsules")
