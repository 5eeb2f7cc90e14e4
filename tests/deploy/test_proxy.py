"""What lies between a class and the app: HTTPS, one replica a browser, and nothing internal to the outside."""

import http.client
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.deploy.conftest import ROOT, Proxy, answers, free_port, proxied

ADDRESSES = ["127.0.0.2", "127.0.0.3"]  # as containers have: one port, an address each
COOKIE = "cnnlab_replica"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")


@dataclass
class Site:
    """The proxy and its replicas."""

    proxy: Proxy
    port: int
    replicas: dict[str, "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two replicas behind the proxy, with the app's own settings."""
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    log = folder / "replicas.log"
    with proxied(folder, ADDRESSES, port) as proxy, log.open("wb") as file:
        replicas = {}
        for address in ADDRESSES:
            command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("replica.py"))]
            command += ["--server.address", address, "--server.port", str(port), "--server.headless", "true"]
            replicas[address] = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | {"REPLICA": address}, stdout=file, stderr=file
            )
        try:
            until = time.monotonic() + 60
            while not all(answers(port, address) for address in ADDRESSES):
                assert time.monotonic() < until, log.read_text()[-2000:]
                time.sleep(0.05)
            yield Site(proxy, port, replicas)
        finally:
            for process in replicas.values():
                process.kill()
                process.wait()


def ask(
    site: Site, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to a request, sent as it is: no path is tidied up."""
    connection = http.client.HTTPSConnection("localhost", site.proxy.https, timeout=20, context=site.proxy.trust)
    connection.request(method, path, body, dict(headers or {}))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    return dict(re.match(r"([^=]+)=([^;]*)", line).groups() for line in answer.headers.get_all("Set-Cookie", []))  # type: ignore[union-attr]


def visit(site: Site, kept: Mapping[str, str], **named: object) -> tuple[str, str]:
    """Open a session as a browser with these cookies does: the replica that it reached, and the session's id."""
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    url = f"wss://localhost:{site.proxy.https}/_stcore/stream"
    origin = f"https://localhost:{site.proxy.https}"
    settings = {"origin": origin, "ssl": site.proxy.trust, "additional_headers": {"Cookie": cookie}} | named
    replica = session = ""
    with connect(url, max_size=None, open_timeout=20, **settings) as page:  # type: ignore[arg-type]
        message, forward = BackMsg(), ForwardMsg()
        message.rerun_script.query_string = ""
        page.send(message.SerializeToString())
        while forward.WhichOneof("type") != "script_finished":
            forward.ParseFromString(page.recv(20))  # type: ignore[arg-type]
            if forward.WhichOneof("type") == "new_session":
                session = forward.new_session.initialize.session_id
            if found := re.search(r"replica ([\d.]+)\.", str(forward)):
                replica = found[1]
        if "then" in named:
            pass
    return replica, session


def test_a_browser_stays_with_its_replica(site: Site) -> None:
    found = set()
    for _ in range(12):
        answer, _ = ask(site, "/")
        assert answer.status == 200
        kept = {COOKIE: cookies(answer)[COOKIE]}
        reached = {visit(site, kept)[0] for _ in range(3)}
        assert len(reached) == 1
        found |= reached
        if len(found) == 2:
            break
    assert found == set(ADDRESSES)  # and not all browsers share one
