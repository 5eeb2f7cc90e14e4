"""An edited kernel as short text, and back."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.images.filter_chain import Chain, Filter, Grid
from core.images.kernels import KernelError
from core.ui.state import kernel_link, old_links

EDGE: Grid = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, -3.0))


@pytest.mark.parametrize(
    ("grids", "text"),
    [
        ((EDGE,), "-1,0,1,-2,0,2,-1,0,-3"),
        ((((0.5, 0.5),),), "1x2:0.5,0.5"),
        ((((2.0,),),), "2"),
        ((((1.0,),), ((-0.25,),), ((1e-5,),)), "1;-0.25;1e-05"),
        ((((1 / 9, 1 / 9), (0.1, -1e6)),), "0.1111111111111111,0.1111111111111111,0.1,-1000000"),
    ],
)
def test_weights_are_short_and_come_back(grids: Sequence[Grid], text: str) -> None:
    assert kernel_link.write_weights(grids) == text
    assert kernel_link.read_weights(text) == grids
    assert kernel_link.read_weights(text.replace("-", "−")) == grids  # as people write it


def test_the_largest_kernel_comes_back() -> None:
    values = np.random.default_rng(2).normal(size=(3, 11, 11)) * -1e-5
    grids = Filter(tuple(tuple(map(tuple, plane.tolist())) for plane in values)).grids
    assert kernel_link.read_weights(kernel_link.write_weights(grids)) == grids


NO_KERNELS = ["", "x", "1,2", "1,,2", "2x2:1,2,3", "0x0:", "1;2", "1;2,3;4", "nan", "inf", "1e308", "99x99:1", "[]"]


@pytest.mark.parametrize("text", [*NO_KERNELS, "1," * 10_000, ",".join(["1"] * 144)])
def test_what_is_no_kernel_is_refused(text: str) -> None:
    with pytest.raises(KernelError):
        kernel_link.read_weights(text)


def test_an_old_links_kernel_becomes_short() -> None:
    edit = Chain((Filter((EDGE,), stride=2, padding="wrap", dilation=3),)).to_json()
    assert old_links.translated({"k_edit": [edit]}) == {
        "k": "-1,0,1,-2,0,2,-1,0,-3",
        "k_stride": "2",
        "k_padding": "wrap",
        "k_dilation": "3",
    }
    assert old_links.translated({"k_edit": [edit], "k": ["5"]})["k"] == "5"
    assert old_links.translated({"k_edit": ["[[["]}) == {"k": "[[["}
    assert old_links.translated({"k_edit": ['{"filters":[]}']}) == {"k": '{"filters":[]}'}
    assert old_links.translated({"k_edit": [""]}) == {}
