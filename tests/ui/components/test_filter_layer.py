"""What a browser or a link says of the filters: kept where it checks, left out where it does not."""

import json
from typing import Any

import numpy as np
import pytest

from core.ui.components.filter_layer import Edit, from_json, to_json

SOBEL = (((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0)),)
EDITS = {"own_a": Edit(weights=SOBEL), "sobel_x": Edit(bias=-0.25), "gaussian": Edit(mix="red_green", relu=False)}


def test_edits_survive_the_way_through_json() -> None:
    assert from_json(json.loads(json.dumps(to_json(EDITS)))) == EDITS


def test_weights_become_an_array() -> None:
    array = Edit(weights=SOBEL).array()
    assert array is not None
    assert array.shape == (1, 3, 3)
    assert Edit(bias=1.0).array() is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "sobel_x",
        {"sobel_x": 1},
        {"sobel_x": {}},
        {str(number): {"bias": 1} for number in range(100)},
        {"a": {"bias": float("nan")}},
        {"a": {"bias": 1e9}},
        {"a": {"bias": True}},
        {"a": {"bias": "1"}},
        {"a": {"relu": 1}},
        {"a": {"mix": 3}},
        {"a": {"mix": "x" * 1000}},
        {"a": {"weights": "0"}},
        {"a": {"weights": [[[1.0, 2.0], [3.0]]]}},
        {"a": {"weights": [[[float("inf")]]]}},
        {"a": {"weights": [[[10**400]]]}},
        {"a": {"weights": [[[1e308]]]}},
        {"a": {"weights": [[["left"]]]}},
        {"a": {"weights": [[]]}},
        {"a": {"weights": [[[0.0] * 12] * 12]}},
        {"a": {"weights": [[[0.0]]] * 2}},
        {"a": {"weights": [[[0.0]], [[0.0]], [[0.0, 0.0]]]}},
    ],
)
def test_what_does_not_check_is_left_out(data: Any) -> None:
    assert from_json(data) == {}


def test_what_checks_is_kept_beside_what_does_not() -> None:
    found = from_json({"a": {"bias": 0.5, "weights": "no"}, "b": 3})
    assert found == {"a": Edit(bias=0.5)}


def test_numbers_of_numpy_are_not_needed() -> None:
    found = from_json({"a": {"weights": [np.eye(3).tolist()]}})
    np.testing.assert_array_equal(found["a"].array(), np.eye(3)[None])
