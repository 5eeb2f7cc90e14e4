"""Device selection: a control if the machine has several devices, a sentence if it has one. No torch."""

from typing import Any

import streamlit as st

from core.runs import hardware
from core.ui.backend import client
from core.ui.display import numbers
from core.ui.run_panels.machine_status import DEVICES
from core.ui.state.settings import Settings

AUTO = "auto"
ORDER = "Auto takes a CUDA GPU first, then Apple's GPU, then the CPU."


def choices() -> list[str]:
    """Return the options: `AUTO` and the machine's devices, best first; only `AUTO` if there is one device."""
    machine = client.runs().machine()
    return [AUTO, *machine["devices"]] if machine and len(machine["devices"]) > 1 else [AUTO]


def pick(settings: Settings, key: str) -> None:
    """Draw the control if there is more than one device; `wanted` returns the choice."""
    options = choices()
    if len(options) > 1:
        settings.segments(
            key,
            "Device",
            options,
            format=lambda name: DEVICES.get(name, "Auto"),
            help=f"The device that trains. {ORDER} Runs with equal settings are trained only once: to compare devices, "
            "use a different seed.",
        )


def wanted(key: str) -> str:
    """Return the device chosen with the widget of this key; `AUTO` if there is nothing to choose."""
    chosen = st.session_state.get(key, AUTO)
    return chosen if chosen in choices() else AUTO


def chip(key: str) -> None:
    """Draw the device that trains as a chip, "CPU, 2 cores", with why it is chosen and its memory in the tooltip."""
    machine = client.runs().machine()
    if machine is None:
        st.fragment(_looking, run_every=2.0)()
        return
    device = wanted(key)
    name = machine["devices"][0] if device == AUTO else device
    cores = f", {hardware.cores()} {'core' if hardware.cores() == 1 else 'cores'}" if name == "cpu" else ""
    st.badge(
        f"{DEVICES[name]}{cores}",
        icon=":material/memory:",
        color="gray",
        help=sentence(machine, device),
        width="content",
    )


def _looking() -> None:
    if client.runs().machine() is not None:
        st.rerun()
    st.badge("Finding device", icon=":material/memory:", color="gray", help=sentence(None), width="content")


def sentence(machine: dict[str, Any] | None, device: str = AUTO) -> str:
    """Return which device trains, why, and its memory.

    Args:
        machine: The result of `RunService.machine`; None while it is being examined.
        device: The device that was chosen.
    """
    if machine is None:
        return "Looking for a device to train on …"
    best, several = machine["devices"][0], len(machine["devices"]) > 1
    name = best if device == AUTO else device
    reason = machine.get("reasons", {}).get(
        name, machine["reason"]
    )  # older versions of machine.json describe the best device only
    memory = machine.get("memories", {}).get(name, machine["memory"])
    why = ORDER if several else "The only device on this machine."
    parts = [reason, f"{memory / 2**30:.0f}{numbers.SPACE}GiB of memory.", why if device == AUTO else "As chosen here."]
    return " ".join(part for part in parts if part)
