"""The proxy of deploy/Caddyfile on loopback, as compose starts it: behind it replicas, and a name server for "app"."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CADDYFILE = ROOT / "deploy" / "Caddyfile"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def names(addresses: list[str]) -> Iterator[int]:
    """A name server that answers every question with these addresses, as a container engine's does; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    question, who = server.recvfrom(512)
                except OSError:
                    return
                end = question.index(b"\0", 12) + 5
                v4 = question[end - 4 : end - 2] == b"\0\1"
                found = addresses if v4 else []
                head = question[:2] + b"\x81\x80\0\1" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
                records = [b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address) for address in found]
                server.sendto(head + question[12:end] + b"".join(records), who)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


class Proxy:
    """A running proxy: its ports, and how a client trusts it."""

    def __init__(self, http: int, https: int, data: Path) -> None:
        self.http, self.https, self.authority = http, https, data / "caddy/pki/authorities/local/root.crt"
        self.url = f"https://localhost:{https}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)


@contextmanager
def proxied(folder: Path, addresses: list[str], port: int) -> Iterator[Proxy]:
    """deploy/Caddyfile in front of the apps at these addresses; without Caddy a skip, and a failure where CI=true."""
    caddy = shutil.which("caddy")
    if caddy is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("the tests of the proxy want a caddy on the PATH (Debian's package)")
    proxy = Proxy(free_port(), free_port(), folder)
    with names(addresses) as resolver:
        text = CADDYFILE.read_text()
        assert text.count("a app 8501") == text.count("refresh 2s") == 1
        text = text.replace("a app 8501", f"a app {port}")
        config = folder / "Caddyfile"
        config.write_text(text.replace("refresh 2s", f"refresh 1s\n\t\t\tresolvers udp/127.0.0.1:{resolver}"))
        variables = {"CNNLAB_HTTP_PORT": str(proxy.http), "CNNLAB_HTTPS_PORT": str(proxy.https)}
        variables |= {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        log = folder / "caddy.log"
        with log.open("wb") as file:
            command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
            process = subprocess.Popen(command, env=os.environ | variables, stdout=file, stderr=file)
        try:
            until = time.monotonic() + 20
            while not (proxy.authority.exists() and answers(proxy.https)):
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < until, log.read_text()[-2000:]
                time.sleep(0.05)
            yield proxy
        finally:
            process.terminate()
            process.wait(20)


def answers(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as client:
        return client.connect_ex((address, port)) == 0
