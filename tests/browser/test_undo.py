"""Undo and redo in a real browser: the keys, what they leave alone; a layer's row that changes its kind and back."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]


def total(page: Page) -> Locator:
    return page.locator(".layers tfoot .parameters")


def cell(page: Page, name: str, layer: int) -> Locator:
    return page.get_by_label(f"{name}, layer {layer}", exact=True)


def kind(page: Page, layer: int) -> Locator:
    return page.get_by_label(f"Kind of layer {layer}", exact=True)


def write(field: Locator, text: str) -> None:
    field.fill(text)
    field.press("Tab")


def test_the_keys_undo_and_redo_the_table_of_which_a_row_keeps_its_settings(visit: Open) -> None:
    page = visit("layer_calculator?c_view=network")
    the_keys_undo_and_redo_the_table(page)
    a_row_keeps_its_settings_when_its_kind_changes(page)


def the_keys_undo_and_redo_the_table(page: Page) -> None:
    expect(total(page)).to_have_text("356,810")
    write(cell(page, "Filters K", 1), "64")
    expect(total(page)).to_have_text("376,138")
    page.locator(".st-key-c_famous input").click()
    page.get_by_role("option", name="LeNet-5").click()
    expect(total(page)).to_have_text("61,706")

    page.keyboard.press("Control+z")
    expect(total(page)).to_have_text("376,138")
    expect(cell(page, "Filters K", 1)).to_have_value("64")
    page.keyboard.press("Control+z")
    expect(total(page)).to_have_text("356,810")
    expect(cell(page, "Filters K", 1)).to_have_value("32")
    page.keyboard.press("Control+z")  # there is no earlier step
    page.keyboard.press("Control+Shift+z")
    expect(total(page)).to_have_text("376,138")
    page.keyboard.press("Meta+Shift+z")
    expect(total(page)).to_have_text("61,706")

    # Where text is written, the keys are the browser's: the field takes its text back, and the table stays.
    field = cell(page, "Filters K", 1)
    field.press("End")
    page.keyboard.type("9")
    expect(field).to_have_value("69")
    page.keyboard.press("Control+z")
    expect(field).to_have_value("6")
    expect(total(page)).to_have_text("61,706")

    # Two presses at once are two steps.
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(total(page)).to_have_text("356,810")


def a_row_keeps_its_settings_when_its_kind_changes(page: Page) -> None:
    for name, text in (("Filters K", "24"), ("Window F, in pixels", "5"), ("Stride S, in pixels", "2")):
        write(cell(page, name, 1), text)
    write(cell(page, "Padding P, in pixels on each side, or same", 1), "2")
    expect(page.get_by_text("24 × 16 × 16").first).to_be_visible()
    kind(page, 1).select_option("Pool")
    for name, text in (("Window F, in pixels", "5"), ("Stride S, in pixels", "2")):
        expect(cell(page, name, 1)).to_have_value(text)
    expect(cell(page, "Padding P, in pixels on each side, or same", 1)).to_have_value("2")
    expect(page.get_by_text("3 × 16 × 16").first).to_be_visible()
    write(cell(page, "Window F, in pixels", 1), "3")
    write(cell(page, "Padding P, in pixels on each side, or same", 1), "1")
    kind(page, 1).select_option("BatchNorm")
    kind(page, 1).select_option("Conv")
    for name, text in (("Filters K", "24"), ("Window F, in pixels", "3"), ("Stride S, in pixels", "2")):
        expect(cell(page, name, 1)).to_have_value(text)
    expect(cell(page, "Padding P, in pixels on each side, or same", 1)).to_have_value("1")
    expect(page.get_by_text("24 × 16 × 16").first).to_be_visible()


def weight(page: Page, row: int, column: int) -> Locator:
    return page.get_by_label(f"weight, row {row}, column {column}", exact=True)


def test_the_keys_undo_and_redo_a_kernel(visit: Open) -> None:
    page = visit("kernels")
    gain = page.get_by_text("The weights sum to")
    for row, text, gained in ((1, "5", 6), (2, "7", 15)):  # in place of −1 and −2, and the sum was 0
        weight(page, row, 1).fill(text)
        expect(gain).to_contain_text(f"sum to {gained}")
    weight(page, 2, 1).press("Control+z")  # in the field, where it takes back what was written
    expect(gain).to_contain_text("sum to 6")
    weight(page, 2, 1).fill("7")
    expect(gain).to_contain_text("sum to 15")
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    expect(weight(page, 2, 1)).to_have_value("−2")
    expect(weight(page, 1, 1)).to_have_value("5")
    expect(gain).to_contain_text("sum to 6")

    # Another kernel is a step; in the list of kernels, which keeps the focus, nothing is written.
    page.get_by_role("combobox", name="Kernel").click()
    page.get_by_role("option", name="Box blur").first.click()
    expect(gain).to_contain_text("sum to 1")
    page.keyboard.press("Control+z")
    expect(gain).to_contain_text("sum to 6")
    expect(weight(page, 1, 1)).to_have_value("5")
    page.keyboard.press("Control+Shift+z")
    expect(gain).to_contain_text("sum to 1")
    page.get_by_role("button", name="Undo").click()
    expect(weight(page, 1, 1)).to_have_value("5")
    weight(page, 3, 1).fill("4")  # an edit after an undo is the component's again
    expect(gain).to_contain_text("sum to 11")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_each_editor_of_a_page_has_keys_of_its_own(visit: Open) -> None:
    page = visit("frequency?f_radius=30")
    waves, filter = page.locator(".st-key-editor_waves"), page.locator(".st-key-editor_filter")
    frequency = waves.get_by_role("slider", name="Frequency", exact=True)
    radius = filter.get_by_role("slider", name="Radius", exact=True)
    frequency.fill("24")
    page.wait_for_function("location.search.includes('f_waves=24')")
    before = radius.input_value()
    radius.fill("5")
    page.wait_for_function("location.search.includes('f_radius=32')")
    page.keyboard.press("Control+z")
    expect(radius).to_have_value(before)
    expect(frequency).to_have_value("24")
    frequency.focus()
    page.keyboard.press("Control+z")
    expect(frequency).to_have_value("10")
    frequency.press("ArrowRight")  # told and undone without a pause
    page.keyboard.press("Control+z")
    page.wait_for_timeout(1_500)
    expect(frequency).to_have_value("10")
    expect(waves.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("Control+Shift+z")
    expect(frequency).to_have_value("10.5")
