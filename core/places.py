"""Where the app keeps its own files, and where it looks for files that somebody else prepared."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds `core`: the repository, or site-packages."""

_INSTALLED = Path(__file__).with_name("app")
APP = _INSTALLED if _INSTALLED.is_dir() else ROOT
"""The folder that holds app.py, pages/ and .streamlit/: the repository, or core/app of an installed package."""


def home() -> Path:
    """The app's own folder: runs, weights, downloads, prepared data. `CNNLAB_HOME`, else the user's data folder."""
    if named := os.environ.get("CNNLAB_HOME"):
        return Path(named).expanduser()
    import platformdirs  # here, so that a machine that only trains can do without it

    return Path(platformdirs.user_data_dir("cnn-lab", appauthor=False))


def data_folder() -> Path | None:
    """A folder of datasets that is only ever read (`CNNLAB_DATA`), or None when none was named."""
    folder = os.environ.get("CNNLAB_DATA")
    return Path(folder).expanduser() if folder else None
