"""What all browsers share in this process: the run service, its feed, the networks that answer, the data's preparation.

Pages and the rest of `core.ui` reach them as `services.NAME()`, which is where a test puts its own in their place.
"""

import atexit
import subprocess
import sys
import threading

import streamlit as st

from core import data, places
from core.data import DataError, DatasetInfo
from core.runs.history_cache import HistoryCache
from core.runs.inference_client import InferenceClient
from core.runs.measurement_cache import MeasurementCache
from core.runs.retention import Usage
from core.runs.service import RunService
from core.ui.backend import identity


@st.cache_resource(show_spinner="Starting the run service")
def runs() -> RunService:
    """The run service of this home."""
    return RunService(places.home())


@st.cache_resource(show_spinner=False)
def feed() -> HistoryCache:
    """Histories of runs, read once for all who watch."""
    return HistoryCache(runs())


@st.cache_resource(show_spinner=False)
def _inference() -> InferenceClient:
    return InferenceClient(places.home())


def inference() -> InferenceClient:
    """Return the trained networks that answer, in a process of their own, for this person: people take turns."""
    return _inference().for_owner(identity.owner())


@st.cache_resource(show_spinner=False)
def measures() -> MeasurementCache:
    """What was measured of networks before, in this home."""
    return MeasurementCache(places.home())


@st.cache_data(ttl=60, show_spinner=False)
def usage() -> Usage:
    """Return how much room the app's folder takes, and how much it may."""
    return runs().usage()


class Preparation:
    """`python -m core data --prepare NAME` in the background, and what it last said. Ends with this process."""

    def __init__(self, name: str) -> None:
        """Start it."""
        self.text = "Looking for the whole set."
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core", "data", "--prepare", name],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True, name=f"prepare {name}").start()
        atexit.register(self._process.terminate)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._process.poll() is None

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.text = line.strip() or self.text
        self._process.wait()
        mnist.clear()
        cifar10.clear()


@st.cache_resource(show_spinner=False)
def preparation(name: str = "mnist") -> Preparation | None:
    """The search for the whole of a set, begun when a page starts with less; None where it is here already."""
    return Preparation(name) if data.info(name).standin else None


@st.cache_data(ttl=30, show_spinner=False)
def mnist() -> DatasetInfo:
    """The MNIST of this machine as it is now: the whole of it, or the digits the app embeds."""
    return data.info("mnist")


@st.cache_data(ttl=30, show_spinner=False)
def cifar10() -> DatasetInfo:
    """The CIFAR-10 of this machine as it is now: the whole of it, or the pictures that stand in for it."""
    return data.info("cifar10")


def caveat(identity: str) -> str:
    """Return the sentence that belongs beside figures measured on these data: empty unless they are a stand-in."""
    try:
        return data.info(identity).caveat
    except DataError:  # what is not here any more is said where its pictures are asked for
        return ""


@st.cache_data(ttl=30, show_spinner=False)
def datasets() -> list[data.Status]:
    """What every dataset is on this machine."""
    try:
        return data.statuses()
    except (DataError, OSError):  # the home cannot be read: the run service says so where it matters
        return []
