"""The layer calculator: every control, bounds that follow, bad cells, pasted code, links, exports."""

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from math import prod
from typing import Any
from urllib.parse import parse_qs

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from core.layers.blocks import make
from core.layers.calculator import analyze, flatten_blocks, totals
from core.layers.layer_count import MAX_DEPTH
from core.layers.memory import memory
from core.layers.parse import parse
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import (
    KINDS,
    Activation,
    BatchNorm,
    CapsuleDecoder,
    Conv,
    Flatten,
    GlobalPool,
    Linear,
    Pool,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)
from core.size_text import format_bytes
from core.ui.components import layer_table
from core.ui.components.layer_table import cells
from core.ui.components.one_layer.state import MAX_DILATION, MAX_STRIDE, WIDTHS, OneLayerState, max_padding, max_window
from core.ui.display import layer_groups
from core.ui.display.formulas import spaced
from core.ui.state import network_link
from core.ui.state.network_link import Stack, StackError
from core.ui.views.layer_calculator import cost_breakdown, export, inverse, size_curves, what_to_notice
from core.ui.views.layer_calculator.convolution import ConvolutionSettings
from tests.examples import examples

OpenPage = Callable[..., AppTest]
VGG = REFERENCE_NETWORKS["vgg-16"]


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "error", "warning", "info", "latex")
    return " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def written(app: AppTest) -> Stack:
    found = app.session_state[network_link.KEY]
    assert isinstance(found, Stack)
    return found


# --- one layer --------------------------------------------------------------------------------------------------------


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("layer_calculator")
    assert app.title[0].value == "What does a layer cost?"
    assert "62.0 times fewer parameters, 7.11 times fewer MACs" in words(app)
    assert not dict(app.query_params)
    assert "356,810" in words(whole(open_page))


def whole(open_page: OpenPage, **link: str) -> AppTest:
    """Open the tab with the whole network."""
    return open_page("layer_calculator", c_view="network", **link)


def test_a_link_sets_the_layer(open_page: OpenPage) -> None:
    app = open_page("layer_calculator", c_d="64", c_k="128", c_groups="64", c_bias="false")
    assert not app.warning
    units, inputs = 128 * 9, 64 * 64  # 3 x 3 positions, 8 x 8 pixels
    assert f"convolution 1,152, fully connected {units * inputs:,}" in words(app)


def test_the_most_that_the_sliders_reach_is_compared_with_a_fully_connected_layer_too(open_page: OpenPage) -> None:
    app = open_page("layer_calculator", c_k="512", c_w="256", c_p="2", c_f="3", c_s="1", c_d="3")
    units, inputs = 512 * 258 * 258, 3 * 256 * 256  # W - F + 2P + 1 = 258
    assert f"convolution {512 * 27 + 512:,}, fully connected {units * inputs + units:,}" in "".join(
        one.value for one in app.markdown
    )


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({}, OneLayerState()),
        ({"c_w": "8", "c_dilation": "6"}, OneLayerState(c_dilation=6, c_f=2)),  # two taps, 6 px apart, fit in 8
        ({"c_w": "4", "c_dilation": "3", "c_f": "1", "c_p": "3"}, OneLayerState(c_w=4, c_dilation=3, c_f=1)),
        ({"c_f": "9" * 40, "c_p": "wide", "c_bias": "x"}, OneLayerState()),
        ({"c_d": "64", "c_k": "128", "c_groups": "60"}, OneLayerState(c_d=64, c_k=128, c_groups=32)),
        ({"c_d": "513"}, OneLayerState()),
        ({"c_f": None, "c_s": [1], "c_groups": {}, "c_w": True}, OneLayerState()),
    ],
)
def test_any_settings_are_read_as_a_layer_that_fits(link: dict[str, Any], expected: OneLayerState) -> None:
    assert OneLayerState.read(link) == expected
    assert OneLayerState.read(asdict(expected)) == expected


def test_a_bad_link_falls_back_to_good_values_and_says_so(open_page: OpenPage) -> None:
    app = open_page("layer_calculator", c_f="99", c_w="-1", c_p="wide", c_groups="0", c_tab="x")
    assert not app.error
    for part in ("is more than 11", "is less than 4", "is not a number"):
        assert part in app.warning[0].value
    assert "62.0 times fewer parameters" in words(app)


def test_a_link_with_a_network_opens_the_network_and_keeps_the_layer(open_page: OpenPage) -> None:
    link = {"c_w": "20", "c_net": "lenet-5", "c_tab": "inverse"}
    app = open_page("layer_calculator", **link)
    assert "61,706" in words(app)
    assert dict(app.query_params) == link
    app = open_page("layer_calculator", **link, c_view="layer")
    assert "From W_in = 20 px" in app.number_input(key="c_want").help
    assert dict(app.query_params) == link | {"c_view": "layer"}


def layers() -> some.SearchStrategy[ConvolutionSettings]:
    """Every layer that the sliders reach."""

    @some.composite
    def reached(draw: some.DrawFn) -> ConvolutionSettings:
        width = draw(some.integers(*WIDTHS))
        dilation = draw(some.integers(1, min(MAX_DILATION, width - 1)))
        kernel = draw(some.integers(1, max_window(width, dilation)))
        stride = draw(some.integers(1, MAX_STRIDE))
        padding = draw(some.integers(0, max_padding(kernel, dilation)))
        return ConvolutionSettings(Conv(2, kernel, stride, padding, dilation), width, 1)

    return reached()


@examples(60)
@given(layers())
def test_no_slider_reaches_an_impossible_layer_and_what_is_read_is_torchs(layer: ConvolutionSettings) -> None:
    size = layer.row.output_shape[1]
    picture = torch.zeros(1, 1, layer.width, layer.width, requires_grad=True)
    weights = torch.ones(1, 1, layer.kernel, layer.kernel)
    output = torch.nn.functional.conv2d(
        picture, weights, stride=layer.stride, padding=layer.padding, dilation=layer.dilation
    )
    assert output.shape[2:] == (size, size)
    output.sum().backward()
    assert picture.grad is not None
    assert layer.read_columns == int((picture.grad[0, 0] > 0).any(0).sum())


@examples(30)
@given(layers(), some.sampled_from("FSP"))
def test_a_curve_passes_through_the_layer_itself(layer: ConvolutionSettings, letter: str) -> None:
    points = size_curves.curve(layer, letter)
    now = points[points["now"]]
    assert list(now["out"]) == [layer.row.output_shape[1]]
    assert list(now["left"]) == [layer.remainder]
    assert (points["out"] >= 1).all()


def test_asked_backwards(open_page: OpenPage) -> None:
    app = open_page("layer_calculator", c_w="32", c_f="5", c_s="1", c_tab="inverse")
    assert "**P = 2**" in words(app)
    app.number_input(key="c_want").set_value(16).run()
    assert "| 2 | 2 | 0 | none |" in words(app)
    app.number_input(key="c_budget").set_value(760).run()
    assert "**K = 10**: each filter has 76 parameters, together 760; 0 are left." in words(app)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (ConvolutionSettings(Conv(1, 4), 8, 1), "None: an even window"),
        (ConvolutionSettings(Conv(1, 3, 2), 8, 1), "far more than the window"),
    ],
)
def test_no_sensible_padding_keeps_the_size(layer: ConvolutionSettings, expected: str) -> None:
    assert expected in inverse.size_keeping_padding(layer)


# --- a whole network --------------------------------------------------------------------------------------------------


def test_each_famous_network_has_its_published_totals(open_page: OpenPage) -> None:
    app = whole(open_page)
    for name, known in REFERENCE_NETWORKS.items():
        app.selectbox(key="c_famous").set_value(name).run()
        sums, said = totals(analyze(known.layers, known.input_shape)), words(app)
        assert f"{sums.parameters:,}" in said, name
        assert f"{2 * sums.macs:,} FLOPs" in said, name
        assert f"{sums.macs + sums.bias_additions:,}" in said, name
        assert all(f"{published:,}" in said for published in known.published or ()), name
        assert app.query_params.get(network_link.LINK, "cifar-exercise") == name


def edit(layers: list[dict[str, Any]], shape: tuple[object, ...] = ("3", "8", "8")) -> dict[str, Any]:
    """What the browser's table sends."""
    return {"shape": list(shape), "layers": layers, "stamp": 1}


def conv(**changed: str) -> dict[str, Any]:
    return {"kind": "Conv", "values": cells.texts(Conv(4, 3)) | changed}


def mistaken_stack(bad: dict[str, str]) -> Stack:
    """What the table makes of three rows, of which the second has these cells."""
    taken = layer_table.parse_edit(edit([conv(), conv(**bad), conv()]))
    assert taken is not None
    return taken[0]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ({"kernel": "-1"}, "from 1 to 10,000; got -1."),
        ({"kernel": "0"}, "from 1 to 10,000; got 0."),
        ({"filters": "1000000000"}, "from 1 to 1,000,000; got 1000000000."),
        ({"stride": "2.5"}, "got 2.5."),
        ({"filters": "many"}, "got 'many'."),
        ({"kernel": ""}, "got ''."),
        ({"kernel": "9" * 400}, "got '9999"),
        ({"kernel": "9"}, "a 9 × 9 kernel does not fit a 6 × 6 input"),
        ({"groups": "3"}, "groups 3 does not divide the 4 input channels"),
    ],
)
def test_a_bad_cell_is_refused_in_its_row_and_kept(bad: dict[str, str], expected: str) -> None:
    mistaken = mistaken_stack(bad)
    reading = network_link.read(mistaken)
    assert reading.error is not None
    assert (reading.error.index, len(reading.rows)) == (1, 1)
    assert expected in str(reading.error)
    name, text = next(iter(bad.items()))
    assert cells.texts(mistaken.layers[1])[name] == text[: cells.MAX_TEXT]
    assert network_link.decode(network_link.encode(mistaken)) == mistaken


def test_a_bad_cell_or_picture_is_named_on_the_page_and_nothing_is_lost(open_page: OpenPage) -> None:
    mistaken = mistaken_stack({"kernel": "9"})
    app = whole(open_page)
    app.session_state[network_link.KEY] = mistaken
    app.run()
    assert not app.exception
    assert "Layer 2: " in app.warning[0].value
    assert "a 9 × 9 kernel does not fit a 6 × 6 input" in app.warning[0].value
    assert "112" in words(app)  # the first layer is still counted
    assert written(app) == mistaken
    again = whole(open_page, c_net=app.query_params[network_link.LINK])
    assert written(again) == mistaken
    for shape in (("0", "8", "8"), ("3", "-8", "8"), ("3", "8", "1000000000"), ("3", "8", "wide")):
        taken = layer_table.parse_edit(edit([conv()], shape))
        assert taken is not None
        app.session_state[network_link.KEY] = taken[0]
        app.run()
        assert not app.exception
        assert app.warning[0].value.startswith("The input needs three sizes"), shape


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        {},
        {"shape": [1, 2], "layers": [], "stamp": 1},
        edit([{"kind": "Lambda", "values": {}}]),
        edit([conv()] * 1001),
    ],
)
def test_what_the_table_cannot_have_sent_changes_nothing(sent: object) -> None:
    assert layer_table.parse_edit(sent) is None


BLOCK = Residual((Conv(4, 3, padding=1), BatchNorm(), Activation(), Conv(4, 3, padding=1)), (Conv(4, 1), BatchNorm()))


def block(layer: Residual = BLOCK) -> dict[str, Any]:
    return cells.row(layer)


def test_every_kind_is_in_one_group_and_a_new_row_of_it_is_read_back() -> None:
    kinds = [kind for group in layer_groups.GROUPS.values() for kind in group]
    assert sorted(kinds) == sorted(KINDS)
    for kind in kinds:
        fresh = cells.new(kind)
        assert cells.layer(kind, {cell.name: cell.fresh for cell in cells.cells(kind)}) == fresh
        assert {cell.name for cell in cells.cells(kind)} == set(cells.texts(fresh))
        assert kind in layer_groups.NAMES


def test_new_rows_of_capsules_fit_one_another_on_any_plane() -> None:
    row = [cells.new(kind) for kind in layer_groups.GROUPS["Capsules"]]
    for side in (1, 2, 28):
        assert network_link.read(Stack((3, side, side), tuple(row))).error is None


CAPSULES = (
    Conv(4, 3),
    PrimaryCapsules(2, 4, (3, 2), 1, (1, 0)),
    RoutedCapsules(6, 4, through=True),
    Residual((RoutedCapsules(6, 4, 1, shared=True),)),
    RoutedCapsules(3, 40, 0),
    CapsuleDecoder(5, 6),
    Flatten(),
    Linear(7),
)


def test_capsules_are_rows_like_any_other(open_page: OpenPage) -> None:
    rows = [cells.row(layer) for layer in CAPSULES]
    taken = layer_table.parse_edit(edit(rows))
    assert taken is not None
    held, _ = taken
    assert held.layers == CAPSULES
    assert network_link.decode(network_link.encode(held)) == held
    assert network_link.from_file(network_link.to_file(held)) == held
    reading = network_link.read(held)
    assert reading.error is None
    further = 2 * 2 * (60 * 6 * 4 * 4)  # two more iterations, of sums and of agreements, for 60 x 6 matrices of 4 x 4
    assert f"{further:,} more multiply-adds" in " ".join(what_to_notice.on_costs(reading.rows))
    for tab in ("drawing", "formulas", "export"):
        for row in ("2", "3", "6"):
            app = whole(open_page, c_net=network_link.encode(held), c_net_tab=tab, c_row=row)
            assert not app.error
    assert "Keras has no layers of capsules" in words(app)


def test_a_block_is_a_row_that_is_told_moved_and_linked(open_page: OpenPage) -> None:
    nested = Residual((BLOCK, Activation()))
    taken = layer_table.parse_edit(edit([conv(padding="1"), block(), block(nested)]))
    assert taken is not None
    held, _ = taken
    assert held.layers == (Conv(4, 3, padding=1), BLOCK, nested)
    assert network_link.decode(network_link.encode(held)) == held
    assert network_link.from_file(network_link.to_file(held)) == held
    reading = network_link.read(held)
    assert reading.error is None
    app = whole(open_page, c_net=network_link.encode(held))
    assert not app.error
    sums = totals(reading.rows)
    convolutions = [row for row in flatten_blocks(reading.rows) if isinstance(row.layer, Conv)]
    assert len(convolutions) == 7
    assert totals(convolutions).macs == sums.macs
    assert f"{sums.macs:,}" in words(app)
    assert cells.describe_block(BLOCK) == [
        "conv 3 × 3, 4 filters → norm → ReLU → conv 3 × 3, 4 filters",
        "+ conv 1 × 1, 4 filters → norm",
    ]
    assert cells.describe_block(Residual((Activation(),)))[1] == "+ input"
    results = layer_table.results(reading.rows)
    assert [inner["output"] for inner in results[1]["body"]] == ["4 × 8 × 8"] * 4
    assert results[1]["parameters"] == f"{sum(row.parameters for row in flatten_blocks(reading.rows[1:2])):,}"
    assert "| 2 | Residual block | conv 3 × 3, 4 filters → norm" in export.as_markdown(reading.rows)
    assert len(list(csv.DictReader(io.StringIO(export.as_csv(reading.rows))))) == 3
    for tab in ("drawing", "formulas", "export"):
        assert not whole(open_page, c_net=network_link.encode(held), c_net_tab=tab, c_row="2").error


def test_a_block_that_does_not_fit_is_refused_in_its_row(open_page: OpenPage) -> None:
    bad = Residual((Conv(5, 3, padding=1),))
    app = whole(open_page, c_net=network_link.encode(Stack((3, 8, 8), (Conv(4, 3), bad))))
    assert "Layer 2: the outputs of a Residual" in app.warning[0].value


@pytest.mark.parametrize(
    "branches",
    [
        {},
        {"body": [], "shortcut": []},
        {"body": [conv()]},
        {"body": [{"kind": "Lambda", "values": {}}], "shortcut": []},
        {"body": ["__import__"], "shortcut": []},
        {"body": {"kind": "Conv"}, "shortcut": None},
        {"values": {"block": '{"layer": "Residual"}'}},
    ],
)
def test_a_block_that_the_table_did_not_send_changes_nothing(branches: dict[str, Any]) -> None:
    assert layer_table.parse_edit(edit([conv(), {"kind": "Residual", **branches}])) is None


def test_blocks_in_blocks_are_read_so_deep_and_no_deeper() -> None:
    deep = BLOCK
    for _ in range(MAX_DEPTH - 1):
        deep = Residual((deep,))
    assert cells.read_row(cells.row(deep)) == deep
    with pytest.raises(ValueError, match="no row"):
        cells.read_row(cells.row(Residual((deep,))))


def test_a_cell_within_a_block_is_edited_and_a_bad_one_is_kept() -> None:
    sent = block()
    sent["body"][0]["values"]["filters"] = "many"
    taken = layer_table.parse_edit(edit([conv(padding="1"), sent]))
    assert taken is not None
    held = taken[0].layers[1]
    assert isinstance(held, Residual)
    assert (held.body[0], held.shortcut) == (Conv("many", 3, padding=1), BLOCK.shortcut)  # type: ignore[arg-type]
    assert network_link.decode(network_link.encode(taken[0])) == taken[0]
    assert "in its body, layer 1: " in str(network_link.read(taken[0]).error)


@pytest.mark.parametrize(
    ("before", "row", "expected"),
    [
        ([], {"body": None}, make((), (3, 8, 8))),
        (
            [conv(stride="2")],
            {"body": [conv(filters="6", padding="1")]},
            Residual((Conv(6, 3, padding=1),), (Conv(6, 1, (1, 1)),)),
        ),
        ([conv(filters="many")], {"body": [conv()]}, Residual((Conv(4, 3),))),
    ],
)
def test_a_new_block_gets_the_shortcut_that_fits(before: list[Any], row: dict[str, Any], expected: Residual) -> None:
    taken = layer_table.parse_edit(edit([*before, {"kind": "Residual", "shortcut": None, **row}]))
    assert taken is not None
    assert taken[0].layers[-1] == expected


def test_a_link_holds_blocks_in_blocks_so_deep_and_no_deeper() -> None:
    deep: Residual = BLOCK
    for _ in range(MAX_DEPTH - 1):
        deep = Residual((deep,))
    one = Stack((4, 8, 8), (deep,))
    assert network_link.decode(network_link.encode(one)) == one
    with pytest.raises(StackError):
        network_link.decode(network_link.encode(Stack((4, 8, 8), (Residual((deep,)),))))


@examples(60)
@given(
    some.lists(
        some.tuples(
            some.sampled_from(sorted(KINDS)),
            some.dictionaries(
                some.sampled_from(["filters", "kernel", "stride", "padding", "kind", "units", "p", "bias", "size"]),
                some.one_of(some.text(max_size=30), some.booleans(), some.integers().map(str)),
            ),
        ),
        max_size=5,
    )
)
def test_any_text_in_any_cell_is_analyzed_or_refused(rows: list[tuple[str, dict[str, object]]]) -> None:
    taken = layer_table.parse_edit(edit([{"kind": kind, "values": values} for kind, values in rows]))
    assert taken is not None
    reading = network_link.read(taken[0])
    assert reading.error or len(reading.rows) == len(rows)
    assert network_link.decode(network_link.encode(taken[0])) == taken[0]
    json.dumps(layer_table.results(reading.rows))


def test_cells_and_layers_are_each_others_inverse() -> None:
    for kind in KINDS:
        fresh = cells.new(kind)
        assert cells.layer(kind, cells.texts(fresh)) == fresh
    assert cells.layer("Conv", {"filters": "8", "kernel": "3x5", "padding": "same"}) == Conv(8, (3, 5), padding="same")
    assert cells.layer("Pool", {"kind": "max", "kernel": "2", "stride": ""}) == Pool("max", 2)


@pytest.mark.parametrize("known", REFERENCE_NETWORKS.values(), ids=lambda known: known.name)
def test_links_and_files_hold_every_famous_network(known: Any) -> None:
    own = Stack(known.input_shape, known.layers)
    changed = Stack(known.input_shape, (*known.layers[:-1], Linear(7)))
    for one_stack in (own, changed):
        assert network_link.from_file(network_link.to_file(one_stack)) == one_stack
    assert network_link.encode(own) == known.name
    text = network_link.encode(changed)
    if len(text) <= network_link.MAX_LINK_LENGTH:
        assert network_link.decode(text) == changed


@pytest.mark.parametrize(
    "link",
    [
        "",
        "nothing",
        "[[3,8,8]",
        "[]",
        "{}",
        "[[3,8],[]]",
        '[[3,8,8],["__import__","os"]]',
        '[[3,8,8],["Conv",[1,2,3]]]',
        "[" * 3000,
        '[[3,8,8],["Conv",1,2,3,4,5,6,7,8,9]]',
        "9" * 7000,
    ],
)
def test_a_broken_link_is_refused_in_words(link: str) -> None:
    with pytest.raises(StackError, match=r"\.$"):
        network_link.decode(link)


@pytest.mark.parametrize("link", ["nothing", "[" * 3000])
def test_the_page_stands_beside_a_broken_link(open_page: OpenPage, link: str) -> None:
    app = whole(open_page, c_net=link)
    assert app.error[0].value.endswith(".")
    assert "356,810" in words(app)


def test_a_network_too_long_for_a_link_says_so(open_page: OpenPage) -> None:
    long = Stack((3, 8, 8), (*[Conv(4, 3, padding=1), Activation()] * 200, Flatten(), Linear(2)))
    app = whole(open_page, c_net_tab="export")
    app.session_state[network_link.KEY] = long
    app.run()
    assert network_link.LINK not in app.query_params
    assert "6,000 characters" in words(app)


def test_the_pasted_text_is_read_and_never_executed(open_page: OpenPage, tmp_path: Any) -> None:
    app = whole(open_page)
    before = written(app)
    trap = tmp_path / "executed"
    bad = {
        f"nn.Sequential(__import__('pathlib').Path('{trap}').touch())": "Line 1",
        "nn.Sequential(\n  nn.ReLU(),\n  (lambda: 1)(),\n)": "Line 3",
        "nn.Sequential(nn.Mystery(3))": "Mystery",
        "nn.Sequential(nn.Conv2d(3, 8, 99))": "99 × 99",
        "{not json": "JSON",
        "": "Line 1",
    }
    for text, expected in bad.items():
        app.text_area(key="c_pasted").set_value(text).run()
        button(app, "Load").click().run()
        assert not app.exception
        assert expected in app.error[0].value
        assert written(app) == before
        assert not trap.exists()
    app.text_area(key="c_pasted").set_value("nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())").run()
    button(app, "Load").click().run()
    assert not app.error
    assert written(app).layers == (Conv(8, 3), Activation("relu"))


def test_what_was_read_is_said_and_all_faults_are_told(open_page: OpenPage) -> None:
    app = whole(open_page)
    text = "nn.Sequential(nn.Conv2d(1, 4, 5), nn.LeakyReLU(0.3), nn.Flatten(), nn.Linear(2304, 10))"
    app.text_area(key="c_pasted").set_value(text).run()
    button(app, "Load").click().run()
    assert not app.error
    assert written(app).input_shape == (1, 28, 28)
    assert "Read 4 layers, 23,154 parameters" in words(app)
    assert "negative_slope" in words(app)
    button(app, "Undo").click().run()
    assert written(app).input_shape == (3, 32, 32)
    assert "Read 4 layers" not in words(app)
    app.text_area(key="c_pasted").set_value("nn.Sequential(\nnn.Mystery(),\nnn.Maxpool2d(2))").run()
    button(app, "Load").click().run()
    assert [fault.value.partition(":")[0] for fault in app.error] == ["Line 2", "Line 3"]


@pytest.mark.clock
def test_more_layers_than_can_be_read_are_refused_before_they_are_read() -> None:
    block = {"layer": "Residual", "body": [{"layer": "Flatten"}] * 999}
    text = json.dumps({"input_shape": [1, 28, 28], "layers": [block] * 38})
    began = time.process_time()
    with pytest.raises(StackError, match="at most 1,000 layers; this one has 38,000"):
        network_link.from_file(text)
    assert time.process_time() - began < 0.3


def test_an_exported_file_can_be_pasted_again(open_page: OpenPage) -> None:
    app = whole(open_page)
    other = Stack((1, 28, 28), (Conv(8, 5, padding="same"), Pool("max", 2), Flatten(), Linear(10)))
    app.text_area(key="c_pasted").set_value(network_link.to_file(other)).run()
    button(app, "Load").click().run()
    assert written(app) == other


def test_empty_is_a_table_without_layers(open_page: OpenPage) -> None:
    app = whole(open_page)
    taken = layer_table.parse_edit(edit([]))
    assert taken is not None
    app.session_state[network_link.KEY] = taken[0]
    app.run()
    assert not app.exception
    assert written(app) == Stack((3, 8, 8), ())


def test_a_network_too_large_to_build_is_counted(open_page: OpenPage) -> None:
    app = whole(open_page)
    app.session_state[network_link.KEY] = Stack((3, 1000, 1000), (Flatten(), Linear(1000)))
    app.run()
    assert "3,000,001,000" in words(app)
    assert "limit is 150,000,000" in app.info[0].value


def test_what_can_be_learned_is_sent_to_the_page_of_its_pictures(open_page: OpenPage) -> None:
    digits = Stack((1, 28, 28), (Conv(6, 5), Flatten(), Linear(10)))
    photographs = replace(digits, input_shape=(3, 32, 32))
    chosen = {"ci_net": ["own"], "ci_aim": ["cifar-exercise"]}
    for known, label, name, extra in (
        (digits, "Train this on MNIST", "m_net", {}),
        (photographs, "Train this on CIFAR-10", "ci_stack", chosen),
    ):
        app = whole(open_page, c_net_tab="export", c_net=network_link.encode(known))
        sent = next(link.proto for link in app.get("page_link") if link.proto.label == label)
        assert parse_qs(sent.query_string) == {name: [network_link.encode(known)], **extra}


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (Stack((3, 64, 64), (Flatten(), Linear(10))), "CIFAR-10's 3 × 32 × 32; the input above is 3 × 64 × 64."),
        (Stack((3, 32, 32), (Flatten(), Linear(11))), "must end in 10 numbers, one per class; it ends in 11."),
        (Stack((1, 28, 28), (Flatten(), Linear(11))), "must end in 10 numbers, one per digit; it ends in 11."),
        (Stack((3, 32, 32), (Flatten(), Linear(10), Activation("tanh"))), "layer 3: Tanh keeps the network's logits"),
    ],
)
def test_what_cannot_be_learned_says_why(open_page: OpenPage, known: Stack, says: str) -> None:
    app = whole(open_page, c_net_tab="export", c_net=network_link.encode(known))
    assert says in words(app)
    assert not [link for link in app.get("page_link") if link.proto.label.startswith("Train this")]


def test_what_training_leaves_out_is_said_beside_the_link(open_page: OpenPage) -> None:
    for shape in ((1, 28, 28), (3, 32, 32)):
        known = Stack(shape, (Flatten(), Linear(10), Activation("softmax")))
        app = whole(open_page, c_net_tab="export", c_net=network_link.encode(known))
        assert "training skips this one" in words(app)
        assert [link for link in app.get("page_link") if link.proto.label.startswith("Train this")]


def test_lenet_5_can_be_trained_after_one_click(open_page: OpenPage) -> None:
    app = whole(open_page, c_net="lenet-5")
    assert not [link for link in app.get("page_link") if link.proto.label.startswith("Train this")]
    button(app, "Set the picture to 28 × 28 and layer 1's padding to 2").click().run()
    assert written(app).input_shape == (1, 28, 28)
    assert written(app).layers[0] == Conv(6, 5, padding=2)
    assert [link for link in app.get("page_link") if link.proto.label == "Train this on MNIST"]
    assert not [one for one in app.button if one.key == "c_adapt"]


def test_a_residual_block_is_made_and_opened(open_page: OpenPage) -> None:
    held = Stack((3, 32, 32), (Conv(8, 3, padding=1), Conv(8, 3, padding=1), Flatten(), Linear(10)))
    app = whole(open_page, c_net=network_link.encode(held), c_first="2", c_last="2")
    button(app, "Make a block of layer 2").click().run()
    assert written(app).layers[1] == Residual((Conv(8, 3, padding=1),))
    button(app, "Open block 2 into rows").click().run()
    assert written(app) == held
    app.number_input("c_last").set_value(3).run()
    assert next(b for b in app.button if b.key == "c_wrap").disabled
    assert "Layer 2: these layers turn 8 × 32 × 32 into 8,192" in words(app)
    assert not app.exception


def test_ten_planes_of_one_pixel_are_told_to_be_flattened(open_page: OpenPage) -> None:
    for shape in ((1, 28, 28), (3, 32, 32)):
        held = Stack(shape, (Conv(10, 3), GlobalPool()))
        app = whole(open_page, c_net=network_link.encode(held))
        assert "it ends in 10 × 1 × 1. Add a Flatten at its end." in words(app)
        button(app, "Add a Flatten").click().run()
        assert written(app).layers[-1] == Flatten()


def test_the_memory_follows_the_batch_and_the_optimizer(open_page: OpenPage) -> None:
    app = whole(open_page, c_net="lenet-5", c_net_tab="memory", c_batch="128", c_optimizer="sgd")
    rows = analyze(REFERENCE_NETWORKS["lenet-5"].layers, (1, 32, 32))
    for optimizer in ("sgd", "adam"):
        app.selectbox("c_optimizer").set_value(optimizer).run()
        found = memory(rows, 128, optimizer)
        for part in (found.training, found.weights, found.optimizer, found.activations, found.inference):
            assert f"<b>{format_bytes(part)}</b>" in words(app)


@pytest.mark.parametrize("tab", ["cost", "memory", "drawing", "formulas", "export", "reference"])
def test_every_tab_stands_for_every_kind_of_network(open_page: OpenPage, tab: str) -> None:
    app = whole(open_page, c_net_tab=tab)
    mistaken = Stack((3, 8, 8), (Conv(2, 3), Conv(2, 99)))
    for known in (Stack(VGG.input_shape, VGG.layers), mistaken, Stack((3, 8, 8), ())):
        app.session_state[network_link.KEY] = known
        app.run()
        assert not app.exception


def test_the_formula_of_a_row(open_page: OpenPage) -> None:
    app = whole(open_page, c_net="vgg-16", c_net_tab="formulas")
    app.number_input(key="c_row").set_value(34).run()
    assert spaced(analyze(VGG.layers, VGG.input_shape)[33].formula) in words(app)
    app.selectbox(key="c_famous").set_value("lenet-5").run()
    assert app.number_input(key="c_row").value == 12


def test_the_exports_hold_the_rows() -> None:
    rows = analyze(VGG.layers, VGG.input_shape)
    lines = list(csv.DictReader(io.StringIO(export.as_csv(rows))))
    assert sum(int(line["parameters"]) for line in lines) == 138_357_544
    assert sum(int(line["macs"]) for line in lines) == 15_470_264_320
    assert lines[0]["settings"] == "filters 64, kernel 3, padding 1"
    assert "| **Total** | | | **138,357,544** | **15,470,264,320** |" in export.as_markdown(rows)


def test_what_a_unit_sees_is_exact_or_at_most() -> None:
    small = analyze((Conv(1, 5), Pool("max", 2)), (1, 32, 32))
    large = analyze((Conv(1, 5), Pool("max", 2)), (1, 4000, 4000))
    for rows, shown, how in ((small, ["5", "6"], "exact"), (large, ["≤ 5", "≤ 6"], "at most")):
        assert [result["field"] for result in layer_table.results(rows)] == shown
        lines = list(csv.DictReader(io.StringIO(export.as_csv(rows))))
        assert [(line["receptive_field"], line["receptive_field_is"]) for line in lines] == [("5", how), ("6", how)]
        assert f"| {shown[1]} |" in export.as_markdown(rows)


def test_the_last_edit_is_answered() -> None:
    assert what_to_notice.changed((100, 50), (150, 50)) == "Parameters 100 → **150** (+50.0\u202f%); MACs stay 50."
    assert "20.0 times as many" in what_to_notice.changed((100, 50), (2000, 50))
    assert "from none" in what_to_notice.changed((0, 0), (1, 1))


def test_the_pytorch_export_can_be_pasted() -> None:
    from core.layers.codegen.pytorch import pytorch_program

    program = pytorch_program(VGG.layers, VGG.input_shape)
    start = program.index("network = nn.Sequential(")
    assert parse(program[start : program.index("\n)\n", start) + 2], VGG.input_shape) == VGG.layers


def test_shares_are_of_the_whole() -> None:
    rows = analyze(VGG.layers, VGG.input_shape)
    shares = cost_breakdown.frame(rows)
    assert shares["parameters"].sum() == pytest.approx(100)
    assert shares["work"].sum() == pytest.approx(-100)
    assert "layer 34" in what_to_notice.on_costs(rows)[0]
    results = layer_table.results(rows)
    assert sum(row["parameters_share"] for row in results) == pytest.approx(1)
    assert results[0]["output"] == "64 × 224 × 224"
    assert results[0]["memory"] == format_bytes(4 * prod((64, 224, 224))) == "12.2\u202fMiB"
