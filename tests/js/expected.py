"""Write expected.json: numbers of core.images and torch that the browser's arithmetic must come to.

`python -m tests.js.expected` writes it anew; tests/test_javascript.py holds it fresh.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from core.images.convolution import convolve
from core.images.digit_reader import draw_digit
from core.images.frequency_filters import apply_mask
from core.images.pooling import pool
from core.insight.capsule_decoder import Decoder
from core.insight.invariance import transform
from core.insight.transforms import AffineTransform
from core.nets.capsule import CapsuleDecoder, route
from core.ui.components.capsules_by_hand.state import HEIGHT, MAX_ITERATIONS, SCENES, WIDTH
from core.ui.components.kit import encode_pixels
from core.ui.components.one_layer import LIMITS
from core.ui.components.one_layer.state import MAX_DILATION, MAX_STRIDE, MAX_WINDOW, OneLayerState
from core.ui.components.spectrum.state import FilterState
from core.ui.views.anatomy.unit_sum import encode_float32
from core.ui.views.layer_calculator.convolution import ConvolutionSettings

FILE = Path(__file__).with_name("expected.json")


def numbers() -> dict[str, Any]:
    """Return what the file holds, as JSON reads it."""
    found = {
        "layers": layers(),
        "transforms": transforms(),
        "filters": filters(),
        "units": units(),
        "decoder": decoder(),
        "routing": routing(),
        "pen": pen(),
        "sizes": sizes(),
        "moves": moves(),
        "stage": {"parts": SCENES, "iterations": MAX_ITERATIONS, "size": [WIDTH, HEIGHT]},
    }
    return json.loads(json.dumps(found))


def pen() -> list[dict[str, Any]]:
    """Return strokes on a sheet of 280 px, and the digits that they are in MNIST's format."""
    turns = np.linspace(0, 2 * np.pi, 40)
    drawings = (
        [[[60.0, 40.0], [220.0, 40.0], [140.0, 250.0]]],  # a seven
        [np.stack([60 + 22 * np.cos(turns), 200 + 45 * np.sin(turns)], axis=1).tolist()],  # a small zero in a corner
        [[[90.0, 30.0], [70.0, 150.0], [200.0, 150.0]], [[180.0, 60.0], [180.0, 260.0]]],  # a four
    )
    width = 3.0
    return [
        {
            "strokes": strokes,
            "pen": width,
            "pixels": draw_digit([np.array(stroke) for stroke in strokes], width).ravel().tolist(),
        }
        for strokes in drawings
    ]


def layers() -> list[dict[str, Any]]:
    """Return windows on pictures: kernels and poolings, with each padding, stride, dilation and depth."""
    random = np.random.default_rng(0)
    cases = []
    for name, padding, stride, dilation, deep in (
        ("valid", "valid", (1, 1), (1, 1), False),
        ("zeros, stride 2 and 3", "zero", (2, 3), (1, 1), False),
        ("reflected, dilation 2", "reflect", (1, 1), (2, 2), False),
        ("edge, a kernel of depth 3", "edge", (1, 2), (1, 1), True),
        ("wrapped, dilation 1 and 2", "wrap", (2, 1), (1, 2), False),
    ):
        image = random.integers(0, 256, (7, 6, 3) if deep else (7, 6)) / 255
        kernel = random.integers(-3, 4, (3, 2, 3) if deep else (3, 2)).astype(float)
        output = convolve(image, kernel, stride=stride, padding=padding, dilation=dilation)
        planes = np.moveaxis(kernel, 2, 0) if deep else kernel[None]
        window = {"window": (3, 2), "stride": stride, "dilation": dilation, "padding": padding, "amount": None}
        settings = {"operation": "convolve", "kernel": planes.tolist(), **window, "ceil": False}
        cases.append(_layer(f"convolution, {name}", image, settings, output))
    for operation, ceil in (("max", False), ("average", True), ("min", True), ("l2", False)):
        image = random.uniform(-1, 1, (8, 7)).astype(np.float32)
        output = pool(image.astype(float), operation, (3, 2), (2, 2), (1, 0), ceil)
        window = {"window": (3, 2), "stride": (2, 2), "dilation": (1, 1), "padding": "zero", "amount": (1, 0)}
        settings = {"operation": operation, "kernel": None, **window, "ceil": ceil}
        cases.append(_layer(f"{operation} pooling{', ceil mode' if ceil else ''}", image, settings, output))
    return cases


def _layer(name: str, image: Any, settings: dict[str, Any], output: Any) -> dict[str, Any]:
    planes = output[None] if output.ndim == 2 else np.moveaxis(output, 2, 0)
    plain = {"bias": 0, "relu": False}
    return {"name": name, "image": encode_pixels(image), "settings": settings | plain, "output": planes.tolist()}


def sizes() -> dict[str, Any]:
    """Return single layers with their size and cost, and settings that do not fit beside those that do."""
    random = np.random.default_rng(4)
    cases, unfit = [], []
    for _ in range(40):
        drawn = {
            "c_w": int(random.integers(4, 40)),
            "c_f": int(random.integers(1, MAX_WINDOW + 1)),
            "c_s": int(random.integers(1, MAX_STRIDE + 1)),
            "c_p": int(random.integers(0, MAX_WINDOW + 1)),
            "c_dilation": int(random.integers(1, MAX_DILATION + 1)),
            "c_d": int(random.integers(1, 25)),
            "c_k": int(random.integers(1, 25)),
            "c_groups": int(random.integers(1, 7)),
            "c_bias": "true",
        }
        state = OneLayerState.read(drawn)
        layer = ConvolutionSettings.of(state)
        row = layer.row
        unfit.append({"given": drawn, "read": asdict(state)})
        cases.append(
            {
                "settings": asdict(state),
                "output": row.output_shape[1],
                "unused": row.unused[0],
                "parameters": row.parameters,
                "macs": row.macs,
            }
        )
    return {"limits": LIMITS, "cases": cases, "unfit": unfit}


def transforms() -> list[dict[str, Any]]:
    """Return squares of numbers and their Fourier transforms."""
    random = np.random.default_rng(1)
    squares = [random.integers(-9, 10, (size, size)) for size in (2, 4, 8)]
    spectra = [np.fft.fft2(square) for square in squares]
    return [
        {
            "size": len(square),
            "values": square.ravel().tolist(),
            "re": found.real.ravel().tolist(),
            "im": found.imag.ravel().tolist(),
        }
        for square, found in zip(squares, spectra, strict=True)
    ]


def filters() -> dict[str, Any]:
    """Return a color picture, and what filters make of it."""
    image = np.random.default_rng(2).integers(0, 256, (8, 8, 3)) / 255
    states = [
        FilterState("low", "ideal", 2, 2.0),
        FilterState("high", "gaussian", 2, 1.5),
        FilterState("band", "butterworth", 3, 3.0, 1.0),
    ]
    cases = [
        {
            "settings": {"pass": s.f_pass, "kind": s.f_kind, "order": s.f_order, "radius": s.f_radius}
            | {"inner": s.f_inner},
            "output": np.moveaxis(apply_mask(image, s.mask(image.shape)), 2, 0).tolist(),
        }
        for s in states
    ]
    return {"image": encode_pixels(image), "cases": cases}


def moves() -> list[dict[str, Any]]:
    """Return pictures, and what core.insight.invariance makes of them under a transform."""
    random = np.random.default_rng(3)
    cases = []
    for shape, numbers_of in (
        ((1, 7, 7), {"dx": 2.0, "dy": -1.0}),
        ((1, 7, 7), {"dx": 0.3, "rotate": 25.0, "scale": 1.4, "shear": -10.0}),
        ((3, 8, 8), {"dy": 1.5, "rotate": -170.0, "scale": 0.6, "blur": 0.75}),
        ((1, 7, 7), {"blur": 4.0}),
    ):
        picture = random.integers(0, 256, shape).astype(np.uint8)
        move = AffineTransform(**numbers_of)
        moved = transform(torch.from_numpy(picture)[None], [move])[0]
        given = {"shape": shape, "pixels": picture.ravel().tolist(), "transform": move.to_list()}
        cases.append(given | {"output": moved.ravel().tolist()})
    return cases


def routing() -> list[dict[str, Any]]:
    """Return capsules, their transformations, and what core.nets.capsule routes."""
    generator = torch.Generator().manual_seed(0)
    poses = torch.randn(1, 4, 3, generator=generator, dtype=torch.float64)
    weights = torch.randn(2, 4, 3, 5, generator=generator, dtype=torch.float64)
    cases = []
    for iterations in (0, 1, 2, 3, 5):
        capsules, coefficients = route(poses, weights, iterations)
        given = {"poses": poses[0].tolist(), "weights": weights.tolist(), "iterations": iterations}
        cases.append(given | {"capsules": capsules[0].tolist(), "coefficients": coefficients[0].tolist()})
    return cases


def units() -> list[dict[str, Any]]:
    """Return layers with all their units, and what torch puts out there."""
    torch.manual_seed(0)
    one, shape = torch.randn(1, 4, 7, 6), {"stride": (2, 1), "before": (1, 2), "dilation": (1, 2), "groups": 2}
    conv, transposed, bias = torch.randn(6, 2, 3, 2), torch.randn(4, 3, 3, 2), torch.randn(6)
    given = (shape["stride"], shape["before"])
    stamps = functional.conv_transpose2d(one, transposed, bias, *given, 0, 2, shape["dilation"])
    by_output = transposed.reshape(2, 2, 3, 3, 2).transpose(1, 2).reshape(6, 2, 3, 2)  # as unit_sum.parameters has it
    window = {"window": (3, 2), "stride": (2, 2), "before": (1, 0)}
    linear = torch.randn(5, one.numel())
    return [
        _unit(
            "convolution",
            {"kind": "conv", **shape},
            one,
            functional.conv2d(one, conv, bias, *given, shape["dilation"], 2),
            conv,
            bias,
        ),
        _unit("transposed convolution", {"kind": "transposed", **shape}, one, stamps, by_output, bias),
        _unit("max pooling", {"kind": "max", **window}, one, functional.max_pool2d(one, (3, 2), 2, (1, 0))),
        _unit("average pooling", {"kind": "average", **window}, one, functional.avg_pool2d(one, (3, 2), 2, (1, 0))),
        _unit("softmax over planes", {"kind": "softmax"}, one, torch.softmax(one, 1)),
        _unit("ReLU", {"kind": "relu"}, one, torch.relu(one)),
        _unit(
            "fully connected",
            {"kind": "linear"},
            one.reshape(1, -1, 1, 1),
            functional.linear(one.reshape(1, -1), linear, bias[:5])[..., None, None],
            linear,
            bias[:5],
        ),
    ]


def _unit(
    name: str, made: dict[str, Any], given: Any, output: Any, weights: Any = None, biases: Any = ()
) -> dict[str, Any]:
    """Every third unit of a layer: what the browser gets, and the value."""
    _, planes, height, width = output.shape
    places = [(k, y, x) for k in range(planes) for y in range(height) for x in range(width)][::3]
    source = {
        "made": made,
        "total": planes,
        "weights": None if weights is None else encode_float32(weights.numpy()),
        "biases": [float(value) for value in biases],
        "input": encode_float32(given[0].numpy()),
        "inputName": "The picture",
    }
    units = [{"tile": k, "plane": k, "row": y, "column": x} for k, y, x in places]
    return {"name": name, "source": source, "units": units, "values": [float(output[0][place]) for place in places]}


def decoder() -> dict[str, Any]:
    """Return a capsule decoder as the browser gets it, and what torch draws with the same numbers."""
    torch.manual_seed(1)
    made = CapsuleDecoder((3, 4), 6, 7, 9).half().float()
    layers = [module for module in made.layers if isinstance(module, torch.nn.Linear)]
    packed = Decoder(tuple((one.weight.detach().numpy(), one.bias.detach().numpy()) for one in layers))
    vectors = torch.randn(3, 3, 4)
    with torch.inference_mode():
        drawn = made.pictures(vectors, torch.arange(3))
    cases = [
        {"vector": vectors[digit, digit].tolist(), "digit": digit, "pixels": drawn[digit].tolist()}
        for digit in range(3)
    ]
    return {"widths": packed.widths, "base64": base64.b64encode(packed.pack()).decode(), "cases": cases}


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers()) + "\n", encoding="utf-8")
