"""A worker on a Slurm cluster, and the process here that speaks for it: `python -m core.runs.slurm_worker HOME`.

`srun` waits for a place, starts `core.runs.worker` on a node, and carries its standard input, output and exit code: so
the messages need no way of their own, as they would between batch jobs. When this process or the app ends, the worker's
input does, and so does its job.

Every node needs this code at the same path, the same CNNLAB_HOME on shared storage, and CNNLAB_DB. Slurm sets
CUDA_VISIBLE_DEVICES to the GPU that it gives the job, where CNNLAB_SLURM_OPTIONS asks for one.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from core.runs import child_process, engines
from core.runs.child_process import environment, messages

CANCELED = 128 + 15  # srun's exit code after scancel, the time limit, or a job that goes first: the place was lost
OPTIONS = "CNNLAB_SLURM_OPTIONS"  # of srun, such as "--partition=gpu --gres=gpu:1 --time=8:00:00"
WORKERS = "CNNLAB_SLURM_WORKERS"  # jobs that run or wait at once


def command(home: str, cores: int) -> list[str]:
    """Return the command line of one worker's job."""
    job = ["--job-name=cnn-lab", "--ntasks=1", f"--cpus-per-task={cores}"]
    worker = child_process.command(engines.LOCAL.module, home)
    return ["srun", *job, *shlex.split(os.environ.get(OPTIONS, "")), *worker]


def workers() -> int:
    """Return how many workers to keep, by CNNLAB_SLURM_WORKERS; 2 by default."""
    text = os.environ.get(WORKERS, "")
    return max(1, int(text)) if text.isdecimal() else 2


def ended(code: int) -> int | None:
    """Return the worker's exit code, negative for a signal; None if it lost its place."""
    if code == CANCELED:
        return None
    return 128 - code if code > 128 else code


def main() -> None:
    """Ask for a place, and pass on what the worker there says, until it ends."""
    home, cores = sys.argv[1], engines.cores_elsewhere()
    _, answer = messages()
    variables = environment(Path(home), cores)
    # srun reads this process's own input, and nobody else does.
    with subprocess.Popen(command(home, cores), stdout=subprocess.PIPE, env=variables) as job:
        assert job.stdout is not None
        for line in job.stdout:
            message = json.loads(line)
            if "machine" in message:
                message["machine"]["slots"] = workers()
            answer(message)
    if (code := ended(job.returncode)) is not None:
        answer({"ended": code})


if __name__ == "__main__":
    main()
