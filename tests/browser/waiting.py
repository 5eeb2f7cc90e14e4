"""Waiting for Streamlit, for all browser tests."""

from playwright.sync_api import Page


def settle(page: Page) -> None:
    """Wait until no script runs and nothing on the page is stale."""
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
    )
