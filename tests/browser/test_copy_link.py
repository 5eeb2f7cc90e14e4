"""The title line's tools in Chromium: the link is copied and said, its code leads to it, and notes come back."""

from collections.abc import Callable

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_findings

Open = Callable[..., Page]


def test_a_link_is_copied_with_what_it_holds_and_its_code_leads_to_it(visit: Open) -> None:
    page = visit("kernels?k_kernel=box")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tools = page.locator(".st-key-copy_link")
    toast = tools.get_by_role("status")
    tools.get_by_role("button", name="Copy link").click()
    expect(toast).to_contain_text("with your kernel")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "k_kernel=box" in page.url
    page.evaluate("navigator.clipboard.writeText('other')")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without https
    toast.evaluate("(toast) => { toast.textContent = ''; }")
    tools.get_by_role("button", name="Copy link").click()
    expect(toast).to_contain_text("with your kernel")
    tools.get_by_role("button", name="QR code").click()
    code = tools.get_by_role("img", name="QR code")
    expect(code).to_be_visible()
    shot = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert cv2.QRCodeDetector().detectAndDecode(shot)[0] == page.url
    assert not serious_findings(page, ".st-key-copy_link")
    page.keyboard.press("Escape")
    expect(code).to_be_hidden()


def test_notes_are_there_until_the_picture_was_used_and_help_brings_them_back(visit: Open) -> None:
    page = visit("kernels")
    notes = page.get_by_role("complementary", name="Notes on the picture")
    expect(notes).to_be_visible()
    boxes = notes.locator("p:visible").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert len(boxes) >= 3
    page.get_by_role("application").first.press("ArrowRight")
    expect(notes).to_be_hidden()
    page.reload()
    page.wait_for_selector("[data-testid=stMain] h1")
    expect(notes).to_be_hidden()
    page.locator(".st-key-copy_link").get_by_role("button", name="Help").click()
    expect(notes).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(notes).to_be_hidden()
