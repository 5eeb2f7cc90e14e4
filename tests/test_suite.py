"""The suite itself: marks, profiles, what a rerun does, and the list of breaks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import mutation
from tests.examples import FACTORS, examples

ROOT = Path(__file__).resolve().parents[1]
TWICE = """
import pathlib, pytest
@pytest.mark.browser
def test_late():
    counted = pathlib.Path(__file__).with_suffix(".count")
    counted.touch()
    counted.write_text(counted.read_text() + "x")
    assert len(counted.read_text()) > 1, "Chromium was late"
"""

# A shared file's tests wait for both workers, as one that starts late would find nothing left to do.
WHICH_WORKER = """
import os, pathlib, pytest, time
@pytest.mark.parametrize("number", range(8))
def test_which(number):
    file = pathlib.Path(__file__)
    file.with_suffix("." + os.environ["PYTEST_XDIST_WORKER"]).touch()
    until = time.monotonic() + 20
    while file.stem == "test_hostile" and len(list(file.parent.glob(file.stem + ".gw*"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
"""


def suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of `folder`'s tests with this suite's conftest and settings."""
    names = ("tests/conftest.py", "tests/examples.py", "tests/__init__.py", "pyproject.toml")
    for name in names:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text((ROOT / name).read_text())
    # Without kept bytecode, pytest would rewrite all of hypothesis at each start, which takes a second.
    left_out = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_a_rerun_is_printed_with_its_cause_and_fails_the_nightly(tmp_path: Path) -> None:
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    (tmp_path / "tests" / "browser" / "test_late.py").write_text(TWICE)
    done = suite(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 rerun" in done.stdout
    assert "Chromium was late" in done.stdout.split("rerun test summary info")[1]
    (tmp_path / "tests" / "browser" / "test_late.count").unlink()
    assert suite(tmp_path, "--hypothesis-profile=nightly").returncode != 0


def test_a_file_stays_on_one_worker_unless_it_is_shared_out(tmp_path: Path) -> None:
    for name in ("runs/test_one", "runs/test_two", "pages/test_hostile"):
        file = tmp_path / "tests" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(WHICH_WORKER)
    done = suite(tmp_path, "-n", "2")
    assert "24 passed" in done.stdout, done.stdout
    workers = {file: len(list((tmp_path / "tests").rglob(f"{file}.gw*"))) for file in ("test_one", "test_two")}
    assert workers == {"test_one": 1, "test_two": 1}
    assert len(list((tmp_path / "tests").rglob("test_hostile.gw*"))) == 2


def test_marks_follow_from_the_folder(tmp_path: Path) -> None:
    for room in ("images", "pages", "runs"):
        (tmp_path / "tests" / room).mkdir(parents=True)
        text = f"import pytest\ndef test_{room}(): pass\n@pytest.mark.nightly\ndef test_{room}_whole(): pass\n"
        (tmp_path / "tests" / room / f"test_{room}.py").write_text(text)
    usual = suite(tmp_path, "--collect-only", "-q").stdout
    assert [usual.count(f"::test_{room}") for room in ("images", "pages", "runs")] == [1, 1, 1]
    fast = suite(tmp_path, "--collect-only", "-q", "-m", "fast").stdout
    assert "::test_images" in fast
    assert "whole" not in fast + usual
    assert "::test_pages" not in fast + "".join(line for line in usual.splitlines() if "fast" in line)
    every = suite(tmp_path, "--collect-only", "-q", "-m", "").stdout
    assert every.count("_whole") == 3


def test_a_profile_multiplies_the_examples() -> None:
    """A test of 100 examples tries 10 in the fast run, and new ones, 25 times as many, at night."""
    number = examples(100).max_examples
    assert number in {round(100 * factor) for factor in FACTORS.values()}
    assert examples(3).max_examples >= 1


@pytest.mark.parametrize("broken", mutation.BREAKS, ids=lambda broken: f"{broken.where}: {broken.old[:30]}")
def test_a_break_of_the_list_can_be_made(broken: mutation.Break) -> None:
    """Its line stands in the code exactly once, and the tests that must notice it exist. If not, change the list."""
    assert len(mutation.files_with(broken)) == 1
    assert all((ROOT / "tests" / name).exists() for name in broken.tests.split())
    assert broken.old != broken.new


def test_the_breaks_are_spread_over_all_rooms() -> None:
    rooms = {f"core/{name}" for name in ("images", "layers", "nets", "data", "training", "insight", "runs")}
    rooms |= {f"core/ui/{name}" for name in ("display", "charts", "components", "layout", "run_panels", "views")}
    assert rooms <= {broken.where for broken in mutation.BREAKS}
    assert len(mutation.BREAKS) >= 30


def test_a_break_that_no_test_notices_is_told(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "sums.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "tests").mkdir()
    check = "import pathlib\ndef test_sums():\n    assert {} in pathlib.Path('code/sums.py').read_text()\n"
    (tmp_path / "tests" / "test_good.py").write_text(check.format("'2 * x'"))
    (tmp_path / "tests" / "test_blind.py").write_text(check.format("'x'"))
    told = {
        tests: mutation.outcome(mutation.Break("code", old, "3 * x", tests), tmp_path, 60)
        for tests, old in (("test_good.py", "2 * x"), ("test_blind.py", "2 * x"), ("test_gone.py", "2 * x"))
    }
    assert told["test_good.py"] == "noticed"
    assert told["test_blind.py"] == "NOT NOTICED"
    assert "could not run" in told["test_gone.py"]
    assert "0 times" in mutation.outcome(mutation.Break("code", "4 * x", "", ""), tmp_path, 60)
    assert "2 * x" in (tmp_path / "code" / "sums.py").read_text()
