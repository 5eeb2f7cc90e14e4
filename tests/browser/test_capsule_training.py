"""The capsules page trains in a real browser: tiny capsules and their CNN on the digits that come with the app."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.lengths import keeps_its_length
from tests.browser.waiting import TRAINING_MS, new_seed, settle

Open = Callable[..., Page]

TINY = "v_t_types=2&v_t_pose=4&v_t_dims=4&v_t_filters=8&v_t_images=1000&v_t_epochs=2"


def test_capsules_train_beside_their_cnn_and_redraw_sixteen_digits(visit: Open) -> None:
    page = visit(f"capsules?v_tab=training&{TINY}&v_t_seed={new_seed()}")
    pictures = page.locator(".redrawn img")
    expect(pictures).to_have_count(16)
    page.get_by_role("button", name="Train both").click()
    expect(page.locator(".score .detail", has_text="95 % interval")).to_have_count(2, timeout=TRAINING_MS)
    expect(pictures).to_have_count(32)
    for title in ("Margin loss", "Cross-entropy (nats)"):
        expect(page.locator(".stVegaLiteChart", has_text=title)).to_have_count(1)
    page.get_by_text("After every evaluation").click()
    expect(page.locator(".sheets figure").nth(2)).to_be_visible()
    settle(page)
    found = Axe().run(page, context={"exclude": [["[data-testid=stSidebarNavItems]"]]}).response["violations"]
    assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []
    page.reload()
    expect(pictures).to_have_count(32)
    settle(page)
    keeps_its_length(page)
