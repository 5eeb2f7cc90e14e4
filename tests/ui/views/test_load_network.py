"""Loading a network into the calculator's table from a file."""

import json
from types import SimpleNamespace

import pytest
import streamlit as st

from core.layers.specs import Activation, Conv, Flatten, GlobalPool, Linear
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from core.ui.views.layer_calculator import load_network

WEIGHTS = {"conv.weight": [8, 3, 3, 3], "conv.bias": [8], "fc.weight": [4, 8], "fc.bias": [4]}


def test_a_file_is_read_where_nothing_is_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {name: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for name, shape in WEIGHTS.items()}
    header = json.dumps(tensors).encode()
    file = SimpleNamespace(name="net.safetensors", getvalue=lambda: len(header).to_bytes(8, "little") + header)
    session = {"c_pasted": "", "c_network_file": file, "c_stack": network_link.START}
    monkeypatch.setattr(st, "session_state", session)
    monkeypatch.setattr(network_link, "current", lambda: network_link.START)
    load_network._read()
    layers = (Conv(8, 3, padding=1), Activation(), GlobalPool(), Flatten(), Linear(4))
    assert session["c_stack"] == Stack((3, 32, 32), layers)
    session["c_network_file"] = SimpleNamespace(name="net.pth", getvalue=lambda: b"")
    load_network._read()
    assert "can hold a program" in session["c_refused"][0]
    assert session["c_stack"].layers == layers
