"""A Streamlit server with a script of its own, and browsers that speak its protocol."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).parents[3]


@contextmanager
def served(script: Path) -> Iterator[str]:
    """Run a script, and give the address of its socket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", "--server.headless=true"]
    process = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, stdout=subprocess.DEVNULL)
    yield f"ws://127.0.0.1:{port}/_stcore/stream"
    process.terminate()
    process.wait()


async def opened(url: str) -> ClientConnection:
    """Connect as a browser."""
    for _ in range(300):
        with contextlib.suppress(OSError):
            return await connect(url, max_size=None)
        await asyncio.sleep(0.1)
    raise AssertionError("the server did not start")


async def ask(browser: ClientConnection, fragment: str = "", query: str = "", page: str = "") -> None:
    """Ask for a run of the script, or of one of its fragments, as on a page by Streamlit's name."""
    message = BackMsg()
    rerun = message.rerun_script
    rerun.fragment_id, rerun.query_string, rerun.page_script_hash = fragment, query, page
    await browser.send(message.SerializeToString())


async def heard(browser: ClientConnection) -> AsyncIterator[ForwardMsg]:
    """Yield what the server sends until it is silent for a second."""
    with contextlib.suppress(TimeoutError):
        while True:
            yield ForwardMsg.FromString(await asyncio.wait_for(browser.recv(decode=False), 1))
