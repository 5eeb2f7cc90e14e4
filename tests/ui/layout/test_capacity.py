"""Many browsers on a server that may open few files: it lives, trains, logs little, and says that it is full."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from core.ui.layout.capacity import FULL, Repeated

ROOT = Path(__file__).parents[3]
ATTEMPTS = 30


def test_a_repeated_error_is_logged_once_and_another_one_too() -> None:
    repeated = Repeated()
    lines = ["socket.accept() out of system resource\nsocket: 1", "socket.accept() out of system resource\nsocket: 2"]
    records = [logging.LogRecord("asyncio", logging.ERROR, "", 0, line, (), None) for line in (*lines, "another")]
    assert [repeated.filter(record) for record in records] == [True, False, True]


@pytest.mark.parametrize(("soft", "hard", "found"), [(256, 512, 512), (512, 512, 512)])
def test_the_soft_limit_is_raised_as_far_as_the_hard_one_allows(soft: int, hard: int, found: int) -> None:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
        "from core.ui.layout import capacity; "
        "print(capacity.raise_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(found), str(found), str(hard)]


@pytest.fixture
def server(tmp_path: Path, files: int) -> Iterator[tuple[psutil.Process, int, Path]]:
    """The app that may open so many files: its process, its port and its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "server.log"
    run = f"{sys.executable} -m streamlit run app.py --server.port={port} --server.headless=true"
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", f"ulimit -n {files}; exec {run}"],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"CNNLAB_HOME": str(tmp_path / "home")},
        )
    try:
        while not alive(port):
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        yield psutil.Process(process.pid), port, log
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def browser(port: int, leave: asyncio.Event, told: list[str]) -> None:
    """Open the home page as a browser does, which tries again when it is disconnected; note how that went, and stay."""
    for _ in range(ATTEMPTS):
        found = ""
        try:
            async with connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=None, open_timeout=20) as page:
                message = BackMsg()
                message.rerun_script.query_string = ""
                await page.send(message.SerializeToString())
                found = await asyncio.wait_for(opened(page), 20)
                told.append(found)
                await leave.wait()
                return
        except (WebSocketException, OSError, TimeoutError):
            if found:
                return
            await asyncio.sleep(1)
    told.append("refused")


async def opened(page: ClientConnection) -> str:
    found, forward = "served", ForwardMsg()
    while forward.WhichOneof("type") != "script_finished":
        forward.ParseFromString(await page.recv())
        if FULL[:20] in str(forward):
            found = "full"
    return found


async def crowd(port: int, size: int, process: psutil.Process) -> tuple[Counter[str], int]:
    """Open `size` browsers that all stay until the last has an answer: how that went, and the most files open then."""
    leave, told, most = asyncio.Event(), list[str](), 0
    pages = [asyncio.create_task(browser(port, leave, told)) for _ in range(size)]
    while len(told) < size:
        most = max(most, process.num_fds())
        await asyncio.sleep(0.05)
    leave.set()
    await asyncio.gather(*pages)
    return Counter(told), most


def run(coming: Coroutine[Any, Any, tuple[Counter[str], int]]) -> tuple[Counter[str], int]:
    """Run it in a thread of its own: Playwright leaves an event loop running in the thread of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coming).result()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("browsers", "files", "least_served"), [(80, 320, 20), pytest.param(300, 1024, 80, marks=pytest.mark.nightly)]
)
def test_many_browsers_on_few_files(
    server: tuple[psutil.Process, int, Path], browsers: int, files: int, least_served: int
) -> None:
    process, port, log = server
    assert run(crowd(port, 1, process))[0] == {"served": 1}
    told, most = run(crowd(port, browsers, process))
    assert told.total() == browsers
    print(f"{dict(told)}, at most {most} files")
    assert told["served"] > least_served  # all came at once: who comes one by one finds more room
    assert told["full"] > 20
    assert told["refused"] < browsers / 10
    assert most < files
    assert alive(port)
    assert log.stat().st_size < 100_000, log.read_text()[-2000:]
    assert "Too many open files" not in log.read_text()
    assert run(crowd(port, 1, process))[0] == {"served": 1}  # when they are gone there is room again
