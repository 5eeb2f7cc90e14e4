"""What axe finds wrong with a page of the app."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.waiting import settle

# Streamlit puts the sections' headings of the navigation straight into its list.
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}
REST = 500  # ms: charts are drawn after the page has settled

SIDEWAYS = """() => { const main = document.querySelector('[data-testid=stMain]'), whole = document.documentElement;
  return main.scrollWidth === main.clientWidth && whole.scrollWidth === whole.clientWidth; }"""


def serious_findings(page: Page) -> list[tuple[str, list[str]]]:
    """Return what is serious or critical, with the elements, once the page is at rest."""
    settle(page)
    page.wait_for_timeout(REST)
    found = Axe().run(page, context=NOT_STREAMLITS_OWN).response["violations"]
    return [(f["id"], [n["html"] for n in f["nodes"]]) for f in found if f["impact"] in ("serious", "critical")]


def scrolls_down_only(page: Page) -> None:
    """Wait until a phone's screen is not wider than it may be."""
    page.set_viewport_size({"width": 390, "height": 1000})
    page.wait_for_function(SIDEWAYS)
