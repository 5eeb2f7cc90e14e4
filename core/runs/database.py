"""The connections to the store's tables.

SQLAlchemy Core, on a file of SQLite's in the home, or on the PostgreSQL that `CNNLAB_DB` names. The code is the same:
rows are locked (`with_for_update`) before they are changed, which SQLite, with one writer at a time, passes over.
"""

import contextlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from core import app_paths
from core.runs import postgres
from core.runs.run import StoreUnavailable
from core.runs.store_errors import why_postgres_unavailable, why_unavailable
from core.runs.tables import FORMER_TABLES, metadata

BUSY_SECONDS = 5.0  # how long a writer waits for another one


class Database:
    """Connections to the store of one home, opened when first needed and again after every failure.

    The file is checked before each use: if it was moved away, deleted or replaced, the connections to it are closed,
    and the file there now, or a new one, is used instead.
    """

    def __init__(self, home: Path, url: str | None = None, machine: str | None = None) -> None:
        """Do not open the database; the first query does.

        Args:
            home: The app's folder.
            url: Of PostgreSQL; None for the one that `CNNLAB_DB` names, or a file in the home if it names none.
            machine: The name of this machine in a store that several share; None for its own. A file has one machine,
                "", whatever that is called.
        """
        self.home = home
        self._url = url or app_paths.database_url()
        self._file = None if self._url else home / "runs.sqlite"
        self.machine = machine or (app_paths.machine_name() if self._url else "")
        self._engine: sa.Engine | None = None
        self._first: sa.PoolProxiedConnection | None = None  # idle, and to this file even if another one replaces it
        self._opened: tuple[int, int] | None = None  # the file that the engine is connected to
        self._opening = threading.Lock()

    @property
    def shared(self) -> bool:
        """Whether processes of other machines may use the store, too."""
        return self._file is None

    def own_file(self, name: str) -> Path:
        """Return the path in the home of a file that each machine has of its own: "leader.lock"."""
        stem, dot, suffix = name.partition(".")
        machine = f"-{re.sub('[^A-Za-z0-9_-]', '_', self.machine)}" if self.shared else ""
        return self.home / f"{stem}{machine}{dot}{suffix}"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one state of the store.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.shared else {}
        with self._explained(), self._open().execution_options(**snapshot).connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that may write. On PostgreSQL it excludes no other but of the rows that it locks.

        Raises:
            StoreUnavailable: The store cannot be written.
        """
        with self._explained(), self._open().execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def listening(self) -> Iterator[Iterator[str | None]]:
        """Open a connection that hears which runs change, where `shared`: see `core.runs.postgres.listening`.

        Raises:
            StoreUnavailable: The store cannot be reached, or not any more.
        """
        with self._explained(), postgres.listening(self._open()) as notices:
            yield notices

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        with self._opening:
            self._disconnect()

    def _disconnect(self) -> None:
        if self._first is not None:
            self._first.close()
        if self._engine is not None:
            self._engine.dispose()
        self._engine = self._first = None

    def _open(self) -> sa.Engine:
        with self._opening:
            if self._engine is not None and self._file is not None and identity(self._file) != self._opened:
                # What only the log holds belongs to the old file, and must not be taken for the new one's.
                with contextlib.suppress(SQLAlchemyError, sqlite3.Error):
                    assert self._first is not None
                    self._first.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._disconnect()
            if self._engine is None:
                self.home.mkdir(parents=True, exist_ok=True)
                if self._url:
                    engine = postgres.create_engine(self._url, BUSY_SECONDS)
                else:
                    engine = sa.create_engine(f"sqlite:///{self._file}", pool_size=20)
                    _as_we_use_sqlite(engine)
                # Two processes may both find no tables; on PostgreSQL they wait for each other within `_migrate`.
                alone = contextlib.nullcontext() if self.shared else FileLock(self.home / "store.lock", timeout=30)
                try:
                    with alone:
                        _migrate(engine)
                    if self._file is not None:
                        self._first, self._opened = engine.raw_connection(), identity(self._file)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, SQLAlchemyError, ImportError) as error:
            if isinstance(error, sa.exc.IntegrityError):
                raise
            why = (why_postgres_unavailable(error) if self.shared and not _of_a_file(error) else None) or (
                why_unavailable(self.home, error)
            )
            if "is damaged" in why:  # the next file there is read from its beginning
                self.close()
            raise StoreUnavailable(why) from error


def _migrate(engine: sa.Engine) -> None:
    """Create the tables that are missing, and move the rows of former tables to those of today, in one transaction.

    An older version of the app that still has the file open may create its tables again: their rows are added then.
    """
    with engine.execution_options(writes=True).begin() as connection:
        postgres.alone(connection, postgres.MIGRATING)
        metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            postgres.install_notices(connection)
            return
        existing = set(sa.inspect(connection).get_table_names())
        for name, (table, new) in FORMER_TABLES.items():
            if name not in existing:
                continue
            columns = [column.name for column in table.columns]
            former = sa.Table(name, sa.MetaData(), *(sa.Column(column) for column in columns if column not in new))
            values = {**former.c, **{column: sa.literal(value) for column, value in new.items()}}
            keys = [values[column.name] == column for column in table.primary_key.columns]
            rows = sa.select(*(values[column] for column in columns)).where(~sa.exists().where(*keys))
            connection.execute(sa.insert(table).from_select(columns, rows))
            former.drop(connection)


def _of_a_file(error: Exception) -> bool:
    """Return whether the error is of a file or folder, and not of the connection to PostgreSQL."""
    return isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError)


def identity(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of the file at `path`, which name it whatever it is called later; None if missing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _as_we_use_sqlite(engine: sa.Engine) -> None:
    """Set up SQLite: WAL, so that readers never wait, and write transactions that take the lock at their start."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.create_function("clock", 0, time.time)
        connection.isolation_level = None  # the driver begins no transaction by itself: `begun` does
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
