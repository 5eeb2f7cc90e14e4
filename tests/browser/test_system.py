"""One system on all pages: the sizes of type, and the heights and radii of controls (docs/design.md)."""

import pytest

from core.ui.layout import navigation
from tests.browser.conftest import Open
from tests.ui.layout.test_type import SIZES

pytestmark = pytest.mark.browser

HEIGHTS = {32, 40}  # px: in pictures, and on pages
RADII = {0, 6}  # px; 0 where a control's neighbor goes on with it
# A control is what has a border or a ground of its own: a link among words, an icon of help and a field within a field have
# none. The cells of a picture are no controls, and a button that is a drawing has the drawing's size.
MEASURE = """() => {
  const all = [];
  const walk = (node) => {
    for (const element of node.querySelectorAll("*")) {
      all.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document.querySelector("[data-testid=stMain]"));
  const [type, height, radius] = [{}, {}, {}];
  const note = (table, size, element) => (table[size] ??= element.outerHTML.slice(0, 160));
  const visible = (color) => !/rgba\\(.*, 0\\)|transparent/.test(color);
  for (const element of all) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!box.width || !box.height || style.visibility === "hidden") continue;
    if (element.closest(".katex, [data-testid=stIconMaterial], .vega-embed")) continue;
    if ([...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
      note(type, parseFloat(style.fontSize), element);
    if (!element.matches("button, select, input:not([type=range], [type=checkbox], [type=radio], [type=file])")) continue;
    if (element.closest(".weights") || element.querySelector("canvas, img")) continue;
    const border = parseFloat(style.borderTopWidth) > 0 && visible(style.borderTopColor);
    if (!border && !visible(style.backgroundColor)) continue;
    note(height, Math.round(box.height), element);
    note(radius, parseFloat(style.borderTopLeftRadius), element);
  }
  return { type, height, radius };
}"""


@pytest.mark.parametrize("name", [page.name for page in navigation.PAGES])
def test_controls_and_type_are_of_one_system(visit: Open, name: str) -> None:
    page = visit("" if name == "home" else name)
    page.wait_for_timeout(1_500)  # components draw themselves
    found = page.evaluate(MEASURE)
    assert found["height"] or name == "home"
    for kind, allowed in (("type", SIZES), ("height", HEIGHTS), ("radius", RADII)):
        assert not {size: example for size, example in found[kind].items() if float(size) not in allowed}, kind
