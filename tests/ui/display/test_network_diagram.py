"""The drawing of a network: whole, to scale, in the page's own ink, and told in words."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from core.layers.builders import cnn, cnn_of_blocks, mlp
from core.layers.calculator import LayerError, analyze, totals
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
)
from core.training.presets import PRESETS
from core.ui.display import network_diagram
from core.ui.display.layer_groups import MAX_STAGES, merge_stages, stages
from core.ui.display.network_diagram import FONT, network_svg

BLUE = "#0072B2"
SVG = "{http://www.w3.org/2000/svg}"
NETWORKS: dict[str, tuple[Network, tuple[int, int, int]]] = {
    **{name: (preset.experiment.layers, (1, 28, 28)) for name, preset in PRESETS.items()},
    **{name: (known.layers, known.input_shape) for name, known in REFERENCE_NETWORKS.items()},
    "linear": (mlp([]), (1, 28, 28)),
    "deep mlp": (mlp([32] * 8, dropout=0.1), (3, 32, 32)),
    "cnn": (cnn(3, 8, 3, pool="average", dropout=0.3, batch_norm=True), (3, 32, 32)),
    "generator": ((Conv(64, 1), ConvTranspose(3, 4, stride=2, padding=1), Activation("tanh")), (16, 8, 8)),
    "global": ((Conv(8, (3, 5), stride=2, groups=2), AdaptivePool("max", 4), GlobalPool()), (2, 40, 60)),
    "nothing": ((), (1, 28, 28)),
    "no layer of its own": ((BatchNorm(), Activation(), Dropout()), (3, 8, 8)),
    "one pixel": ((Conv(1, 1), Flatten(), Linear(1)), (1, 1, 1)),
}


def drawn(layers: Network, shape: tuple[int, int, int], title: str = "CNN") -> ElementTree.Element:
    svg = network_svg(layers, shape, color=BLUE, title=title)
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@pytest.mark.parametrize("name", NETWORKS)
def test_everything_is_within_the_picture_and_no_words_touch(name: str) -> None:
    root = drawn(*NETWORKS[name])
    width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    lines: dict[float, list[tuple[float, float]]] = {}
    for text in root.iter(f"{SVG}text"):
        x, y, half = (
            float(text.attrib["x"]),
            float(text.attrib["y"]),
            0.24 * FONT * len(text.text),
        )
        assert 0 < y <= height
        lines.setdefault(y, []).append((x - half, x + half))
    for words in lines.values():
        words.sort()
        assert words[0][0] >= -1
        assert words[-1][1] <= width + 1
        assert all(before[1] < after[0] for before, after in pairwise(words)), name


@pytest.mark.parametrize("name", NETWORKS)
def test_a_figure_begins_where_the_one_before_it_ends_with_its_depth(name: str) -> None:
    figures = network_diagram._figures(merge_stages(stages(*NETWORKS[name])))
    for before, after in pairwise(figures):
        assert after.left > before.left + before.width + before.depth
    for figure in figures:
        assert figure.center == pytest.approx(figure.left + (figure.width + figure.depth) / 2)


def test_planes_are_to_scale() -> None:
    root = drawn((Conv(4, 3, padding=1), Pool("max", 2), Pool("max", (2, 1))), (1, 32, 24))
    planes = [(float(box.attrib["width"]), float(box.attrib["height"])) for box in root.iter(f"{SVG}rect")]
    (width, height) = planes[0]
    for ratio in ((1, 1), (0.5, 0.5), (0.5, 0.25)):
        assert any((w, h) == pytest.approx((width * ratio[0], height * ratio[1]), abs=0.11) for w, h in planes), ratio
    assert width / height == pytest.approx(24 / 32, abs=0.01)


def test_a_window_on_the_picture_leads_to_one_pixel() -> None:
    root = drawn((Conv(4, 7, padding=3),), (1, 28, 28))
    picture, *_, window, pixel = (float(box.attrib["width"]) for box in root.iter(f"{SVG}rect"))
    assert window / picture == pytest.approx(7 / 28, abs=0.01)
    assert pixel / picture == pytest.approx(1 / 28, abs=0.01)


def test_every_unit_of_a_dense_layer_is_joined_to_every_one_before_it() -> None:
    root = drawn((Flatten(), Linear(5)), (1, 2, 2))
    fans = [path.attrib["d"].count("L") for path in root.iter(f"{SVG}path")]
    assert 4 * 5 in fans


def test_words_and_numbers() -> None:
    root = drawn(cnn_of_blocks([(24, 5), (48, 3)], padded=False, batch_norm=True), (1, 28, 28), title='A <b>"CNN"</b>')
    words = [text.text for text in root.iter(f"{SVG}text")]
    for expected in (
        "picture",
        "1 × 28 × 28",
        "conv 5 × 5",
        "24 filters",
        "24 × 24 × 24",
        "max 2 × 2",
        "norm",
        "ReLU",
        "dense",
        "307,456",
    ):
        assert expected in words
    assert root.attrib["role"] == "img"
    assert root.find(f"{SVG}title").text == 'A <b>"CNN"</b>'
    label = root.attrib["aria-label"]
    assert label.startswith(
        'A <b>"CNN"</b>. picture: 1 by 28 by 28; conv 5 × 5, 24 filters: 24 by 24 by 24, 624 parameters; '
    )
    assert label.endswith("dense: 10, 2,570 parameters.")


def test_ink_is_the_pages_and_color_the_layers() -> None:
    svg = network_svg(cnn(), (1, 28, 28), color=BLUE, title="CNN")
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}", svg)) == {BLUE}
    assert "currentColor" in svg


def test_layers_are_folded_and_equal_convolutions_told_once() -> None:
    block = (Conv(8, 3, padding=1), BatchNorm(), Activation(), Conv(8, 3, padding=1), BatchNorm(), Activation())
    told = stages((*block, Pool("max", 3, 2, 1), Dropout(0.25), Flatten(), Linear(3)), (8, 16, 16))
    assert [stage.made_by for stage in told] == [
        ("picture",),
        ("conv 3 × 3", "8 filters", "norm", "ReLU"),
        ("max 3 × 3", "stride 2", "drop 25%"),
        ("flatten",),
        ("dense",),
    ]
    assert told[1].repeats == 2
    assert told[1].parameters == 2 * (8 * 9 * 8 + 8 + 16)


@pytest.mark.parametrize("name", REFERENCE_NETWORKS)
def test_a_deep_network_is_told_in_few_stages_and_nothing_is_left_out(name: str) -> None:
    known = REFERENCE_NETWORKS[name]
    every = stages(known.layers, known.input_shape)
    told = merge_stages(every)
    assert len(told) <= MAX_STAGES
    assert sum(stage.parameters for stage in told) == totals(analyze(known.layers, known.input_shape)).parameters
    assert sum(stage.repeats for stage in told) == sum(stage.repeats for stage in every)
    assert told[-1] == every[-1]


def test_layers_between_two_halvings_are_one_stage() -> None:
    known = REFERENCE_NETWORKS["mobilenet-v1"]
    told = merge_stages(stages(known.layers, known.input_shape))
    first, *_, last = [stage for stage in told if stage.mixed]
    assert (first.made_by, first.repeats, first.shape) == (("layers", "conv 3 × 3", "conv 1 × 1"), 3, (64, 112, 112))
    assert last.shape == (1024, 7, 7)
    words = [text.text for text in drawn(known.layers, known.input_shape).iter(f"{SVG}text")]
    assert "3 layers" in words


def test_the_impossible_is_refused() -> None:
    with pytest.raises(LayerError, match="layer 1"):
        network_svg((Conv(8, 9),), (1, 4, 4), color=BLUE, title="CNN")
