"""Waiting for Streamlit, and trainings that no test has waited for yet, for all browser tests."""

import itertools
import re
import time
from pathlib import Path

from playwright.sync_api import Page

from core.runs.database import Database
from core.runs.run import FINISHED
from core.runs.store import Store

# The machine may be busy; what comes, comes well before.
EXPECT_MS = 40_000  # for what a test expects to see
PAGE_MS = 60_000  # for a page to answer
TRAINING_MS = 150_000  # for a training, which gives way to everything else that runs
_seeds = itertools.count(100)


def new_seed() -> int:
    """Return a seed that no test has trained with: equal experiments are one run, also when a test is tried again."""
    return next(_seeds)


def settle(page: Page) -> None:
    """Wait until no script runs and nothing on the page is stale."""
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
    )


def finish_unwatched(page: Page, home: Path, runs: str) -> list[str]:
    """Wait until the runs that a page began, which its parameter `runs` names, are finished; return their names.

    The page is left before: Chromium draws a training that is watched for more processor time than it takes.
    """
    page.wait_for_url(re.compile(f"{runs}=[0-9a-f]{{16}}"))
    settle(page)
    names = re.findall("[0-9a-f]{16}", page.url.partition(f"{runs}=")[2].partition("&")[0])
    page.goto("about:blank")
    database = Database(home)
    store, end = Store(database), time.monotonic() + TRAINING_MS / 1000
    while any(store.run(name).state != FINISHED for name in names):
        assert time.monotonic() < end, [store.run(name).state for name in names]
        time.sleep(0.2)
    database.close()
    return names
