"""What only a store on PostgreSQL needs: its engine, notices of changed runs, and sentences for its errors.

A store that several machines share is named in `CNNLAB_DB` (`core.app_paths.database_url`). psycopg is imported where
it is used: an app with the embedded store does without it.
"""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
CONNECTIONS = 5  # that a process keeps open; all of a class's pages share them
MORE_CONNECTIONS = 10  # that it opens for a moment when those are in use
CONNECTION_SECONDS = 10.0  # how long a request waits for one of them
CONNECT_SECONDS = 5
IDLE_SECONDS = 30  # after which a process that stopped in mid-transaction loses its locks
LISTEN_SECONDS = 1.0  # how often a listener that hears nothing looks whether it should go on
CHANNEL = "cnnlab"
LOCKS = 0x0C22  # the first key of our advisory locks
MIGRATING, QUEUEING, NAMING = 1, 2, 3  # the second

# Whoever writes a run tells it, and nobody can forget to. A notice is "RUN STATE", or "RUN" when its owners changed;
# PostgreSQL sends it when the transaction commits.
_TRIGGERS = (
    f"""CREATE OR REPLACE FUNCTION cnnlab_tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'runs' THEN
            PERFORM pg_notify('{CHANNEL}', NEW.id || ' ' || NEW.state);
        ELSIF TG_OP = 'DELETE' THEN
            PERFORM pg_notify('{CHANNEL}', OLD.run);
        ELSE
            PERFORM pg_notify('{CHANNEL}', NEW.run);
        END IF;
        RETURN NULL;
    END $$""",
    "CREATE TRIGGER cnnlab_tell_run AFTER INSERT OR UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION cnnlab_tell()",
    "CREATE TRIGGER cnnlab_tell_owner AFTER INSERT OR DELETE ON run_owners FOR EACH ROW EXECUTE FUNCTION cnnlab_tell()",
)


def create_engine(url: str, busy_seconds: float) -> sa.Engine:
    """Return the engine of a store on PostgreSQL, which connects when it is first used.

    Args:
        url: As `CNNLAB_DB` holds it.
        busy_seconds: How long a statement waits for another transaction's lock.

    Raises:
        ArgumentError: The URL cannot be read, or is not PostgreSQL's.
        ImportError: psycopg is not installed.
    """
    parsed = sa.make_url(url)
    if parsed.drivername not in SCHEMES:
        raise sa.exc.ArgumentError("not a URL of PostgreSQL")
    settings = {"lock_timeout": int(busy_seconds * 1000), "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000}
    connection = {"connect_timeout": CONNECT_SECONDS, "application_name": "cnnlab"}
    connection |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_timeout=CONNECTION_SECONDS,
        pool_pre_ping=True,  # a connection that a restart of the server cut is replaced before it is used
        hide_parameters=True,
        connect_args={**connection, "options": " ".join(f"-c {name}={value}" for name, value in settings.items())},
    )


def alone(connection: sa.Connection, lock: int) -> None:
    """Wait until no other transaction holds this lock, and hold it until this one ends.

    In SQLite, which has one writer at a time, nothing is to be done.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCKS, lock)))


def install_notices(connection: sa.Connection) -> None:
    """Create the triggers that tell of changed runs, unless they exist."""
    if connection.exec_driver_sql("SELECT 1 FROM pg_trigger WHERE tgname = 'cnnlab_tell_owner'").first() is None:
        for statement in _TRIGGERS:
            connection.exec_driver_sql(statement)


@contextmanager
def listening(engine: sa.Engine) -> Iterator[Iterator[str | None]]:
    """Open a connection that listens, outside of the pool.

    Yields:
        The notices, without an end; None whenever none came for LISTEN_SECONDS.

    Raises:
        ConnectionError: The connection was lost.
    """
    import psycopg

    def notices(connection: "psycopg.Connection[Any]") -> Iterator[str | None]:
        while True:
            for notice in connection.notifies(timeout=LISTEN_SECONDS):
                yield notice.payload
            yield None

    try:
        pooled = engine.raw_connection()
        connection = pooled.driver_connection
        assert isinstance(connection, psycopg.Connection)
        pooled.detach()
        with contextlib.closing(connection):
            connection.rollback()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            yield notices(connection)
    except psycopg.Error as error:
        raise ConnectionError("The connection that listens was lost.") from error
