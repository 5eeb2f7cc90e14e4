"""The famous networks against their published totals; tests/layers/test_torchvision.py compares them layer by layer."""

import pytest

from core.layers.calculator import analyze, check_buildable, totals
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.ui.display.network_diagram import network_svg

# Published by others than torchvision: Howard et al. 2017 give 4.2 million parameters and 569 million mult-adds.
HOWARD_ET_AL = (4.2e6, 569e6)


@pytest.mark.parametrize("name", REFERENCE_NETWORKS)
def test_the_published_totals(name: str) -> None:
    famous = REFERENCE_NETWORKS[name]
    sums = totals(analyze(famous.layers, famous.input_shape))
    if famous.published is not None:
        assert (sums.parameters + famous.shortcuts[0], sums.macs + famous.shortcuts[1]) == famous.published


@pytest.mark.parametrize("name", REFERENCE_NETWORKS)
def test_each_can_be_built_and_drawn(name: str) -> None:
    famous = REFERENCE_NETWORKS[name]
    check_buildable(analyze(famous.layers, famous.input_shape))
    assert network_svg(famous.layers, famous.input_shape, color="#0072B2", title=famous.title).endswith("</svg>")


def test_mobilenet_is_what_its_paper_says() -> None:
    parameters, macs = REFERENCE_NETWORKS["mobilenet-v1"].published or (0, 0)
    assert (round(parameters, -5), round(macs, -6)) == HOWARD_ET_AL
