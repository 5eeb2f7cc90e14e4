"""The browser components' JavaScript: its arithmetic in node, and its format, lint and types by npm's tools.

Node and npm come with requirements-dev.txt; what package.json names is installed on the first run.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from tests.js import expected

ROOT = Path(__file__).parents[1]
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ERR_SOCKET_TIMEOUT")
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run node or npm; without one the test is skipped, and fails where CI=true."""
    found = shutil.which(tool, path=PATH)
    if found is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"there is no {tool} beside this Python or on the PATH")
    environment = {**os.environ, "PATH": PATH}
    return subprocess.run([found, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def npm_tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Install what package-lock.json names, unless it is there; skip where npm's registry cannot be reached."""
    installed, lock = ROOT / "node_modules" / ".package-lock.json", ROOT / "package-lock.json"
    with FileLock(tmp_path_factory.getbasetemp().parent / "npm.lock"):  # one of several test processes at a time
        if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        done = run("npm", "ci", "--ignore-scripts", "--fetch-retries=1")
    if done.returncode and any(code in done.stderr for code in UNREACHABLE):
        pytest.skip("npm's registry cannot be reached: format, lint and types of JavaScript are not checked")
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize("script", ["format", "lint", "types"])
@pytest.mark.usefixtures("npm_tools")
def test_npms_tools_find_nothing(script: str) -> None:
    done = run("npm", "run", "--silent", script)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_arithmetic_in_node() -> None:
    done = run("node", "--test", *map(str, sorted((ROOT / "tests" / "js").glob("*.test.js"))))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_expected_numbers_are_fresh() -> None:
    """`python -m tests.js.expected` writes them anew."""
    stored = json.loads(expected.FILE.read_text(encoding="utf-8"))
    compare(stored, expected.numbers(), "")


def compare(stored: object, computed: object, where: str) -> None:
    """Assert that both are the same but for rounding."""
    if isinstance(stored, dict) and isinstance(computed, dict):
        assert stored.keys() == computed.keys(), where
        for key in stored:
            compare(stored[key], computed[key], f"{where}.{key}")
    elif isinstance(stored, list) and isinstance(computed, list) and stored and not isinstance(stored[0], float):
        assert len(stored) == len(computed), where
        for place, pair in enumerate(zip(stored, computed, strict=True)):
            compare(*pair, f"{where}[{place}]")
    elif isinstance(stored, list | float | int):
        np.testing.assert_allclose(np.array(stored), np.array(computed), atol=1e-5, err_msg=where)
    else:
        assert stored == computed, where
