"""What this machine has: what it trains with, and its datasets."""

import streamlit as st

from core.data import DatasetInfo, Status, published
from core.runs import host
from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers

SETS = {"mnist": client.mnist, "cifar10": client.cifar10}
DEVICES = {"cuda": "NVIDIA GPU", "mps": "Apple GPU", "cpu": "CPU"}


def devices() -> None:
    """What trainings run on, and how many there have been, as a line of figures; the first look takes some seconds."""
    looked = client.runs().machine() is not None
    st.fragment(_devices, run_every=None if looked else 1.0)(looked)


def _devices(looked: bool) -> None:
    found = client.runs().machine()
    if found and not looked:
        st.rerun()  # and ask no more
    best = found["devices"][0] if found else None
    with st.container(horizontal=True):
        st.metric(
            "Trains on", found["gpu"] or DEVICES[best] if found and best else "Looking …", border=True, width="content"
        )
        st.metric("CPU cores", numbers.count(host.cores()), border=True, width="content")
        if found:
            st.metric("Memory", f"{found['memory'] / 2**30:.0f} GiB", border=True, width="content")
            st.metric("Precision", found["precision"], border=True, width="content", help=found["reason"])
        try:
            counts = client.runs().counts()
        except StoreUnavailable as error:
            messages.error(error)
            return
        st.metric("Runs finished", numbers.count(counts["finished"]), border=True, width="content")
        st.metric("Training now", numbers.count(counts["running"]), border=True, width="content")
    if trouble := client.runs().trouble:
        messages.warning(trouble)
    st.caption(room())


def room() -> str:
    """Return a line on how much of its room the app's folder takes."""
    found = client.usage()
    total, limit = (f"{numbers.short(size)}B" for size in (found.total, found.limit))
    return (
        f"Stored runs: {numbers.count(len(found.runs))}. The app's folder uses {total} of at most {limit}; beyond "
        "that, the runs that nobody has opened for the longest time are removed first."
    )


def datasets() -> None:
    """Every dataset: its size, where this machine has it from, and what of it is broken."""
    st.markdown("\n".join(f"- {described(status)}" for status in client.datasets()))
    data_note()


def described(status: Status) -> str:
    """One dataset in Markdown."""
    broken = messages.escaped(" ".join(status.broken))
    if status.info is None:
        return f"**{messages.escaped(status.name)}** cannot be used. {broken}"
    info = status.info
    channels, height, width = info.shape
    planes = f"{channels} {'channel' if channels == 1 else 'channels'}"
    return (
        f"**{messages.escaped(info.title)}**: {numbers.count(info.train_images)} training and "
        f"{numbers.count(info.test_images)} test pictures of {height} × {width} pixels, {planes}. "
        f"{messages.escaped(info.source)} {broken}"
    ).strip()


def data_line(identity: str) -> None:
    """Draw one line where what the app embeds stands in for a set: for pages that ask networks about its pictures."""
    name = published(identity)
    if name in SETS and (info := _info(name)).standin:
        st.caption(f":material/info: {_instead(name, info)}")


def data_note(name: str = "mnist") -> None:
    """Where what the app embeds stands in for a set: say so, and how far the search for the whole has come."""
    if not _info(name).standin:
        return
    st.fragment(_standin, run_every=2.0 if _searching(name) else None)(name)


def _standin(name: str) -> None:
    info, search = _info(name), client.preparation(name)
    if not info.standin:
        st.rerun()
    told = messages.Markdown(_instead(name, info) + " {}").format(search.text if search else "")
    messages.info(told, icon=":material/downloading:" if search and search.running else ":material/info:")


def _instead(name: str, info: DatasetInfo) -> str:
    """What stands in for a published set, in Markdown."""
    learned, tested = numbers.count(info.train_images), numbers.count(info.test_images)
    if name == "mnist":
        return (
            f"{numbers.count(info.train_images + info.test_images)} of MNIST's 70,000 digits for now: {learned} of its "
            f"training set to learn from, {tested} of its test set to be tested on."
        )
    return (
        f"**Not CIFAR-10:** generated pictures of {len(info.classes)} kinds stand in for it for now, {learned} to "
        f"learn from, {tested} to be tested on."
    )


def _searching(name: str) -> bool:
    search = client.preparation(name)
    return search is not None and search.running


def _info(name: str) -> DatasetInfo:
    return SETS[name]()
