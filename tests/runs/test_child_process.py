"""Processes end when they are asked to, and those that do not listen are killed, all in the time of one."""

import os
import time
from pathlib import Path

import pytest

from core.runs import child_process
from core.runs.child_process import Child, end

READS, SLEEPS = "import sys; sys.stdin.read()", "import time; time.sleep(60)"


def child(folder: Path, code: str, number: int) -> Child:
    (folder / f"odd_{number}.py").write_text(f"print('{{}}', flush=True); {code}")
    heard: list[object] = []
    variables = os.environ | {"PYTHONPATH": str(folder)}
    made = Child(f"odd_{number}", [], variables, folder / "log", lambda _, message: heard.append(message))
    while not heard:
        time.sleep(0.01)
    return made


@pytest.mark.clock
def test_those_that_do_not_listen_are_killed_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "END_SECONDS", 0.5)
    children = [child(tmp_path, code, number) for number, code in enumerate((SLEEPS, READS, SLEEPS, SLEEPS))]
    began = time.monotonic()
    end(children)
    assert time.monotonic() - began < 1.0
    assert [one.exit_code for one in children] == [-9, 0, -9, -9]
