"""A worker on a Ray cluster, and the process here that speaks for it: `python -m core.runs.ray_worker HOME`.

Ray gives the worker a place: an actor that takes `num_cpus` or a part of a GPU and starts `core.runs.worker` on its
node. This process passes messages on in both directions. When it ends, or loses the cluster, Ray ends the actor; then
the worker's standard input ends, and so does the worker. It exits with the worker's own code after {"ended": code}; any
other end means that the place was lost, which is not the doing of a run.

Every node needs this code, the same CNNLAB_HOME on shared storage, and CNNLAB_DB.
"""

import contextlib
import json
import logging
import os
import queue
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import ray

from core import app_paths
from core.runs import engines, hardware
from core.runs.child_process import Child, Message, environment, messages

LISTEN_SECONDS = 5.0  # for one call
LATE_SECONDS = 30.0  # for its answer, once the actor has a place
LOST = 70  # the exit code where the cluster is out of reach, or took the place away


class Place:
    """An actor: one worker process on a node of the cluster."""

    def __init__(self, home: str, log: str, cores: int) -> None:
        """Start the worker, on `cores` CPU cores."""
        self._heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._child = Child(
            engines.LOCAL.module,
            [home],
            environment(Path(home), cores, node=socket.gethostname()),
            Path(log),
            lambda _, message: self._heard.put(message),
        )

    def tell(self, message: Message) -> None:
        """Pass a message on; that a worker has ended is told by `listen`."""
        with contextlib.suppress(OSError):
            self._child.tell(message)

    def listen(self) -> list[Message]:
        """Return what the worker said, as soon as it has said something; {"ended": exit code} is the last."""
        found: list[Message] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._heard.get(timeout=LISTEN_SECONDS))
            while True:
                found.append(self._heard.get_nowait())
        return [{"ended": self._child.exit_code} if "gone" in message else message for message in found]


def main() -> None:
    """Place a worker, and speak for it until one of the two ends."""
    home, cores = sys.argv[1], engines.cores_elsewhere()
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    incoming, answer = messages()
    connect()
    groups = {"tell": 1, "listen": 1}  # a thread each, so that the order of messages stays
    needs = needed(ray.cluster_resources(), cores)
    place = ray.remote(max_restarts=0, max_task_retries=0, concurrency_groups=groups, **needs)(Place)
    actor = place.remote(home, str(Path(home) / "logs" / f"placed-{os.getpid()}.log"), cores)
    tell, listen = (getattr(actor, name).options(concurrency_group=name) for name in groups)

    def pass_on() -> None:
        for line in incoming:
            tell.remote(json.loads(line))
        with contextlib.suppress(Exception):
            ray.kill(actor)
        os._exit(0)

    threading.Thread(target=pass_on, daemon=True).start()
    patience = None  # the cluster may have no room for a while
    while True:
        for message in ray.get(listen.remote(), timeout=patience):
            if "machine" in message:
                message["machine"]["slots"] = slots(ray.cluster_resources(), cores)
            answer(message)
            if "ended" in message:
                os._exit(0)
        patience = LATE_SECONDS


def connect() -> None:
    """Connect to the cluster of RAY_ADDRESS, or of this machine; its workers get our variables and our code."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("CNNLAB_")}
    variables["PYTHONPATH"] = str(app_paths.ROOT)
    ray.init(
        os.environ.get("RAY_ADDRESS") or "auto",
        log_to_driver=False,
        logging_level=logging.WARNING,
        runtime_env={"env_vars": variables},
    )


def needed(resources: Mapping[str, float], cores: int) -> dict[str, float]:
    """Return what a worker asks for in a cluster with these resources: a part of a GPU, or cores where there is none.

    Ray sets CUDA_VISIBLE_DEVICES to the GPU that it gives the actor; the worker holds itself to its part of the memory.
    """
    return {"num_gpus": hardware.gpu_part()} if resources.get("GPU") else {"num_cpus": cores}


def slots(resources: Mapping[str, float], cores: int) -> int:
    """Return how many workers a cluster with these resources has room for."""
    if gpus := int(resources.get("GPU", 0)):
        return gpus * hardware.runs_per_gpu()
    return max(1, int(resources.get("CPU", 0)) // cores)


if __name__ == "__main__":
    from core.runs import ray_worker  # not __main__, so that nodes import the actor's class

    try:
        ray_worker.main()
    except BaseException:
        logging.exception("The cluster has no place for this worker any more.")
    os._exit(ray_worker.LOST)
