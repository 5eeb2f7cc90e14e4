"""The parts of the anatomy page that compute: tiles, frames, merged searches, boxes to scale, names in Markdown."""

import base64
import itertools

import numpy as np
import pytest

from core.insight.pretrained import network
from core.layers.specs import Flatten, Linear
from core.ui.display.layer_groups import stages
from core.ui.views.anatomy import network_3d, tiles, top_activations
from core.ui.views.anatomy.forward_pass import as_planes, escape_markdown, size
from core.ui.views.anatomy.unit_sum import encode_float32


def test_tiles_stand_side_by_side_each_in_a_frame() -> None:
    planes = np.arange(3 * 2 * 2, dtype=np.float32).reshape(3, 2, 2)
    drawn = tiles.tiled(planes, 2, 3)
    side = 3 * 2 + 2
    assert drawn.shape == (2 * side + tiles.GAP, 2 * side + tiles.GAP, 4)
    second, third = drawn[:side, side + tiles.GAP :], drawn[side + tiles.GAP :, :side]
    for tile in (second, third):
        edge = np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]])
        assert (edge == tiles.FRAME).all()
    assert (third[4:7, 4:7] == third[4, 4]).all()  # a pixel is 3 x 3
    assert third[4, 4, 3] == 255  # the largest is opaque
    assert drawn[1, 1, 3] == 0  # zero is the page
    assert not drawn[side : side + tiles.GAP].any()
    assert not drawn[side:, side:].any()  # the last row has one tile
    assert tiles.tiled(planes, 2, 3, limit=22.0)[-2, 6, 3] in (127, 128)


def test_a_capsule_is_a_plane_of_one_row_and_a_unit_one_of_one_number() -> None:
    numbers = np.arange(60, dtype=np.float32)
    assert as_planes(numbers.reshape(3, 4, 5)).shape == (3, 4, 5)
    assert as_planes(numbers.reshape(12, 5)).shape == (12, 1, 5)
    assert as_planes(numbers).shape == (60, 1, 1)
    assert size((1152, 8)) == "1,152 capsules of 8"


def test_a_frame_lies_within_the_enlarged_picture() -> None:
    plain = np.zeros((1, 28, 28), np.uint8)
    framed = top_activations.framed(plain, (2, 12, 5, 15))
    assert framed.shape == (84, 84, 3)
    rows, columns = (framed > 0).any(axis=2).nonzero()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 34, 16, 43)
    assert not top_activations.framed(plain, (0, 0, 0, 5)).any()  # what sees only padding has no frame


def test_parts_of_a_search_are_merged_as_if_searched_at_once() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 30)).astype(np.float32)  # (K, pictures)
    units = rng.integers(0, 100, (4, 30))

    def best(first: int, end: int) -> top_activations.Top:
        order = np.argsort(-values[:, first:end], axis=1)[:, : top_activations.TOP_COUNT]
        kept = [np.take_along_axis(one[:, first:end], order, axis=1) for one in (values, units)]
        return kept[0], order + first, kept[1]

    merged = top_activations.merge(top_activations.merge(best(0, 12), best(12, 19)), best(19, 30))
    for found, whole in zip(merged, best(0, 30), strict=True):
        np.testing.assert_array_equal(found, whole)


@pytest.mark.parametrize("name", ["mnist-cnn", "cifar-cnn", "mnist-mlp"])
def test_the_drawing_in_space_is_to_scale(name: str) -> None:
    shape = (3, 32, 32) if "cifar" in name else (1, 28, 28)
    boxes = network_3d.boxes(stages(network(name).experiment.layers, shape))
    planes = [box for box in boxes if len(box.stage.shape) == 3]
    assert [(box.height, box.width) for box in planes] == [box.stage.shape[1:] for box in planes]
    deep = [(box.stage.shape[0], box.depth) for box in planes if box.stage.shape[0] > 3]
    assert len({round(depth / count, 6) for count, depth in deep}) <= 1
    assert all(a.near + a.depth < b.near for a, b in itertools.pairwise(boxes))
    lists = [box for box in boxes if len(box.stage.shape) == 1]
    assert len({round(box.height**2 / box.stage.shape[0], 6) for box in lists}) == 1
    drawing = network_3d.figure(boxes, "#0072B2", "dark")
    assert sum(trace.type == "mesh3d" for trace in drawing.data) == len(boxes)
    written = [trace.text[0] for trace in drawing.select_traces({"mode": "text"})]
    assert written == [str(number) for number in range(len(boxes))]
    assert network_3d.legend([box.stage for box in boxes]).count("<li>") == len(boxes)


def test_a_network_without_planes_is_drawn_too() -> None:
    boxes = network_3d.boxes(stages((Flatten(), Linear(3)), (1, 4, 6)))
    assert [box.stage.shape for box in boxes] == [(1, 4, 6), (24,), (3,)]


def test_blocks_survive_their_packing() -> None:
    rng = np.random.default_rng(1)
    for values in (rng.normal(size=(3, 4, 5)), np.zeros((2, 1, 1)), np.zeros((0, 3))):
        block = encode_float32(values.astype(np.float32))
        found = np.frombuffer(base64.b64decode(block["base64"]), "<f4").reshape(block["shape"])
        np.testing.assert_array_equal(found, values.astype(np.float32))


def test_sizes_are_written_with_the_depth_last() -> None:
    assert size((16, 26, 27)) == "16 × 26 × 27"
    assert size((1,)) == "1 unit"
    assert size((3136,)) == "3,136 units"


def test_names_of_classes_are_no_markdown() -> None:
    assert escape_markdown("cat [x](y) **b** :red[z]") == r"cat \[x\]\(y\) \*\*b\*\* \:red\[z\]"


@pytest.mark.parametrize(
    ("count", "shape"), [(1, (1, 1)), (10, (1, 10)), (128, (8, 16)), (512, (16, 32)), (300, (10, 32))]
)
def test_a_long_list_is_folded_so_that_each_number_is_large(count: int, shape: tuple[int, int]) -> None:
    values = np.arange(count, dtype=np.float32)
    plane = tiles.folded(values)
    assert plane.shape == (1, *shape)
    np.testing.assert_array_equal(plane.ravel()[:count], values)
    assert not plane.ravel()[count:].any()
