"""A PostgreSQL of the tests' own: Debian's binaries on a loopback port, its files in a temporary folder."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

USER = "lab"
START_SECONDS = 60.0


def binaries() -> Path | None:
    """The folder of initdb and postgres of the newest version that is installed, or None."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return installed[-1].parent if installed else None


def _somebody() -> dict[str, Any]:
    """The arguments of a process that may run PostgreSQL, which refuses root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Cluster:
    """A server that can be stopped, killed and started again; without fsync, as nothing here outlives the machine."""

    def __init__(self, folder: Path, fsync: bool = False) -> None:
        self._safe = "on" if fsync else "off"
        self._bin, self._folder, self._as = binaries(), folder, _somebody()
        assert self._bin is not None
        self.password = secrets.token_hex(8)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = folder / "password"
        secret.write_text(self.password)
        if self._as:
            for path in (folder, secret):
                os.chown(path, self._as["user"], self._as["group"])
        options = ["--no-sync", "--auth=scram-sha-256", f"--username={USER}", f"--pwfile={secret}", "--encoding=UTF8"]
        command = [self._bin / "initdb", "--pgdata", folder / "data", "--locale=C", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._shared())
        self._server: subprocess.Popen[bytes] | None = None

    def _shared(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": self._folder, "env": environment, **self._as}

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        assert self._bin is not None
        settings: dict[str, Any] = dict.fromkeys(("fsync", "full_page_writes"), self._safe)
        settings["max_connections"] = 60
        settings |= {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": ""}
        settings |= {"shared_buffers": "32MB", "logging_collector": "off"}
        command = [self._bin / "postgres", "-D", self._folder / "data"]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._shared())
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._server.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.05)

    def _answers(self) -> bool:
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url(), connect_timeout=2).close()
            return True
        return False

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT cuts all connections in order, SIGKILL cuts them as a crash does."""
        if self._server is not None:
            children = psutil.Process(self._server.pid).children() if how == signal.SIGKILL else []
            self._server.send_signal(how)
            self._server.wait(START_SECONDS)
            for child in children:  # they would hold the files for a moment longer
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            psutil.wait_procs(children, START_SECONDS)
            self._server = None

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the owner of everything."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """An empty database, as the URL of it."""
        name = f"lab_{secrets.token_hex(6)}"
        self.ask(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def running(fsync: bool = False) -> Iterator[Cluster]:
    """A started cluster, whose files are removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cnnlab-postgresql-"))
    try:
        cluster = Cluster(folder, fsync)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
