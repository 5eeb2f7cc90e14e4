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
@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_leads_there(walk: str, tmp_path: Path) -> None:
    added, check = WALKS[walk]
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    for file, text in re.findall(r"^--- (\S+)\n(.*?)(?=^--- |\Z)", added, flags=re.MULTILINE | re.DOTALL):
        _add(copy / file, text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    for command in check.splitlines():
        program, *arguments = shlex.split(command)
        assert program == "python"
        run = [sys.executable, *arguments]
        done = subprocess.run(run, cwd=copy, env=environment, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    files = re.findall(r"^--- (\S+)", added, flags=re.MULTILINE)
    lint = [Path(sys.executable).with_name("ruff"), "check", *files]
    done = subprocess.run(lint, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


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
