"""Locate the app's own files, and files that somebody else prepared."""

import os
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds `core`: the repository, or site-packages."""

_INSTALLED = Path(__file__).with_name("app")
APP = _INSTALLED if _INSTALLED.is_dir() else ROOT
"""The folder that holds app.py, pages/ and .streamlit/: the repository, or core/app of an installed package."""


def home() -> Path:
    """Return the folder for runs, weights, downloads and prepared data: `CNNLAB_HOME`, or the user's data folder."""
    if named := os.environ.get("CNNLAB_HOME"):
        return Path(named).expanduser()
    import platformdirs  # here, so that a machine that only trains can do without it

    return Path(platformdirs.user_data_dir("cnn-lab", appauthor=False))


def data_folder() -> Path | None:
    """Return the read-only folder of datasets that `CNNLAB_DATA` names, or None."""
    folder = os.environ.get("CNNLAB_DATA")
    return Path(folder).expanduser() if folder else None


def database_url() -> str | None:
    """Return the PostgreSQL database that several machines share, from `CNNLAB_DB`; None for a file in the home.

    It holds a password: it belongs in no log and on no page.
    """
    return os.environ.get("CNNLAB_DB", "").strip() or None


def machine_name() -> str:
    """Return the name of this machine among those that share a database: `CNNLAB_MACHINE`, or the host's."""
    return (os.environ.get("CNNLAB_MACHINE", "").strip() or socket.gethostname())[:100]
