"""Waiting for Streamlit, and trainings that no test has waited for yet, for all browser tests."""

import itertools

from playwright.sync_api import Page

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
