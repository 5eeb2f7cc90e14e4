"""A layer as JSON data: what was written comes back, and nothing else comes through."""

import json
from dataclasses import MISSING, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.network_json import from_json, network_from_json, to_json
from core.layers.specs import KINDS, Conv, Dropout, Layer, Linear, Pool, pair
from tests.examples import examples


@examples(100)
@given(data=st.data())
def test_what_was_written_comes_back(
    stacks: st.SearchStrategy[tuple[tuple[Layer, ...], tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, _ = data.draw(stacks)
    text = json.dumps([to_json(layer) for layer in layers])
    assert tuple(from_json(item) for item in json.loads(text)) == layers


def test_equal_networks_are_equal_however_they_were_written() -> None:
    assert Conv(8, (3, 3), stride=[1, 1]) == Conv(8, 3)  # type: ignore[arg-type]
    assert Pool("max", 2, stride=2) == Pool("max", 2)
    assert json.dumps(to_json(Dropout(0))) == json.dumps(to_json(Dropout(0.0)))
    assert pair(3) == (3, 3)
    assert pair((3, 5)) == (3, 5)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "A layer is an object"),
        ([], "A layer is an object"),
        ({}, "A layer is an object"),
        ({"layer": ["Conv"]}, "A layer is an object"),
        ({"layer": {"Residual": 1}}, "A layer is an object"),
        ({"layer": "__import__"}, "A layer is an object"),
        ({"layer": "Linear"}, "Linear needs units, bias"),
        ({"layer": "Linear", "units": 3, "__class__": 1}, "Linear has no setting '__class__'; it has bias, units"),
        ({"layer": "Linear", "units": 3, 7: 1}, "Linear has no setting 7"),
        ({"layer": "Linear", "units": {"a": 1}}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": [[1], 2]}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": [1, 2, 3]}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": [True, 2]}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": [1.5, 2]}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": 2**60}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": float("inf")}, "units of Linear must be a number"),
        ({"layer": "Linear", "units": "x" * 21}, "units of Linear must be a number"),
    ],
)
def test_nothing_else_comes_through(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_json(data)
    with pytest.raises(ValueError, match=message):
        network_from_json([data])


def test_what_comes_through_can_be_hashed() -> None:
    assert {from_json({"layer": "Conv", "filters": 3, "kernel": [3, 5]}), Linear(3)}
    for kind, name in ((one, field.name) for one in KINDS.values() for field in fields(one)):
        needed = {other.name: 3 for other in fields(kind) if other.default is MISSING}
        assert {from_json({"layer": kind.__name__, **needed, name: [1, 2]})}
