"""What every test stands on: a home, a store on either database, no data folder, shared workers, marks and profiles.

docs/testing.md says how the suite is laid out.
"""

import functools
import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import examples

if TYPE_CHECKING:
    from core.runs.database import Database
    from tests.runs import postgres

if "PYTEST_XDIST_WORKER" in os.environ:  # threads of two processes would wait for each other's cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("CNNLAB_DATA") or ROOT.parent / "shared" / "data").expanduser()

MOST_WORKERS = 8  # each may hold Chromium, an app and two processes that train
FAST_TIMEOUT = 20  # seconds: what takes as long on an idle machine has no place in the fast run
FAST_ROOMS = ("images", "layers", "nets", "data", "insight", "training", "classroom", "ui")
NEVER_FAST_ROOMS = ("bench", "browser", "runs")
NOT_FAST = {"browser", "realdata", "cuda", "slow", "nightly"}
# Files that take longest begin first, so that the workers end at the same time; the rest follows as collected.
LONGEST = (
    "browser/test_cifar.py",
    "browser/test_mnist.py",
    "runs/test_ray.py",
    "test_static_checks.py",
    "runs/test_faults.py",
    "test_contributing.py",
    "runs/test_fork.py",
    "test_packaging.py",
    "bench/test_gpu_script.py",
    "ui/layout/test_capacity.py",
)
WAITING_ROOMS = ("browser/", "deploy/", "runs/")  # whose tests wait for a browser, a server or a worker
# Files without anything made once for a module: their tests go to whichever worker is free.
SHARED_OUT = {"test_static_checks.py", "bench/test_gpu_script.py", "pages/test_anatomy.py", "pages/test_hostile.py"}

_numbers = itertools.count()

examples.register()


def pytest_configure(config: pytest.Config) -> None:
    """Choose hypothesis's profile before any module with examples is imported; hide the machine's data from tests."""
    gc.disable()  # until all is collected: what is imported stays
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        os.environ.pop("CNNLAB_DATA", None)  # not where workers are started: they would not find the data either
    profile = config.getoption("hypothesis_profile") or ("fast" if config.option.markexpr == "fast" else "default")
    settings.load_profile(profile)
    if profile == "nightly":
        config.option.fail_on_flaky = True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, unread, the folders of which nothing is fast."""
    never = {ROOT / "tests" / room for room in NEVER_FAST_ROOMS}
    return True if config.option.markexpr == "fast" and collection_path in never else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three workers for two cores, since who drives Chromium or a run service mostly waits; one file alone runs here.

    What is fast never waits: a worker a core.
    """
    if len(config.args) == 1 and ".py" in config.args[0]:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores if config.option.markexpr == "fast" else cores * 3 // 2, MOST_WORKERS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Share the tests out file by file, unless the command line names another way than `--dist loadfile`."""
    return ByFile(config, log) if config.option.dist == "loadfile" else None


class ByFile(LoadScopeScheduling):
    """A file stays on one worker, but for those that are shared out test by test.

    `--dist loadgroup` would do, with a mark a file; xdist 3.8 passes over the marks under pytest 9.2 (its issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file.removeprefix("tests/") in SHARED_OUT else file


@pytest.hookimpl(tryfirst=True)  # before -m reads the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is fast, skip what this machine cannot run, rerun a late Chromium, and put the longest first."""
    for item in items:
        room = _file(item).partition("/")[0]
        if room == "browser":
            item.add_marker("browser")
        marks = {mark.name for mark in item.iter_markers()}
        if (room in FAST_ROOMS or (room == "pages" and item.name == "test_fresh")) and not marks & NOT_FAST:
            item.add_marker("fast")
        if config.option.markexpr == "fast" and "timeout" not in marks:
            item.add_marker(pytest.mark.timeout(FAST_TIMEOUT))
        if marks & {"browser", "clock"}:  # a busy machine can make either late; what is wrong fails each time
            item.add_marker(pytest.mark.flaky(reruns=2))
    _put_in_order(items)
    _skip_what_is_absent(items)


def pytest_collection_finish() -> None:
    """Let no garbage collection look through the modules and tests again: that took one fifteenth of the time."""
    gc.freeze()
    gc.enable()


def _put_in_order(items: list[pytest.Item]) -> None:
    """Put the longest files first, then those that mostly wait evenly among those that compute."""
    files = list(dict.fromkeys(map(_file, items)))
    longest = [file for file in LONGEST if file in files]
    place = {file: (0.0, number) for number, file in enumerate(longest)}
    rest = [file for file in files if file not in place]
    for waits in (True, False):
        kind = [file for file in rest if file.startswith(WAITING_ROOMS) is waits]
        place |= {file: ((number + 1) / len(kind), number) for number, file in enumerate(kind)}
    items.sort(key=lambda item: place[_file(item)])


def _file(item: pytest.Item) -> str:
    """The test's file below tests/, with its room in front."""
    return _below_tests(item.path)


@functools.cache  # a file has up to hundreds of tests
def _below_tests(path: Path) -> str:
    return Path(os.path.relpath(path, ROOT / "tests")).as_posix()


def _skip_what_is_absent(items: list[pytest.Item]) -> None:
    """Skip tests whose data or device this machine lacks. torch is imported only where a test with its mark is."""
    absent = {
        "realdata": (_has_real_data, "needs the whole of MNIST and CIFAR-10: name their folder in CNNLAB_DATA"),
        "cuda": (_has_cuda, "needs an NVIDIA GPU"),
    }
    for mark, (present, reason) in absent.items():
        marked = [item for item in items if item.get_closest_marker(mark)]
        if marked and not present():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))


def _has_real_data() -> bool:
    return (REAL_DATA / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file()


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures that outlive a test (a server, a browser) have a temporary home too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("CNNLAB_DB", raising=False)
        yield


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """`CNNLAB_HOME` for this test alone; the folder is made when something is kept there.

    It is in `tmp_path` where the test has one: to make and remove that for 7,000 tests takes 10 s of processor time.
    """
    in_tmp_path = "tmp_path" in request.fixturenames
    folder: Path = request.getfixturevalue("tmp_path") if in_tmp_path else tmp_path_factory.getbasetemp()
    path = folder / ("home" if in_tmp_path else f"home-{next(_numbers)}")
    monkeypatch.setenv("CNNLAB_HOME", str(path))
    for name in ("CNNLAB_DATA", "CNNLAB_DB", "CNNLAB_MACHINE"):
        monkeypatch.delenv(name, raising=False)
    yield path
    if not in_tmp_path and path.exists():
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the whole of MNIST and CIFAR-10 (`CNNLAB_DATA`, or ../shared/data). For tests marked realdata."""
    if not _has_real_data():
        pytest.skip("needs the whole of MNIST and CIFAR-10: name their folder in CNNLAB_DATA")
    return REAL_DATA


@pytest.fixture
def whole_data(real_data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST and CIFAR-10 are whole for this test, prepared once for the tests of all workers: 1 s and 10 s."""
    folder = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    monkeypatch.setenv("CNNLAB_HOME", str((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "whole"))


@pytest.fixture(scope="session")
def cluster() -> Iterator["postgres.Cluster"]:
    """A PostgreSQL for all tests of this process."""
    from tests.runs import postgres

    if postgres.binaries() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: .ci/run installs Debian's package")
        pytest.skip("needs PostgreSQL's binaries in /usr/lib/postgresql: apt-get install postgresql")
    with postgres.running() as cluster:
        yield cluster


@pytest.fixture
def url(cluster: "postgres.Cluster") -> Iterator[str]:
    """An empty database on it."""
    with cluster.database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Database"]:
    """An empty store, once in a file and once on PostgreSQL."""
    from core.runs.database import Database

    database = Database(tmp_path / "home", request.getfixturevalue("url") if request.param == "postgresql" else None)
    yield database
    database.close()
