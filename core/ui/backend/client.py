"""Objects that all sessions of this process share: run service, run histories, inference, datasets.

Pages and the rest of `core.ui` call them as `client.NAME()`, so that a test can replace them here.
"""

import atexit
import subprocess
import sys
import threading

import streamlit as st

from core import app_paths, data
from core.classroom.classroom import Classroom
from core.classroom.people import People
from core.data import DataError, DatasetInfo
from core.runs.database import Database
from core.runs.history_cache import HistoryCache
from core.runs.inference_client import InferenceClient
from core.runs.measurement_cache import MeasurementCache
from core.runs.retention import Usage
from core.runs.service import RunService
from core.ui.backend import identity


@st.cache_resource(show_spinner="Starting the run service")
def runs() -> RunService:
    """Return the run service of this home."""
    return RunService(app_paths.home(), database=_database())


@st.cache_resource(show_spinner=False)
def _database() -> Database:
    """Return the store's connections, which all of this process share."""
    return Database(app_paths.home().absolute())


@st.cache_resource(show_spinner=False)
def classroom() -> Classroom:
    """Return the class of this home."""
    return Classroom(_database())


@st.cache_resource(show_spinner=False)
def feed() -> HistoryCache:
    """Return the histories of runs, read once for all sessions."""
    return HistoryCache(runs())


@st.cache_resource(show_spinner=False)
def people() -> People:
    """Return the people who signed in, and the names that are shown of them."""
    return People(_database())


@st.cache_resource(show_spinner=False)
def _inference() -> InferenceClient:
    return InferenceClient(app_paths.home())


def inference() -> InferenceClient:
    """Return the inference client of this user; the server process serves users in turn."""
    user = identity.person()
    return _inference().for_owner(user.id, user.address)


@st.cache_resource(show_spinner=False)
def measures() -> MeasurementCache:
    """Return the cache of measurements of networks, in this home."""
    return MeasurementCache(app_paths.home())


@st.cache_data(ttl=60, show_spinner=False)
def usage() -> Usage:
    """Return the disk space that the app's folder uses, and its limit."""
    return runs().usage()


class Preparation:
    """`python -m core data --prepare NAME` in the background, with its latest message. Ends with this process."""

    def __init__(self, name: str) -> None:
        """Start the process."""
        self.text = "Looking for the complete dataset."
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
        """Whether the process still runs."""
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
    """Return the search for a complete dataset, started on the first call; None if the dataset is complete."""
    return Preparation(name) if data.info(name).standin else None


@st.cache_data(ttl=30, show_spinner=False)
def mnist() -> DatasetInfo:
    """Return the MNIST dataset of this machine: complete, or the digits that come with the app."""
    return data.info("mnist")


@st.cache_data(ttl=30, show_spinner=False)
def cifar10() -> DatasetInfo:
    """Return the CIFAR-10 dataset of this machine, or its stand-in."""
    return data.info("cifar10")


@st.cache_data(ttl=30, show_spinner="Looking at the zips of pictures")
def own_datasets() -> list[DatasetInfo]:
    """Return the datasets that users brought to this machine and that can be used."""
    try:
        return data.own()
    except OSError:  # the home cannot be read: the run service reports that
        return []


def caveat(identity: str) -> str:
    """Return the note for figures measured on this dataset; "" unless it is a stand-in."""
    try:
        return data.info(identity).caveat
    except DataError:  # a missing dataset is reported where its pictures are shown
        return ""


@st.cache_data(ttl=30, show_spinner=False)
def datasets() -> list[data.Status]:
    """Return the status of every dataset on this machine."""
    try:
        return data.statuses()
    except (DataError, OSError):  # the home cannot be read: the run service reports that
        return []
