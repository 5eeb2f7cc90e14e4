"""CNN Lab's engine: images, layers, networks, data, training, runs, insight. Only `core.ui` knows Streamlit."""

import tomllib
from importlib import metadata
from pathlib import Path


def _version() -> str:
    """Return the version in pyproject.toml: as recorded when this copy was installed, or from a checkout's own file."""
    here = Path(__file__).resolve()
    try:
        installed = metadata.distribution("cnn-lab")
        if Path(str(installed.locate_file("core/__init__.py"))).resolve() == here:  # not another copy's
            return installed.version
    except metadata.PackageNotFoundError:
        pass
    try:
        project = tomllib.loads(here.parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError, ValueError):
        return "unknown"
    return str(project["version"])


__version__ = _version()
