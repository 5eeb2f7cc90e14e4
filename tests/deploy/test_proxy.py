"""What lies between a class and the app: HTTPS, one replica a browser, and nothing internal to the outside."""

import http.client
import os
import re
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    addresses: list[str]  # as the name server gives them
    port: int
    replicas: dict[str, "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two replicas behind the proxy, with the app's own settings."""
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    log = folder / "replicas.log"
    addresses = list(ADDRESSES)
    with proxied(folder, addresses, port) as proxy, log.open("wb") as file:
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
            yield Site(proxy, addresses, port, replicas)
        finally:
            for process in replicas.values():
                process.kill()
                process.wait()


def ask(
    site: Site, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to a request, sent as it is: no path is tidied up."""
    connection = http.client.HTTPSConnection("localhost", site.proxy.https, timeout=20, context=site.proxy.trust)
    with suppress(ConnectionError, ssl.SSLEOFError):  # refused before all of it was sent: the answer is there
        connection.request(method, path, body, dict(headers or {}))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    return dict(re.match(r"([^=]+)=([^;]*)", line).groups() for line in answer.headers.get_all("Set-Cookie", []))  # type: ignore[union-attr]


@contextmanager
def session(site: Site, kept: Mapping[str, str], origin: str = "") -> Iterator[tuple[str, str]]:
    """Open a session as a browser with these cookies does: the replica that it reached, and the session's id."""
    own = f"localhost:{site.proxy.https}"
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())}
    settings: dict[str, Any] = {"origin": origin or f"https://{own}", "additional_headers": cookie}
    with connect(f"wss://{own}/_stcore/stream", ssl=site.proxy.trust, max_size=None, **settings) as page:
        message, forward = BackMsg(), ForwardMsg()
        message.rerun_script.query_string = ""
        page.send(message.SerializeToString())
        replica = name = ""
        while forward.WhichOneof("type") != "script_finished":
            answer = page.recv(20)
            assert isinstance(answer, bytes)
            forward.ParseFromString(answer)
            if forward.WhichOneof("type") == "new_session":
                name = forward.new_session.initialize.session_id
            if found := re.search(r"replica ([\d.]+)\.", str(forward)):
                replica = found[1]
        yield replica, name


def newcomer(site: Site) -> dict[str, str]:
    """The cookies of a browser that opened the app for the first time."""
    answer, content = ask(site, "/")
    assert answer.status == 200
    assert b"<title>Streamlit</title>" in content
    return cookies(answer)


def one_for_each_replica(site: Site) -> dict[str, dict[str, str]]:
    """A browser's cookies for each replica: newcomers are shared out by chance."""
    found: dict[str, dict[str, str]] = {}
    for _ in range(40):
        kept = newcomer(site)
        with session(site, kept) as (replica, _):
            found[replica] = kept
        if len(found) == len(ADDRESSES):
            break
    return found


def test_a_browser_stays_with_its_replica_and_its_uploads_reach_it(site: Site) -> None:
    browsers = one_for_each_replica(site)
    assert set(browsers) == set(ADDRESSES)
    for replica, kept in browsers.items():
        for _ in range(3):
            with session(site, kept) as (reached, _):
                assert reached == replica
    (mine, kept), (_, others) = browsers.items()
    with session(site, kept) as (reached, name):
        assert reached == mine
        assert upload(site, kept, name, 1000) == 204
        assert upload(site, others, name, 1000) == 400  # that process knows of no such session
        assert upload(site, kept, name, 26_000_000) == 413


def upload(site: Site, kept: Mapping[str, str], name: str, size: int) -> int:
    """The status with which a file of this size is taken."""
    answer, _ = ask(site, "/_stcore/health", headers={"Cookie": f"{COOKIE}={kept[COOKIE]}"})
    token = cookies(answer).get("_streamlit_xsrf", "")
    head = '--x\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + bytes(size) + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x", "X-Xsrftoken": token}
    headers["Cookie"] = f"{COOKIE}={kept[COOKIE]}; _streamlit_xsrf={token}"
    headers["Origin"] = f"https://localhost:{site.proxy.https}"
    return ask(site, f"/_stcore/upload_file/{name}/1", "PUT", body, headers)[0].status


def test_http_leads_to_https_and_answers_carry_the_headers(site: Site) -> None:
    connection = http.client.HTTPConnection("localhost", site.proxy.http, timeout=20)
    connection.request("GET", "/kernels?kernel=box")
    with closing(connection):
        answer = connection.getresponse()
        assert answer.status in (301, 302, 307, 308)
        assert answer.headers["Location"] == "https://localhost/kernels?kernel=box"
    headers = ask(site, "/")[0].headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "Server" not in headers


def test_the_metrics_are_for_the_inside_alone(site: Site) -> None:
    with urllib.request.urlopen(f"http://{ADDRESSES[0]}:{site.port}/_stcore/metrics", timeout=20) as answer:
        assert b"# TYPE" in answer.read()
    for path in (
        "/_stcore/metrics",
        "/_stcore/metrics?families=session_events",
        "/_stcore/metrics/",
        "/_stcore/Metrics",
        "/_stcore/%6detrics",
        "/%5fstcore/metrics",
        "//_stcore/metrics",
        "/_stcore//metrics",
        "/_stcore/./metrics",
        "/kernels/../_stcore/metrics",
        "/kernels/_stcore/metrics",
        "/_stcore%2fmetrics",
        "/_stcore/metrics;x",
    ):
        answer, content = ask(site, path)
        assert b"# TYPE" not in content, path
        assert answer.status == 404 or b"<title>" in content or not content, path
    assert ask(site, "/_stcore/metrics")[0].status == 404
    assert ask(site, "/_stcore/health")[0].status == 200  # what browsers ask when they reconnect


def test_pages_of_another_name_may_not_connect(site: Site) -> None:
    kept = newcomer(site)
    with pytest.raises(InvalidStatus, match="403"), session(site, kept, "https://evil.example"):
        pass
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    upgrade |= {
        "Host": "evil.example",
        "Origin": "https://evil.example",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer, content = ask(site, "/_stcore/stream", headers=upgrade)
    assert answer.status != 101
    assert not content
    assert not ask(site, "/", headers={"Host": "evil.example"})[1]  # no page either


def test_a_replica_that_is_gone_is_left_out(site: Site) -> None:
    """The last test: one of the two is ended here."""
    browsers = one_for_each_replica(site)
    gone, left = ADDRESSES
    site.replicas[gone].kill()
    site.replicas[gone].wait()
    site.addresses.remove(gone)
    with session(site, browsers[gone]) as (reached, _):
        assert reached == left
    answer, _ = ask(site, "/", headers={"Cookie": f"{COOKIE}={browsers[gone][COOKIE]}"})
    assert cookies(answer)[COOKIE] == browsers[left][COOKIE]  # and stays there
