"""Networks of a wanted number of parameters come as near as their sizes allow."""

import pytest

from core.layers.builders import CAPSNET, capsule_network
from core.layers.equal_parameters import (
    MAX_FILTERS,
    MAX_TYPES,
    capsules_for_parameters,
    cnn_for_parameters,
    parameters,
    without_decoder,
)
from core.training.presets import PRESETS


def test_the_companion_of_the_small_preset_is_the_preset() -> None:
    small = capsule_network(decoder=(256, 512))
    assert cnn_for_parameters(parameters(without_decoder(small))) == PRESETS["capsule-cnn"].experiment.layers


@pytest.mark.parametrize("target", [4_290, 20_000, 105_866, parameters(without_decoder(CAPSNET))])
def test_a_cnn_comes_within_a_hundredth(target: int) -> None:
    assert parameters(cnn_for_parameters(target)) == pytest.approx(target, rel=0.01)


@pytest.mark.parametrize("target", [50_000, 105_866, 242_000, 900_000])
@pytest.mark.parametrize(("pose", "dimensions"), [(8, 16), (4, 8)])
def test_capsules_come_within_a_hundredth_where_their_limits_allow(target: int, pose: int, dimensions: int) -> None:
    types, filters = capsules_for_parameters(target, pose, dimensions)
    assert 1 <= types <= MAX_TYPES
    assert 1 <= filters <= MAX_FILTERS
    found = parameters(capsule_network(filters, types=types, pose=pose, dimensions=dimensions))
    assert found == pytest.approx(target, rel=0.01)
    assert capsules_for_parameters(10, pose, dimensions) == (1, 1)
