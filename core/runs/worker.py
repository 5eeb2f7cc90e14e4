"""A training process: `python -m core.runs.worker HOME`. It imports torch once, then trains one run after the other.

It reads jobs as JSON lines, {"run", "claim", "threads", "device"}, and writes {"machine": ...} when it is ready,
{"begun": claim} when it turns to a job and {"done": claim} after it, or {"lost": claim} if the store failed. While it
cannot write the store, it says so: {"store": sentence}, and {"store": ""} once it can again.
{"warm_up": [experiment, ...], "threads"} lets it run a step of those while it has no job. It writes
{"warmed_up": true} then, and stops at once when a job arrives. It ends when its standard input does, and by itself
after an unknown error.
"""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn

from core.runs import hardware
from core.runs.child_process import Inbox, Interrupted, messages
from core.runs.database import Database
from core.runs.executor import execute
from core.runs.recorder import ClaimLost
from core.runs.run import StoreUnavailable, UnknownRun
from core.training import measured_memory
from core.training.allocator import keep_memory, release_memory
from core.training.devices import available, choose
from core.training.eager_optimizers import AdamW
from core.training.experiment import Experiment
from core.training.session import Session
from core.training.threads import idle_cores

logger = logging.getLogger(__name__)

NICENESS = 10  # of 19: beside it, a busy process of the usual niceness gets nine tenths of a core


def main() -> None:
    """Train the runs that arrive as jobs, until the standard input ends."""
    home = Path(sys.argv[1])
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    incoming, answer = messages()
    inbox = Inbox(incoming)
    _prefer_oom_kill()
    _lower_priority()
    keep_memory()
    share_gpu()
    warm_up_torch()
    answer({"machine": probe()})
    database = Database(home)

    def tell(trouble: str) -> None:
        answer({"store": trouble})

    while True:
        job = inbox.get()
        if "warm_up" in job:
            warm_up(job["warm_up"], job["threads"], inbox)
            answer({"warmed_up": True})
            continue
        answer({"begun": job["claim"]})  # from here on its end may be the run's doing
        threads = job["threads"] if job["threads"] == 1 else min(job["threads"], idle_cores())
        try:
            goes_on = execute(database, job["run"], job["claim"], job["device"], threads, tell)
        except (ClaimLost, StoreUnavailable, UnknownRun) as error:  # the store's doing, and not the run's
            logger.warning("The run %s is given up: %s", job["run"], error)
            answer({"lost": job["claim"]})
            continue
        answer({"done": job["claim"]})
        if not goes_on:
            return
        gc.collect()
        release_memory()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def probe() -> dict[str, Any]:
    """Return this machine's devices, as `RunService.machine` describes them."""
    best = choose()
    gpus = torch.cuda.device_count()
    return {
        "devices": available(),
        "gpus": gpus,
        "gpu": torch.cuda.get_device_name(0) if gpus else None,
        "cores": hardware.cores(),
        "memory": psutil.virtual_memory().total,
        "memories": {name: measured_memory.total_bytes(name) for name in available()},
        "reasons": {name: choose(name).reason for name in available()},
        "torch": torch.__version__,
        "precision": best.precision,
        "reason": best.reason,
    }


def warm_up_torch() -> None:
    """Run a step of a tiny network at both precisions: the first convolution of a process takes a tenth of a second."""
    for device in available():
        network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 26 * 26, 10)).to(device)
        optimizer = AdamW(network.parameters())
        images = torch.zeros(16, 1, 28, 28, device=device)
        for dtype in (torch.float32, torch.bfloat16):
            with torch.autocast(device, dtype=dtype, enabled=dtype != torch.float32):
                loss = network(images).float().square().mean()
            loss.backward()
            optimizer.step()


def warm_up(experiments: Sequence[str], threads: int, inbox: Inbox) -> None:
    """Run one step of each experiment, so that its data is in memory and its layers' code compiled.

    It is only a preparation: it stops when a job arrives, and errors are left to the run itself to report.

    Args:
        experiments: The JSON of each.
        threads: CPU threads.
        inbox: Where a job would arrive.
    """
    torch.set_num_threads(threads)
    for text in experiments:
        try:
            with inbox.interruptible():
                experiment = Experiment.from_json(text)
                Session(experiment, choose(precision=experiment.precision)).train_step()
        except Interrupted:
            break
        except Exception as error:
            logger.warning("Could not warm up: %s", str(error) or type(error).__name__)
    gc.collect()


def _prefer_oom_kill() -> None:
    """Let Linux end this process, which is replaced, and not the app if memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def share_gpu() -> None:
    """Take no more of the GPU's memory than this worker's part: an engine's fractions are only numbers to CUDA."""
    if hardware.gpu_part() < 1.0 and torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(hardware.memory_share(measured_memory.total_bytes("cuda")))


def _lower_priority() -> None:
    """Let pages and browsers go first: they take little, but would wait for a training that takes every core.

    Linux shares the cores among sessions where it groups processes by session (autogroup), and a worker has its own:
    there the group's niceness counts, and the process's own does not.
    """
    me = psutil.Process()
    if sys.platform == "win32":
        me.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        me.nice(max(NICENESS, me.nice()))
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        logger.exception("This worker ends.")
    os._exit(1)  # a plain end would stumble over the thread that reads the standard input
