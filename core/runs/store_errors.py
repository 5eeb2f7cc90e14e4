"""Say why the store of runs cannot be used and what to do: the sentences for its errors."""

import errno
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_UNREACHABLE = (
    "PostgreSQL, which holds the runs, cannot be reached: the app goes on by itself once it is. "
    "If it does not, check that it runs and what CNNLAB_DB names."
)


def full_disk(home: Path) -> str:
    """Return the sentence for a disk without room."""
    return f"The disk of the app's folder {home} is full: free some space, then try again."


def why_unavailable(home: Path, error: Exception) -> str:
    """Return why the store in `home` cannot be used and what to do, as a sentence for the person who runs the app."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in text or "No space left" in text:
        return full_disk(home)
    if "locked" in text or "busy" in text:
        return "The store of runs is busy: another program holds it. Try again in a moment."
    damaged = ("not a database", "malformed", "no such table", "no such column", "has no column named")
    if any(words in text for words in damaged):
        return f"The file {home / 'runs.sqlite'} is damaged: move it away, and the app creates a new one."
    may_not = code in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
    if may_not or "readonly" in text or "unable to open" in text:
        return (
            f"The app cannot write to its folder {home}, so it cannot train or save anything: "
            "make the folder writable, or name another one in CNNLAB_HOME and start the app again."
        )
    return f"The store of runs in {home} cannot be used ({text:.200})."


def why_postgres_unavailable(error: Exception) -> str | None:
    """Return why PostgreSQL cannot be used and what to do; None for an error of something else.

    The sentence holds neither the URL nor what the server says, which may name both.
    """
    if isinstance(error, ImportError):
        return "CNNLAB_DB names PostgreSQL, whose driver is not installed: pip install 'cnn-lab[host]'."
    if isinstance(error, sa.exc.ArgumentError):
        return "CNNLAB_DB cannot be read: it is written postgresql://NAME:PASSWORD@MACHINE/DATABASE."
    if isinstance(error, sa.exc.TimeoutError):
        return "Too many requests wait for the store of runs: try again in a moment."
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and not type(original).__module__.startswith("psycopg"):
        return None
    code, text = getattr(original, "sqlstate", None) or "", str(original)
    if code in ("28P01", "28000") or "password authentication failed" in text or "no password supplied" in text:
        return "PostgreSQL refuses the name or the password in CNNLAB_DB: correct them, then start the app again."
    if code == "3D000" or ('database "' in text and "does not exist" in text):
        return "PostgreSQL has no database of the name in CNNLAB_DB: create it (createdb), then try again."
    if code == "53300" or "too many clients" in text or "too many connections" in text or "connection slots" in text:
        return "PostgreSQL has no connection left: raise its max_connections, or start fewer processes of the app."
    if code in ("53100", "58030"):
        return "The disk of PostgreSQL, which holds the runs, is full: free some space, then try again."
    if code in ("55P03", "40P01", "40001", "57014"):
        return "The store of runs is busy: another program holds it. Try again in a moment."
    if code in ("42501", "25006"):
        return (
            "The user in CNNLAB_DB may not write to its database: make that user its owner "
            "(ALTER DATABASE ... OWNER TO ...), then try again."
        )
    cut = isinstance(error, DBAPIError) and error.connection_invalidated
    if cut or isinstance(error, sa.exc.OperationalError | OSError) or code[:2] in ("08", "57"):
        return _UNREACHABLE
    return f"The store of runs on PostgreSQL cannot be used (error {code or type(original).__name__})."
