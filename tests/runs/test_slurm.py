"""Workers that Slurm places: through a script in srun's place, and on a real Slurm where it is installed."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from core.runs import slurm_worker
from core.runs.worker_death import PLACE_LOST
from tests.runs.test_faults import trainers
from tests.runs.test_ray import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Slurm runs on Linux")

# As srun: it takes options, runs the rest, and ends with its exit code.
SRUN = """#!/bin/sh
echo "$@" >> "$SRUN_LOG"
while [ "${1#--}" != "$1" ]; do shift; done
"$@"
code=$?
[ -e "$SRUN_LOG.canceled" ] && exit 143
exit $code
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the script in srun's place was asked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "srun").write_text(SRUN)
    (folder / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SRUN_LOG", str(tmp_path / "asked"))
    monkeypatch.setenv("CNNLAB_ENGINE", "slurm")
    monkeypatch.setenv(slurm_worker.OPTIONS, "--partition=gpu --gres=gpu:1")
    monkeypatch.setenv(slurm_worker.WORKERS, "1")
    return tmp_path / "asked"


def test_a_run_trains_in_a_job_and_goes_on_when_its_place_is_taken_away(log: Path, tmp_path: Path, lab: Any) -> None:
    home = tmp_path / "home"
    with served(home) as service:
        run = service.submit(lab.lasting(), "me")
        lab.in_epoch(service, run, 1)
        asked = shlex.split(log.read_text())
        assert asked[:5] == ["--job-name=cnn-lab", "--ntasks=1", "--cpus-per-task=1", "--partition=gpu", "--gres=gpu:1"]
        assert service.slots() == 1
        (worker,) = [process for process in trainers(home) if "srun" not in " ".join(process.cmdline())]
        Path(f"{log}.canceled").touch()
        worker.kill()
        lab.until(lambda: str(service.get(run).reason).startswith(PLACE_LOST))
        Path(f"{log}.canceled").unlink()
        lab.until(lambda: len(lab.steps(service, run, "started")) == 2)
        assert lab.steps(service, run, "started")[-1] > 0  # from its checkpoint, in another job
        service.cancel(run, "me")
        assert lab.ended(service, run).state == "stopped"
    lab.until(lambda: not trainers(home))


@pytest.mark.parametrize(("code", "ended"), [(0, 0), (1, 1), (137, -9), (139, -11), (143, None)])
def test_what_srun_s_exit_code_means(code: int, ended: int | None) -> None:
    assert slurm_worker.ended(code) == ended
