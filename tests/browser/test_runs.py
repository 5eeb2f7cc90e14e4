"""The board in Chromium: a click on a point picks it, a second one takes it back, a tick in the table does the same."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.waiting import settle

pytestmark = pytest.mark.browser
