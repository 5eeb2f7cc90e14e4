"""The layer calculator in a real browser: slide, edit the table, load, refuse, reopen; keyboard, phone, dark, axe."""

import re
from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import does_not_scroll_sideways, violations
from tests.browser.visits import DESK, PHONE, move_to, reopened

Open = Callable[..., Page]

FOCUSED = """() => { let a = document.activeElement; while (a.shadowRoot?.activeElement) a = a.shadowRoot.activeElement;
  return a.getAttribute('aria-label'); }"""

# The colors within one cell of the inspector's input, its grid lines left out: one for a cell that is read.
COLORS = """([row, column, cells]) => { const find = (root) => root.querySelector('figure.input canvas')
    ?? [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  const canvas = find(document), unit = Math.round(canvas.width / cells);
  const { data } = canvas.getContext('2d').getImageData(column * unit + 2, row * unit + 2, unit - 4, unit - 4);
  return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size; }"""


def total(page: Page) -> Locator:
    return page.locator(".layers tfoot .parameters")


def cell(page: Page, name: str, layer: int | str) -> Locator:
    return page.get_by_label(f"{name}, layer {layer}", exact=True)


def write(page: Page, name: str, layer: int | str, text: str) -> None:
    cell(page, name, layer).fill(text)
    cell(page, name, layer).press("Tab")


# Moves a slider and returns, at the next frame, whether formula and output are new.
NEXT_FRAME = """async () => {
  const find = (root, selector) => root.querySelector(selector) ??
    [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot, selector)).find(Boolean);
  const slider = find(document, '[aria-label="window F"]'), picture = find(document, 'figure.output canvas');
  const said = () => find(document, '.formula').textContent;
  const before = [said(), picture.toDataURL()];
  slider.value = Number(slider.value) + 1;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise(requestAnimationFrame);
  return said() !== before[0] && picture.toDataURL() !== before[1];
}"""


def test_a_slider_has_its_picture_in_the_next_frame_and_what_no_window_reads_is_hatched(visit: Open) -> None:
    page = visit("layer_calculator?c_w=20")
    page.locator(".one-layer .formula").wait_for()
    for _ in range(3):
        assert page.evaluate(NEXT_FRAME)
    expect(page).to_have_url(re.compile("c_f=6"))
    expect(page.locator(".one-layer .notice")).to_contain_text("8 × 8 px")
    page.reload()
    expect(page.get_by_label("window F", exact=True)).to_have_value("6")
    page.get_by_label("window F", exact=True).fill("2")
    page.get_by_label("stride S", exact=True).fill("4")
    expect(page.locator(".one-layer .notice")).to_contain_text("100 of 400 pixels are ever read")
    colors = {place: page.evaluate(COLORS, [*place, 20]) for place in ((4, 4), (4, 6), (4, 19), (19, 4))}
    assert colors[4, 4] == 1
    assert min(colors[4, 6], colors[4, 19], colors[19, 4]) > 1


def test_edit_load_refuse_and_reopen(visit: Open) -> None:
    page = visit("layer_calculator?c_view=network")
    expect(total(page)).to_have_text("356,810")
    write(page, "Filters K", 1, "64")
    expect(total(page)).to_have_text("376,138")
    page.locator(".st-key-c_famous input").click()
    page.get_by_role("option", name="VGG-16", exact=True).click()
    expect(total(page)).to_have_text("138,357,544")
    expect(page.get_by_text("15,470,264,320 counted here")).to_be_visible()
    assert page.url.endswith("c_net=vgg-16")

    for bad, told in (("-1", "-1"), ("1000000000", "1000000000"), ("many", "'many'")):
        write(page, "Window F, in pixels", 3, bad)
        expect(page.locator("tr.refusal:not([hidden])")).to_have_text(
            f"Layer 3: kernel must be a whole number, or a pair of them, from 1 to 10,000; got {told}."
        )
        expect(cell(page, "Window F, in pixels", 3)).to_have_value(bad)
        expect(cell(page, "Units", 40)).to_have_value("1000")
    write(page, "Window F, in pixels", 3, "1x3")
    expect(total(page)).to_have_text(f"{138_357_544 - 64 * 64 * 6:,}")

    link = page.url
    again = reopened(page)
    expect(total(again)).to_have_text(f"{138_357_544 - 64 * 64 * 6:,}")
    expect(cell(again, "Window F, in pixels", 3)).to_have_value("1x3")
    assert again.url == link.replace("c_view=network&", "")  # a network in the link opens it


def test_with_the_keyboard_alone(visit: Open) -> None:
    page = visit("layer_calculator?c_net=lenet-5&c_view=layer")
    page.get_by_label("stride S", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".one-layer .notice")).to_contain_text("6 × 6 px")
    expect(page).to_have_url(re.compile("c_s=1"))
    page.get_by_role("tab", name="A whole network").press("Enter")

    cell(page, "Filters K", 1).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    expect(total(page)).to_have_text("64,262")
    assert page.evaluate(FOCUSED) == "Window F, in pixels, layer 1"  # the answer does not take the focus away
    page.get_by_role("button", name="Remove: layer 2", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.layer")).to_have_count(11)
    assert page.evaluate(FOCUSED) == "Remove: layer 2"
    page.get_by_role("button", name="Move down: layer 1", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Kind of layer 2", exact=True)).to_have_value("Conv")
    assert page.evaluate(FOCUSED) == "Move down: layer 2"
    page.get_by_role("button", name="Add a layer", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.layer")).to_have_count(12)
    assert page.evaluate(FOCUSED) == "Kind of layer 12"
    expect(cell(page, "Units", 12)).to_have_value("10")


def test_a_block_is_added_and_edited_in_place(visit: Open) -> None:
    page = visit("layer_calculator?c_net=[[3,8,8],[%22Conv%22,4,3,1,1]]", width=1280)
    page.get_by_role("button", name="Add a block").click()
    more = 2 * (4 * 4 * 9 + 8)  # two convolutions without biases, each with a batch norm
    expect(total(page)).to_have_text(f"{112 + more}")
    expect(page.locator("tr.inner")).to_have_count(5)
    page.get_by_role("button", name="Remove: layer 2.5").click()
    expect(total(page)).to_have_text(f"{112 + more - 8}")
    write(page, "Window F, in pixels", "2.4", "5")
    expect(page.locator("tr.refusal:not([hidden])")).to_contain_text("Layer 2: the outputs of a Residual")
    write(page, "Padding P, in pixels on each side, or same", "2.4", "2")
    expect(total(page)).to_have_text(f"{112 + more - 8 + 16 * 16}")
    page.get_by_label("Kind of layer 1", exact=True).select_option("Residual")
    expect(total(page)).to_have_text(f"{112 + more - 8 + 16 * 16 + 16}")  # and a 1 x 1 shortcut from 3 planes to 4
    expect(cell(page, "Filters K", "1+1")).to_have_value("4")
    assert page.locator(".layers .scroll").evaluate("e => e.scrollWidth - e.clientWidth") <= 0  # buttons are whole


def test_rare_settings_open_in_the_row(visit: Open) -> None:
    page = visit("layer_calculator?c_view=network")
    page.get_by_role("button", name="more: further settings of layer 4", exact=True).click()
    write(page, "Groups G", 4, "32")
    expect(total(page)).to_have_text(f"{356_810 - 64 * 9 * 31:,}")
    page.get_by_role("button", name="less: further settings of layer 4", exact=True).click()
    expect(page.get_by_role("button", name="G 32: further settings of layer 4", exact=True)).to_be_visible()


def test_whole_on_every_screen(visit: Open) -> None:
    page = visit("layer_calculator?c_net=alexnet&c_net_tab=Formulas")
    expect(total(page)).to_have_text("61,100,840")
    for screen in (DESK, PHONE):
        move_to(page, screen)
        page.get_by_role("tab", name="A whole network").click()
        page.locator(".layers").wait_for()
        page.get_by_role("tab", name="Cost by layer").click()
        expect(page.locator(".stVegaLiteChart svg").last).to_be_visible()
        does_not_scroll_sideways(page)
        assert not violations(page), screen
        page.get_by_role("tab", name="One layer").click()
        page.locator(".one-layer .notice").wait_for()
        assert not violations(page), screen


def test_train_this_opens_the_network_on_the_mnist_page(visit: Open) -> None:
    net = '[[1,28,28],["Conv",6,5],["Pool","max",2],["Activation"],["Flatten"],["Linear",10]]'
    page = visit(f"layer_calculator?c_net={quote(net)}&c_net_tab=Take+it+with+you")
    page.get_by_role("link", name="Train this on MNIST").click()
    card = page.locator(".st-key-card_m_cnn")
    expect(card.locator(".card-head")).to_contain_text("8,806 parameters")
    card.get_by_role("button", name="Change").click()
    expect(page.get_by_role("combobox", name="Network").first).to_have_value("From the layer calculator")
    again = reopened(page)
    expect(again.locator(".st-key-card_m_cnn .card-head")).to_contain_text("8,806 parameters")
