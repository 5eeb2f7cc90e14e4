"""A child process that exchanges JSON objects with its parent, one a line: the workers and the inference server."""

import _thread
import contextlib
import gc
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import psutil

from core import app_paths
from core.runs import hardware
from core.training.threads import WAITING

LOG_BYTES = 1_000_000
END_SECONDS = 2.0  # for a process to end when it is asked to

# `python -m MODULE` with Python's garbage collector off, which finds nothing among modules but looks through all of
# them again and again: a worker is ready 0.4 s sooner. `messages` turns it on.
START = "import gc, runpy, sys; gc.disable(); runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"

Message = dict[str, Any]
# A web process gives memory back with them (deploy/compose.yaml).
OF_THE_WEB = {"PYTHONMALLOC", "ARROW_DEFAULT_MEMORY_POOL", "MALLOC_ARENA_MAX"}


def environment(home: Path, cores: int, gpu: int | None = None, node: str = "") -> dict[str, str]:
    """Return the environment variables of a process that imports torch.

    Args:
        home: The app's folder.
        cores: CPU cores that it may use.
        gpu: The index of the GPU that it gets; None for all.
        node: The machine that it is on, where there are several.
    """
    variables = {name: value for name, value in os.environ.items() if name not in OF_THE_WEB} | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(app_paths.ROOT), os.environ.get("PYTHONPATH")])),
        "CNNLAB_HOME": str(home),
        "OMP_NUM_THREADS": str(cores),
        hardware.NODE_VARIABLE: node,
        **WAITING,
    }
    if gpu is not None:
        visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        variables["CUDA_VISIBLE_DEVICES"] = visible[gpu] if gpu < len(visible) else str(gpu)
    return variables


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line of a process that runs `module`, which calls `messages` once all is imported."""
    # -P: a file in the working directory cannot pass for one of our modules
    return [sys.executable, "-P", "-c", START, module, *arguments]


class Child:
    """A child process. It ends when its standard input does, so it cannot outlive the process that started it."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        variables: Mapping[str, str],
        log: Path,
        hear: Callable[["Child", Message], None],
    ) -> None:
        """Start `python -m module`.

        Args:
            module: The module to run.
            arguments: Its command line.
            variables: Its environment.
            log: The file that its standard error is appended to.
            hear: Called from a thread of its own with each message, and at the end with {"gone": True}.
        """
        with _log_file(log) as errors:
            self._process = subprocess.Popen(
                command(module, *arguments),
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
        """Send one message.

        Raises:
            OSError: The process has ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the process lives, -9 after a kill."""
        return self._process.poll()

    def kill(self) -> None:
        """End the process at once, even if it is stopped or hung, and wait until it has ended."""
        self._process.kill()
        self._process.wait()

    def hang_up(self) -> None:
        """Close the process's standard input, at which it ends as soon as it can."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def kill_after(self, seconds: float) -> None:
        """Wait until the process has ended; kill it if that takes longer."""
        try:
            self._process.wait(timeout=max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.kill()

    def close(self) -> None:
        """End the process by closing its standard input; kill it if that is not enough."""
        end([self])

    def drain(self) -> None:
        """Wait, once the process has ended, until all its messages were heard, for a second at most."""
        self._reader.join(timeout=1.0)

    def created(self) -> float:
        """Return the process's start time by the operating system, which with the pid names it and no later process."""
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


def end(children: Collection[Child]) -> None:
    """End processes by closing their standard inputs; kill those for which that is not enough.

    Args:
        children: They have `END_SECONDS` together. One that still imports torch does not read.
    """
    until = time.monotonic() + END_SECONDS
    for child in children:
        child.hang_up()
    for child in children:
        child.kill_after(until - time.monotonic())


def end_leftover(pid: int, created: float, module: str) -> None:
    """Kill the process if it still is the one that began at `created` and runs `module`, and wait for its end."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if abs(process.create_time() - created) > 5 or module not in process.cmdline():
            return
        process.kill()
        until = time.monotonic() + 5
        # Not `process.wait`: the process that adopted it may be slow to reap it.
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
            time.sleep(0.01)


def messages() -> tuple[BinaryIO, Callable[[Message], None]]:
    """Return, in the child, the stream of messages and the function that sends one; other output goes to the log.

    What was imported until now is never looked through for garbage.
    """
    gc.freeze()
    gc.enable()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def answer(message: Message) -> None:
        with lock:
            out.write(json.dumps(message).encode() + b"\n")
            out.flush()

    return sys.stdin.buffer, answer


class Interrupted(BaseException):
    """Raised within a block of `Inbox.interruptible` to end it."""


class Inbox:
    """In the child: the messages that came in. One that arrives during an interruptible block ends that block."""

    def __init__(self, incoming: BinaryIO) -> None:
        """Read `incoming` in a thread of its own, and end the process when it ends: the parent has ended then.

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
    """Open `path` for appending; a large file becomes `.1` first. Without a place for a log, nothing is logged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        return path.open("ab")
    except OSError:
        return open(os.devnull, "wb")
