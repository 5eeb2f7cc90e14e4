"""Every walk of CONTRIBUTING.md, taken in a copy of the repository: its lines are added and its check passes."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
WALKS = {
    title: (added, check)
    for title, added, check in re.findall(
        r"^### (Add .+?)\n.*?^```diff\n(.*?)^```.*?^```sh\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL
    )
}
ADDED = ("kernel", "layer kind", "augmentation step", "preset", "network", "page")


def test_there_is_a_walk_for_each_thing_that_is_added() -> None:
    assert list(WALKS) == [f"Add {'an' if name.startswith('a') else 'a'} {name}" for name in ADDED]


@pytest.mark.slow
def test_all_walks_lead_there_one_after_another(tmp_path: Path) -> None:
    """In one copy; at night each is taken alone."""
    _take(list(WALKS), tmp_path / "copy")


@pytest.mark.nightly
@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_leads_there(walk: str, tmp_path: Path) -> None:
    _take([walk], tmp_path / "copy")


def _take(walks: list[str], copy: Path) -> None:
    """Add the lines of these walks to a copy of the repository; then their checks pass, and lint finds nothing."""
    ignored = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    added = "".join(WALKS[walk][0] for walk in walks)
    for file, text in re.findall(r"^--- (\S+)\n(.*?)(?=^--- |\Z)", added, flags=re.MULTILINE | re.DOTALL):
        _add(copy / file, text)
    commands = [shlex.split(line) for walk in walks for line in WALKS[walk][1].splitlines()]
    tests = [command for command in commands if command[:3] == ["python", "-m", "pytest"]]
    joined = [*tests[0], "-n", "0", *(word for command in tests[1:] for word in command[3:])] if tests else []
    for command in [joined, *(command for command in commands if command not in tests)]:
        if command:
            assert command[0] == "python"
            _succeeds([sys.executable, *command[1:]], copy)
    files = re.findall(r"^--- (\S+)", added, flags=re.MULTILINE)
    _succeeds([str(Path(sys.executable).with_name("ruff")), "check", *files], copy)


def _succeeds(command: list[str], folder: Path) -> None:
    # Bytecode is kept: without it pytest would rewrite all of hypothesis, and each command compile the copy anew.
    left_out = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def _add(file: Path, text: str) -> None:
    """Add the lines that begin with + after the line that stands before them in `text`, or else before the one after.

    A line `@@ LINE` goes on to LINE; a plain @@ parts what is added in two places.
    """
    lines = file.read_text().splitlines() if file.exists() else []
    at = 0
    for seek, body in re.findall(r"(?:^@@ ?(.*)\n)?((?:^[ +].*\n)+)", text, flags=re.MULTILINE):
        if seek:
            at = lines.index(seek, at)
        wanted = body.splitlines()
        new = [line[1:] for line in wanted if line[0] == "+"]
        if wanted[0][0] == "+":
            after = [line[1:] for line in wanted if line[0] == " "]
            place = lines.index(after[0], at) if after else len(lines)
            lines[place:place] = new
            at = place + len(new)
            rest = wanted[len(new) :] if after else []
            assert all(line[0] == " " for line in rest)
        else:
            for line in wanted:
                if line[0] == " ":
                    at = lines.index(line[1:], at) + 1
            lines[at:at] = new
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*lines, ""]))
