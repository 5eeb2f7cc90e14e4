"""The arithmetic that the anatomy page tells of a unit, computed in Chromium, against what the network put out."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from core import data
from core.insight import activations
from core.insight.loaded_network import Loaded, load
from core.layers.calculator import analyze
from core.layers.receptive_field import receptive_fields
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
    Residual,
)
from core.nets.network import build
from core.runs import inference_server
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.components import network_stage
from core.ui.components.kit.bundle import bundle
from core.ui.views.anatomy import unit_sum
from core.ui.views.anatomy.forward_pass import ForwardPass
from core.ui.views.anatomy.network_picker import LoadedNetwork
from core.ui.views.anatomy.picture import InputPicture
from tests.browser.conftest import Open

UNITS = 24  # of each layer, at random
EACH = (Activation, BatchNorm, Dropout)
SHAPE = (3, 21, 18)
NORMED: Network = (Conv(8, 3, padding=1, bias=False), BatchNorm())
NETWORKS: dict[str, tuple[Network, tuple[int, int, int]]] = {
    "sums": (
        (
            *(Conv(8, (2, 3), padding="same"), BatchNorm(), Activation()),
            *(Conv(12, 3, (2, 1), padding=(1, 2), dilation=(1, 2), groups=4), Dropout()),
            *(ConvTranspose(6, (4, 3), (2, 1), (1, 0), groups=2), ConvTranspose(5, 3, 3, 1, (2, 1), output_padding=1)),
            *(Flatten(), Linear(16), BatchNorm(), Linear(10), Activation("softmax")),
        ),
        SHAPE,
    ),
    "windows": (
        (
            *(Pool("average", 3, 2, 1, ceil=True), Pool("max", (3, 2), 2, 1), BlurPool(4, (1, 2)), BlurPool(3, 2)),
            *(ConvTranspose(4, 5, 4), BlurPool(7, 3), AdaptivePool("average", (4, 3)), AdaptivePool("max", (3, 5))),
            *(Activation("softmax"), GlobalPool(), Flatten(), Linear(10)),
        ),
        SHAPE,
    ),
    "blocks": (
        (
            Conv(8, 3, padding=1),
            *(Residual((*NORMED, Activation(), *NORMED)), Activation()),
            Residual((*NORMED, Activation("gelu"), BlurPool(3, 2)), (Conv(8, 1, 2), BatchNorm())),
            Residual((Pool("average", 3, 1, 1), Activation()), (BatchNorm(), Activation("tanh"))),
            Residual((Residual(NORMED),), (ConvTranspose(8, 3, padding=1),)),
            *(GlobalPool("max"), Flatten(), Residual((Linear(8), Activation())), Linear(10)),
        ),
        SHAPE,
    ),
}


@pytest.fixture
def account(blank: Open) -> Callable[..., list[dict[str, Any]]]:
    """The browser's account of units of a source, by the page's own code."""
    lab = 'import { account, opened } from "./unit_arithmetic.js";\nwindow.lab = { account, opened };'
    page = blank(1280, 720)
    page.set_content(f"<script type=module>{bundle(Path(network_stage.__file__).parent / 'lab.js', lab)}</script>")
    page.wait_for_function("window.lab")
    asked = "([source, units]) => { const open = lab.opened(source); return units.map((u) => lab.account(open, u)); }"
    return lambda source, units: page.evaluate(asked, [source, units])


def trained(layers: Network, shape: tuple[int, int, int], file: Path) -> Loaded:
    """A network whose norms have seen pictures, read as the page's are."""
    torch.manual_seed(0)
    network = build(layers, shape)
    network(torch.randn(30, *shape))
    about = {"experiment": Experiment(layers=layers).to_json(), "shape": shape, "mean": [0.5] * 3, "std": [0.25] * 3}
    save_file(network.state_dict(), file, {key: json.dumps(value) for key, value in about.items()})
    return load(file)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_told_of_a_unit_is_the_networks_value(
    name: str, account: Callable[..., list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, shape = NETWORKS[name]
    loaded = trained(layers, shape, tmp_path / f"{name}.safetensors")
    rng = np.random.default_rng(1)
    picture = InputPicture(rng.integers(0, 256, shape, dtype=np.uint8), "noise")
    outputs = activations.outputs(loaded, picture.pixels)

    class Answering:
        file = staticmethod(lambda network: str(tmp_path / network))
        query = staticmethod(lambda question, **values: inference_server.QUERIES[question](**values))

    monkeypatch.setattr(client, "inference", Answering)
    rows, fields = tuple(analyze(layers, shape)), tuple(receptive_fields(layers, shape))
    info = replace(data.info("mnist"), shape=shape)
    network = LoadedNetwork(f"{name}.safetensors", loaded.experiment, info, 0, 1, rows, fields)
    forward = ForwardPass(network, picture, tuple(outputs), None, "plane")
    for place, layer in enumerate(layers):
        out = forward.planes(place + 1)
        first = min(2, len(out) - 1)  # as on a further page of planes
        planes = (first, len(out))
        source = json.loads(json.dumps(unit_sum.source(forward, place + 1, planes)))
        chosen = [
            [int(rng.integers(low, high)) for low, high in (planes, (0, out.shape[1]), (0, out.shape[2]))]
            for _ in range(UNITS)
        ]
        units = [{"tile": k - first, "plane": k, "row": y, "column": x} for k, y, x in chosen]
        told = account(source, units)
        if isinstance(layer, Dropout):
            continue  # a function of one number: that number alone is told
        wanted = [float(out[k, y, x]) for k, y, x in chosen]
        found = [one["value"] for one in told]
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * float(np.abs(out).max()), err_msg=str(layer))
        if isinstance(layer, Residual):
            x = torch.as_tensor(outputs[place])[None]
            block = loaded.network[place]
            for side, way, specs in ((0, block.body, layer.body), (1, block.shortcut, layer.shortcut)):
                check_way([one["ways"][side] for one in told], way, specs, x, chosen)


def check_way(
    told: list[dict[str, Any]], way: nn.Sequential, specs: Network, x: Tensor, chosen: list[list[int]]
) -> None:
    """One way through a block: its last sum, the steps behind it, and where they end, for each of the chosen units."""
    last = max((place for place, spec in enumerate(specs) if not isinstance(spec, EACH)), default=-1)
    with torch.inference_mode():
        ends = [np.asarray(way[:count](x)[0]) for count in range(last + 1, len(specs) + 1)]
    for one, (plane, row, column) in zip(told, chosen, strict=True):
        values = [float(end[plane, row, column] if end.ndim == 3 else end[plane]) for end in ends]
        if last < 0 or not isinstance(specs[last], Residual):  # a block within a block is not taken apart
            assert one["value"] == pytest.approx(values[0], rel=1e-5, abs=1e-5)
        steps = [number for step in one["steps"] for number in (step["from"], step["to"])]
        assert steps == pytest.approx([number for pair in pairwise(values) for number in pair], rel=1e-5, abs=1e-5)
        assert one["end"] == pytest.approx(values[-1], rel=1e-5, abs=1e-5)
        for step in one["steps"]:
            if "scale" in step:
                assert step["from"] * step["scale"] + step["shift"] == pytest.approx(step["to"], rel=1e-5, abs=1e-5)
