"""Download a published dataset, with progress, from whichever of its mirrors answers; never waiting long for one."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import places
from core.data import cifar10, mnist
from core.data.dataset import BrokenSource, DataError, Progress, Report, Rows

NO_ANSWER_SECONDS = 20.0  # a mirror that sends nothing for so long is given up
START_SECONDS = 120.0  # the least a slow disk may take to import torchvision
POLL_SECONDS = 0.2
MIRRORS: tuple[str, ...] = ()  # empty: those that torchvision names
BYTES = {"mnist": mnist.DOWNLOAD_BYTES, "cifar10": cifar10.ARCHIVE_BYTES}
TITLES = {"mnist": mnist.INFO.title, "cifar10": cifar10.INFO.title}


def rows(name: str, work: Path, report: Report) -> tuple[Rows, str]:
    """The rows of "mnist" or "cifar10", and where they came from. `work` is an empty folder for the files.

    Raises DataError with a sentence for each mirror when none has the published files.
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
                reasons.append(f"What {host} sent is not the published set.")


def _read(name: str, folder: Path, report: Report) -> Rows:
    if name == "mnist":
        return mnist.read(folder, report)
    return cifar10.read_archive(folder / cifar10.ARCHIVE, report)


def _attempt(name: str, work: Path, first: int, reasons: list[str], report: Report) -> tuple[int, str, bool] | None:
    """Run the downloading process from mirror `first` on, until it is done or one mirror has been silent too long.

    Returns the last mirror's number, its host and whether all files came; None when no mirror is left. `reasons` gains
    a sentence for each mirror that failed.
    """
    log = work / f"from-{first}.jsonl"
    arguments = [name, str(work), str(first), str(NO_ANSWER_SECONDS / 2), *MIRRORS]
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "core.data.fetch", *arguments],
            stdin=subprocess.PIPE,  # closed when this process ends, and the child ends with it
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=places.ROOT,
        )
    seen, since = (0, 0), time.monotonic()
    stalled = False
    try:
        while child.poll() is None and not stalled:
            time.sleep(POLL_SECONDS)
            told = list(_lines(log))
            size = sum(path.stat().st_size for path in work.glob("*/*"))
            if (len(told), size) != seen:
                seen, since = (len(told), size), time.monotonic()
            host = f" from {told[-1]['host']}" if told and "host" in told[-1] else ""
            report(
                Progress(stage="downloading", text=f"Downloading {TITLES[name]}{host}.", done=size, total=BYTES[name])
            )
            stalled = time.monotonic() - since > (NO_ANSWER_SECONDS if told else START_SECONDS)
    finally:
        child.kill()
        child.communicate()
    told = list(_lines(log))
    reasons += [f"{line['host']}: {line['reason']}." for line in told if line["event"] == "failed"]
    if not told or told[-1]["event"] not in ("done", "trying"):
        return None
    number, host = int(told[-1]["mirror"]), str(told[-1]["host"])
    complete = told[-1]["event"] == "done"
    if not complete:
        reasons.append(f"{host}: no answer for {NO_ANSWER_SECONDS:.0f} seconds." if stalled else f"{host}: broke off.")
    return number, host, complete


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    """What the child has told so far, in whole lines."""
    for line in log.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
