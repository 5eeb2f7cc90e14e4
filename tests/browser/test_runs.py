"""The board in Chromium: a click on a point picks it and a second one drops it, and so does a tick in the table."""

import re
from dataclasses import replace

from playwright.sync_api import expect

from core.layers import builders
from core.runs.database import Database
from core.training.experiment import Experiment
from tests.browser.conftest import Open, Server
from tests.browser.waiting import new_seed, settle
from tests.runs.test_board import put


def test_points_and_lines_are_picked(server: Server, visit: Open) -> None:
    data = f"pictures-{new_seed()}"  # the runs of other tests are on other pictures
    base = Experiment(layers=builders.mlp((8,)), data=data, train_images=500)
    database = Database(server.home)
    small, large = put(database, base), put(database, replace(base, epochs=9), summary={"test_accuracy": 0.5})
    fast = {"test_accuracy": 0.97, "parameters": 5_000, "whole_seconds": 0.5}
    put(database, replace(base, epochs=5), summary=fast, queued=9.0)  # the newest: its point is the first
    database.close()
    page = visit(f"runs?r_data={data}")
    points = page.locator(".st-key-stage svg .targets_marks path, .st-key-stage svg [class*=targets] path")
    expect(points).to_have_count(2)  # one has no known cost
    points.nth(1).click()
    expect(page).to_have_url(re.compile(f"r_picks={small[0]}(&|$)"))
    points.nth(0).click()
    expect(page).to_have_url(re.compile(rf"r_picks={small[0]}\."))
    settle(page)
    points.nth(1).click()
    expect(page).not_to_have_url(re.compile(small[0]))
    settle(page)
    rows = page.get_by_test_id("stDataFrame").locator("canvas").first
    box = rows.bounding_box()
    assert box
    page.mouse.click(box["x"] + 16, box["y"] + 36 * 3 + 16)  # the tick of the last line, by accuracy
    expect(page).to_have_url(re.compile(rf"\.{large[0]}"))
