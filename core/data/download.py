"""Download a published dataset, with progress, from the first mirror that answers; none is waited for long."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import app_paths
from core.data import cifar10, mnist
from core.data.dataset import BrokenSource, DataError, Progress, Report, Rows

NO_ANSWER_SECONDS = 20.0  # a mirror that sends nothing for this long is given up
START_SECONDS = 120.0  # that a slow and busy disk may need to start Python
POLL_SECONDS = 0.2
MIRRORS: tuple[str, ...] = ()  # empty: the published ones
BYTES = {"mnist": mnist.DOWNLOAD_BYTES, "cifar10": cifar10.ARCHIVE_BYTES}
TITLES = {"mnist": mnist.INFO.title, "cifar10": cifar10.INFO.title}


def rows(name: str, work: Path, report: Report) -> tuple[Rows, str]:
    """Download "mnist" or "cifar10".

    Args:
        name: The dataset.
        work: An empty folder for the files.
        report: Called with the progress.

    Returns:
        The rows, and where they came from.

    Raises:
        DataError: No mirror has the published files; the message has a sentence for each.
    """
    reasons: list[str] = []
    first = 0
    while True:
        outcome = _attempt(name, work, first, reasons, report)
        if outcome is None:
            tried = " ".join(reasons) or "The download could not be started."
            raise DataError(f"{TITLES[name]} could not be downloaded. {tried}")
        number, host, complete = outcome
        first = number + 1
        if complete:
            try:
                return _read(name, work / str(number), report), f"a download from {host}"
            except BrokenSource:
                reasons.append(f"The files from {host} are not the published ones.")


def _read(name: str, folder: Path, report: Report) -> Rows:
    """Return the rows in downloaded files. Raises BrokenSource."""
    if name == "mnist":
        return mnist.read(folder, report)
    return cifar10.read_archive(folder / cifar10.ARCHIVE, report)


def _attempt(name: str, work: Path, first: int, reasons: list[str], report: Report) -> tuple[int, str, bool] | None:
    """Run the downloading process from mirror `first` on, until it is done or a mirror has been silent too long.

    Args:
        name: The dataset.
        work: Folder for the files and the log.
        first: Number of the first mirror to try.
        reasons: Gets one more sentence for each mirror that fails.
        report: Called with the progress.

    Returns:
        The last mirror's number, its host, and whether all files arrived; None if no mirror is left.
    """
    log = work / f"from-{first}.jsonl"
    arguments = [name, str(work), str(first), str(NO_ANSWER_SECONDS / 2), *MIRRORS]
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "core.data.download_process", *arguments],
            stdin=subprocess.PIPE,  # closed when this process ends, and the child ends with it
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=app_paths.ROOT,
        )
    seen, since = (0, 0), time.monotonic()
    stalled = False
    try:
        while child.poll() is None and not stalled:
            time.sleep(POLL_SECONDS)
            events = list(_lines(log))
            size = sum(path.stat().st_size for path in work.glob("*/*"))
            if (len(events), size) != seen:
                seen, since = (len(events), size), time.monotonic()
            host = f" from {events[-1]['host']}" if events and "host" in events[-1] else ""
            report(
                Progress(stage="downloading", text=f"Downloading {TITLES[name]}{host}.", done=size, total=BYTES[name])
            )
            stalled = time.monotonic() - since > (NO_ANSWER_SECONDS if events else START_SECONDS)
    finally:
        child.kill()
        child.communicate()
    events = list(_lines(log))
    reasons += [f"{line['host']}: {line['reason']}." for line in events if line["event"] == "failed"]
    if not events or events[-1]["event"] not in ("done", "trying"):
        return None
    last = events[-1]
    number, host, complete = int(last["mirror"]), str(last["host"]), last["event"] == "done"
    if not complete:
        why = f"no answer for {NO_ANSWER_SECONDS:.0f} seconds" if stalled else "the connection was lost"
        reasons.append(f"{host}: {why}.")
    return number, host, complete


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    """Yield what the process has written so far, in whole lines."""
    for line in log.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
