"""Status of this machine: its devices and its datasets."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.data import DatasetInfo, Status, published
from core.runs import hardware
from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, redrawn_fragments
from core.ui.display import numbers
from core.ui.messages import hosting

SETS = {"mnist": client.mnist, "cifar10": client.cifar10}
DEVICES = {"cuda": "NVIDIA GPU", "mps": "Apple GPU", "cpu": "CPU"}


def line() -> None:
    """Draw what this machine has as one quiet line that opens on a click; finding the device takes some seconds."""
    machine = client.runs().machine()
    try:
        counts = client.runs().counts()
    except StoreUnavailable as error:
        messages.error(error)
        return
    with st.container(key="machine"):
        folded = st.expander(f"This machine: {summary(machine)}", key="machine_details", on_change="rerun")
        if machine is None:
            redrawn_fragments.fragment(_wait, 1.0)()
        if folded.open:
            with folded:
                _details(machine, counts)


def _wait() -> None:
    """Redraw the page once the device is known."""
    if client.runs().machine():
        st.rerun()


def summary(machine: dict[str, Any] | None) -> str:
    """Return in a few words what trains here and on which digits."""
    digits = client.mnist()
    found = numbers.count(digits.train_images + digits.test_images)
    return f"{_device(machine)}, {numbers.count(hardware.cores())} CPU cores, {found} handwritten digits"


def _device(machine: dict[str, Any] | None) -> str:
    best = machine["devices"][0] if machine else None
    return (machine["gpu"] or DEVICES[best]) if machine and best else "looking for its devices"


def _details(machine: dict[str, Any] | None, counts: Mapping[str, int]) -> None:
    """Draw the training device, the number of runs and the datasets."""
    with st.container(horizontal=True):
        st.metric("Trains on", _device(machine), border=True, width="content")
        st.metric("CPU cores", numbers.count(hardware.cores()), border=True, width="content")
        if machine:
            st.metric("Memory", f"{machine['memory'] / 2**30:.0f} GiB", border=True, width="content")
            st.metric("Precision", machine["precision"], border=True, width="content", help=machine["reason"])
        st.metric("Runs finished", numbers.count(counts["finished"]), border=True, width="content")
        st.metric("Training now", numbers.count(counts["running"]), border=True, width="content")
    if problem := client.runs().trouble:
        messages.warning(problem)
    st.caption(disk_usage())
    datasets()


def disk_usage() -> str:
    """Return a line on the disk space that the app's folder uses."""
    usage = client.usage()
    total, limit = (f"{numbers.short(size)}B" for size in (usage.total, usage.limit))
    return (
        f"Stored runs: {numbers.count(len(usage.runs))}. The app's folder uses {total} of at most {limit}; beyond "
        "that, the runs that nobody has opened for the longest time are removed first."
    )


def datasets() -> None:
    """Draw a list of the datasets: size, source, and files that are broken."""
    st.markdown("\n".join(f"- {describe_dataset(status)}" for status in client.datasets()))
    data_note()


def describe_dataset(status: Status) -> str:
    """Return a line on one dataset, in Markdown, with files by their names alone."""
    broken = messages.escaped(hosting.cut_paths(" ".join(status.broken)))
    if status.info is None:
        return f"**{messages.escaped(status.name)}** cannot be used. {broken}"
    info = status.info
    channels, height, width = info.shape
    planes = f"{channels} {'channel' if channels == 1 else 'channels'}"
    return (
        f"**{messages.escaped(info.title)}**: {numbers.count(info.train_images)} training and "
        f"{numbers.count(info.test_images)} test pictures of {height} × {width} pixels, {planes}. "
        f"{messages.escaped(hosting.cut_paths(' '.join([info.source, *info.notes])))} {broken}"
    ).strip()


def data_line(identity: str) -> None:
    """Draw a line if a stand-in replaces the dataset: for pages that show predictions for its pictures."""
    name = published(identity)
    if name in SETS and (info := _info(name)).standin:
        st.caption(f":material/info: {_standin_text(name, info)}")


def data_note(name: str = "mnist") -> None:
    """Draw a note if a stand-in replaces the dataset, with the progress of the search for the complete one."""
    if not _info(name).standin:
        return
    st.fragment(_standin, run_every=2.0 if _searching(name) else None)(name)


def _standin(name: str) -> None:
    info, search = _info(name), client.preparation(name)
    if not info.standin:
        st.rerun()
    note = messages.Markdown(_standin_text(name, info) + " {}").format(search.text if search else "")
    icon = ":material/downloading:" if search and search.running else ":material/info:"
    if name == "mnist":  # fewer digits, but the same ones
        st.caption(f"{icon} {note}")
    else:
        messages.info(note, icon=icon)


def _standin_text(name: str, info: DatasetInfo) -> str:
    """Return what replaces a published dataset, in Markdown."""
    training, test = numbers.count(info.train_images), numbers.count(info.test_images)
    if name == "mnist":
        return (
            f"{numbers.count(info.train_images + info.test_images)} of MNIST's 70,000 digits for now: {training} "
            f"training and {test} test digits."
        )
    return (
        f"**Not CIFAR-10:** generated pictures of {len(info.classes)} kinds replace it for now: {training} "
        f"training and {test} test pictures."
    )


def _searching(name: str) -> bool:
    search = client.preparation(name)
    return search is not None and search.running


def _info(name: str) -> DatasetInfo:
    return SETS[name]()
