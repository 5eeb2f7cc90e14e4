"""On which device trainings run: a choice where there is one, a sentence where there is none. No torch here."""

from typing import Any

import streamlit as st

from core.ui.backend import client
from core.ui.display import numbers
from core.ui.run_panels.machine_status import DEVICES
from core.ui.state.settings import Settings

AUTO = "auto"
ORDER = "Auto takes a CUDA GPU first, then Apple's GPU, then the CPU."


def choices() -> list[str]:
    """What a person can choose between: `AUTO` and the machine's devices, best first; [`AUTO`] where there is one."""
    found = client.runs().machine()
    return [AUTO, *found["devices"]] if found and len(found["devices"]) > 1 else [AUTO]


def pick(settings: Settings, key: str) -> None:
    """Draw the choice, where there is one; `wanted` tells what was chosen."""
    options = choices()
    if len(options) > 1:
        settings.segments(
            key,
            "Device",
            options,
            format=lambda name: DEVICES.get(name, "Auto"),
            help=f"Where it trains. {ORDER} Equal settings are trained once, wherever that was first: to hold one "
            "device against another, take another seed.",
        )


def wanted(key: str) -> str:
    """The device that was chosen by the widget of this key; `AUTO` where there is nothing to choose."""
    chosen = st.session_state.get(key, AUTO)
    return chosen if chosen in choices() else AUTO


def sentence(found: dict[str, Any] | None, device: str = AUTO) -> str:
    """Which device trains, why, with how much memory; `found` is what `RunService.machine` tells."""
    if found is None:
        return "Looking for the device that trains …"
    best, several = found["devices"][0], len(found["devices"]) > 1
    name = best if device == AUTO else device
    reason = found.get("reasons", {}).get(name, found["reason"])  # an older version's machine.json has the best's only
    memory = found.get("memories", {}).get(name, found["memory"])
    why = ORDER if several else f"It is all this machine has: {ORDER[0].lower()}{ORDER[1:]}"
    told = [reason, f"{memory / 2**30:.0f}{numbers.SPACE}GiB of memory.", why if device == AUTO else "As chosen here."]
    return " ".join(part for part in told if part)
