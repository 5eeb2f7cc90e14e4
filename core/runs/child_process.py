"""A child process that is told and answers JSON objects, one a line: the workers, and the one that asks networks."""

import _thread
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import psutil

from core import places
from core.training.threads import WAITING

LOG_BYTES = 1_000_000

Message = dict[str, Any]


def environment(home: Path, cores: int, gpu: int | None = None) -> dict[str, str]:
    """What a process that imports torch is started with; `gpu` is the one it is given, None for all."""
    variables = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(places.ROOT), os.environ.get("PYTHONPATH")])),
        "CNNLAB_HOME": str(home),
        "OMP_NUM_THREADS": str(cores),
        **WAITING,
    }
    if gpu is not None:
        visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        variables["CUDA_VISIBLE_DEVICES"] = visible[gpu] if gpu < len(visible) else str(gpu)
    return variables


class Child:
    """One such process. It ends when its standard input does, so it cannot outlive whoever started it."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        variables: Mapping[str, str],
        log: Path,
        hear: Callable[["Child", Message], None],
    ) -> None:
        """Start `python -m module`. `hear` is called from a thread of its own, and at the end with {"gone": True}."""
        with _log_file(log) as errors:
            self._process = subprocess.Popen(
                # -P: a file in the working directory cannot pass for one of our modules
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(variables),
                start_new_session=True,  # Ctrl-C in the terminal is for the app, which then ends its children in order
            )
        self.pid = self._process.pid
        self.started = time.monotonic()
        self._hear = hear
        self._reader = threading.Thread(target=self._listen, name=f"{module}-{self.pid}", daemon=True)
        self._reader.start()

    def tell(self, message: Message) -> None:
        """Send one message. Raises OSError when the process is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """None while it lives; -9 after a kill."""
        return self._process.poll()

    def kill(self) -> None:
        """End it at once, stopped or hung as it may be, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it by closing its standard input; kill it if that is not enough."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()

    def drain(self) -> None:
        """Once it has ended: wait until all that it said was heard, for a second at most."""
        self._reader.join(timeout=1.0)

    def created(self) -> float:
        """When it began, as the operating system tells it: with the pid it names this process and no later one."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.pid).create_time()
        return 0.0

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                self._hear(self, json.loads(line))
        self._process.wait()
        self._hear(self, {"gone": True})


def end_leftover(pid: int, created: float, module: str) -> None:
    """Kill the process if it is still the one that began at `created` and runs `module`, and wait until it is gone."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if abs(process.create_time() - created) > 5 or module not in process.cmdline():
            return
        process.kill()
        until = time.monotonic() + 5
        # Not `process.wait`: whoever adopted it may be slow to bury it.
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
            time.sleep(0.01)


def messages() -> tuple[BinaryIO, Callable[[Message], None]]:
    """In the child: where messages come in, and the function that answers one. Whatever else prints goes to the log."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def answer(message: Message) -> None:
        with lock:
            out.write(json.dumps(message).encode() + b"\n")
            out.flush()

    return sys.stdin.buffer, answer


class Interrupted(BaseException):
    """Raised within a block of `Inbox.interruptible`: what runs there is to end now."""


class Inbox:
    """In the child: the messages that came in. One that arrives during an interruptible block ends that block."""

    def __init__(self, incoming: BinaryIO) -> None:
        """Read `incoming` in a thread of its own, and end the process when it ends: whoever started it is gone.

        Takes over SIGINT, which no terminal sends to a process of its own session.
        """
        self._waiting: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._interruptible = False
        signal.signal(signal.SIGINT, self._interrupted)
        threading.Thread(target=self._listen, args=(incoming,), daemon=True).start()

    def get(self) -> Message:
        """Wait for the next message."""
        return self._waiting.get()

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise Interrupted in this block, at the next bytecode of the main thread, when a message arrives."""
        self._interruptible = True
        try:
            if not self._waiting.empty():
                raise Interrupted
            yield
        finally:
            self._interruptible = False

    def _listen(self, incoming: BinaryIO) -> None:
        for line in incoming:
            self._waiting.put(json.loads(line))
            if self._interruptible:
                _thread.interrupt_main()
        os._exit(0)

    def _interrupted(self, signum: int, frame: FrameType | None) -> None:
        if self._interruptible:  # else the block was over just before
            self._interruptible = False
            raise Interrupted


def _log_file(path: Path) -> BinaryIO:
    """`path`, opened to append; what was there becomes `.1` when it has grown. Where none can be, nothing is logged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        return path.open("ab")
    except OSError:
        return open(os.devnull, "wb")
