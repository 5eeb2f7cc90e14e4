"""What this machine has: what it trains with, and its datasets."""

import streamlit as st

from core.data import Status
from core.runs import machine
from core.runs.run import StoreUnavailable
from core.ui import numbers, services

DEVICES = {"cuda": "NVIDIA GPU", "mps": "Apple GPU", "cpu": "CPU"}


def devices() -> None:
    """What trainings run on, and how many there have been, as a line of figures."""
    found = services.runs().machine()
    best = found["devices"][0] if found else None
    with st.container(horizontal=True):
        st.metric(
            "Trains on", found["gpu"] or DEVICES[best] if found and best else "Looking …", border=True, width="content"
        )
        st.metric("CPU cores", numbers.count(machine.cores()), border=True, width="content")
        if found:
            st.metric("Memory", f"{found['memory'] / 2**30:.0f} GiB", border=True, width="content")
            st.metric("Precision", found["precision"], border=True, width="content", help=found["reason"])
        try:
            counts = services.runs().counts()
        except StoreUnavailable as error:
            st.error(str(error))
            return
        st.metric("Runs finished", numbers.count(counts["finished"]), border=True, width="content")
        st.metric("Training now", numbers.count(counts["running"]), border=True, width="content")
    if trouble := services.runs().trouble:
        st.warning(trouble)


def datasets() -> None:
    """Every dataset: its size, where this machine has it from, and what of it is broken."""
    st.markdown("\n".join(f"- {described(status)}" for status in services.datasets()))
    data_note()


def described(status: Status) -> str:
    """One dataset in Markdown."""
    broken = " ".join(status.broken)
    if status.info is None:
        return f"**{status.name}** cannot be used. {broken}"
    info = status.info
    channels, height, width = info.shape
    return (
        f"**{info.title}**: {numbers.count(info.train_images)} training and {numbers.count(info.test_images)} test "
        f"pictures of {height} × {width} pixels, {channels} {'channel' if channels == 1 else 'channels'}. "
        f"{info.source} {broken}"
    ).strip()


def data_note() -> None:
    """Where the digits the app embeds stand in for MNIST: say so, and how far the search for the whole has come."""
    info = services.mnist()
    if not info.standin:
        return
    st.fragment(_standin, run_every=2.0 if _searching() else None)()


def _standin() -> None:
    info, search = services.mnist(), services.preparation()
    if not info.standin:
        st.rerun()
    text = (
        f"{numbers.count(info.train_images + info.test_images)} of MNIST's 70,000 digits for now: "
        f"{numbers.count(info.train_images)} to learn from, {numbers.count(info.test_images)} to be tested on."
    )
    if search and search.running:
        st.info(f"{text} {search.text}", icon=":material/downloading:")
    else:
        st.info(f"{text} {search.text if search else ''}", icon=":material/info:")


def _searching() -> bool:
    search = services.preparation()
    return search is not None and search.running
