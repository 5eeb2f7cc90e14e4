"""What every test stands on: a home of its own, no data folder, and the whole datasets only where a test asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # with -n 2: threads of two processes would wait for each other's cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Taken out of the environment before anything runs, so that no test reads the machine's data by accident.
_NAMED = os.environ.pop("CNNLAB_DATA", None)
REAL_DATA = Path(_NAMED).expanduser() if _NAMED else Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures that outlive a test (a server, a browser) have a temporary home too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`CNNLAB_HOME` for this test alone; the folder is made when something is kept there."""
    path = tmp_path / "home"
    monkeypatch.setenv("CNNLAB_HOME", str(path))
    monkeypatch.delenv("CNNLAB_DATA", raising=False)
    return path


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the whole of MNIST and CIFAR-10 (`CNNLAB_DATA`, or ../shared/data). For tests marked realdata."""
    if not _has_real_data():
        pytest.skip("needs the whole of MNIST and CIFAR-10: name their folder in CNNLAB_DATA")
    return REAL_DATA


def _has_real_data() -> bool:
    return (REAL_DATA / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, and give Chromium a second chance.

    torch is imported only where a test with the mark was collected.
    """
    absent = {
        "realdata": (_has_real_data, "needs the whole of MNIST and CIFAR-10: name their folder in CNNLAB_DATA"),
        "cuda": (_has_cuda, "needs an NVIDIA GPU"),
    }
    for item in items:
        if item.get_closest_marker("browser"):  # a busy machine can make Chromium late; what is wrong fails each time
            item.add_marker(pytest.mark.flaky(reruns=2))
    for mark, (present, reason) in absent.items():
        marked = [item for item in items if item.get_closest_marker(mark)]
        if marked and not present():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()
