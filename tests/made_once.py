"""What is dear to make (trained runs) is made by one process and read, or copied, by all of them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name` that all workers of this run share.

    Args:
        factory: pytest's maker of temporary folders.
        name: the folder's name; one name stands for one content.
        make: fills the empty folder it is given. Called once in a run of the suite; again where it failed.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    whole = folder.with_suffix(".whole")
    with FileLock(folder.with_suffix(".lock")):
        if not whole.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            whole.touch()
    return folder
