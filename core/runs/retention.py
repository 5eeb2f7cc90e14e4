"""Keep the app's folder within its size limit. No torch.

What is removed first is what was viewed longest ago: the files of runs (weights, checkpoints, predictions), then whole
runs with their histories. Runs that train or wait, the parents of those, runs that are pinned on the board, and runs
viewed within a day stay.
"""

import contextlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.runs.run import ACTIVE, REMOVED_REASON, NoRoom
from core.runs.scheduler import ADDRESS_SHARE
from core.runs.stored_runs import StoredRun, StoredRuns
from core.size_text import format_bytes

LIMIT_VARIABLE = "CNNLAB_HOME_BYTES"
DEFAULT_BYTES = 5_000_000_000
MIN_BYTES = 10_000_000  # what the app needs for itself
TARGET_SHARE = 0.9  # of the limit, so that not every run has to make room for itself
PROTECTED_SECONDS = 86_400.0  # what was viewed within a day stays
LOOK_SECONDS = 10.0  # how old the size of the folder may be when a run is submitted
MIN_FOLDER_AGE = 3600.0  # a folder without a run is another's that is about to be queued, or was left behind

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """The bytes that the app's folder takes."""

    total: int
    runs: dict[str, int]  # the files of each run
    limit: int


class Room:
    """Room for the files of one more run; the folder is read once for all questions within a few seconds."""

    def __init__(self, home: Path) -> None:
        """Look at nothing yet."""
        self._home = home
        self._lock = threading.Lock()
        self._usage = Usage(0, {}, 0)
        self._looked = float("-inf")

    def check(
        self, per_person: float, own: Callable[[], Collection[str]], from_there: Callable[[], Collection[str]]
    ) -> None:
        """Refuse another run where the folder is over its limit and nothing goes, or a person's runs take too much.

        Args:
            per_person: The bytes that the files of a person's runs may take; 0 for no such limit. A new cookie is a new
                person: what cannot be removed for others of one network may take ADDRESS_SHARE of the folder.
            own: Returns the ids of the person's runs.
            from_there: Returns the ids of the runs of the person's network that are protected from being removed.

        Raises:
            NoRoom: There is none; the message says what to do.
        """
        now = self._looked_at()
        if now.total > now.limit:
            raise NoRoom(
                f"The app's folder holds {format_bytes(now.total)} of the {format_bytes(now.limit)} that it may hold. "
                "Try again in a minute. If that does not help, delete runs that nobody needs, or ask the host for more "
                "room (CNNLAB_HOME_BYTES)."
            )
        if per_person:
            check_person(now, per_person, own())
        all_there = max(per_person, ADDRESS_SHARE * now.limit)
        if per_person and (taken := sum(now.runs.get(run, 0) for run in from_there())) > all_there:
            raise NoRoom(
                f"The runs of your network take {format_bytes(taken)} since yesterday, and may take "
                f"{format_bytes(int(all_there))}: delete some on the board of all runs, or ask your instructor to."
            )

    def _looked_at(self) -> Usage:
        with self._lock:
            if time.monotonic() - self._looked > LOOK_SECONDS:
                self._usage, self._looked = usage(self._home), time.monotonic()
            return self._usage


def check_person(now: Usage, per_person: float, own: Collection[str]) -> None:
    """Refuse a person's run where the files of their runs `own` take more than `per_person` bytes. Raises NoRoom."""
    if (taken := sum(now.runs.get(run, 0) for run in own)) > per_person:
        raise NoRoom(
            f"Your runs take {format_bytes(taken)}, and each person may have {format_bytes(int(per_person))}: "
            "delete one on the board of all runs."
        )


def limit() -> int:
    """Return how many bytes the app's folder may take: `CNNLAB_HOME_BYTES`, or 5 GB."""
    with contextlib.suppress(KeyError, ValueError, OverflowError):
        return max(MIN_BYTES, int(float(os.environ[LIMIT_VARIABLE])))
    return DEFAULT_BYTES


def usage(home: Path) -> Usage:
    """Return what the app's folder takes. What cannot be read counts as nothing."""
    runs = {path.name: _bytes(path) for path in _listed(home / "runs")}
    others = sum(_bytes(path) for path in _listed(home) if path.name != "runs")
    return Usage(sum(runs.values()) + others, runs, limit())


def tidy(stored: StoredRuns) -> list[str]:
    """Remove files and runs until the app's folder is well within its limit.

    Args:
        stored: The runs of the home.

    Returns:
        The ids of the runs that lost their files or were deleted, in that order.

    Raises:
        StoreUnavailable: The store cannot be read or written.
    """
    home = stored.database.home
    now = usage(home)
    gone: list[str] = []
    if now.total <= now.limit:
        return gone
    left, aim = now.total - stored.free_bytes(), now.limit * TARGET_SHARE
    if left <= now.limit:
        return gone
    kept = stored.all()
    for name in _left_behind(home, {one.run for one in kept}):
        if left > aim:
            shutil.rmtree(home / "runs" / name, ignore_errors=True)
            left -= now.runs.get(name, 0)
            gone.append(name)
    old = [one for one in kept if not _stays(one, kept)]
    for one in old:
        if left > aim and now.runs.get(one.run) and stored.remove_files(one.run, REMOVED_REASON):
            left -= now.runs[one.run]
            gone.append(one.run)
    for one in old:  # histories take room in the home where the store is a file of it
        if left > aim and not stored.database.shared and stored.delete(one.run):
            left -= one.history_bytes
            gone.append(one.run)
    if gone:
        logger.warning("%d runs lost their files or histories, since %s was over its limit.", len(gone), home)
    return gone


def _stays(one: StoredRun, kept: list[StoredRun]) -> bool:
    needed = {other.parent for other in kept if other.state in ACTIVE}
    return one.pinned or one.state in ACTIVE or one.run in needed or one.seen > time.time() - PROTECTED_SECONDS


def _left_behind(home: Path, known: set[str]) -> list[str]:
    """Return the folders of runs that the store does not know, the oldest first."""
    found: list[tuple[float, str]] = []
    for path in _listed(home / "runs"):
        with contextlib.suppress(OSError):
            changed = path.stat().st_mtime
            if path.name not in known and changed < time.time() - MIN_FOLDER_AGE:
                found.append((changed, path.name))
    return [name for _, name in sorted(found)]


def _listed(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from list(folder.iterdir())


def _bytes(path: Path) -> int:
    """Return the size of a file or of all files in a folder, without following links."""
    try:
        if path.is_symlink():
            return 0
        if path.is_dir():
            return sum(_bytes(inner) for inner in _listed(path))
        return path.stat().st_size
    except OSError:
        return 0
