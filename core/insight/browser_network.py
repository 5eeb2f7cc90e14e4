"""Pack a small pretrained CNN for the browser, which then runs it without asking the server."""

import json
from functools import cache

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from core.insight.pretrained import NetworkError, TrainedNetwork, network
from core.layers.calculator import analyze, totals
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Linear, Pool

SHAPE = (1, 28, 28)  # MNIST's pictures
KINDS = (Conv, Pool, BatchNorm, Activation, Conv, Pool, BatchNorm, Activation, Flatten, Linear, Activation, Linear)
EPSILON = 1e-5  # of torch's BatchNorm


@cache
def pack(name: str) -> tuple[dict[str, object], bytes]:
    """Return a pretrained CNN's description and its weights in float16.

    It has two blocks of convolution, max pooling 2 × 2, batch normalization and ReLU, then two dense layers. Each batch
    normalization is one scale and one shift a plane. The order of the numbers: of each block the kernels
    (K, D_in, F, F), biases, scales and shifts; of each dense layer the weights (outputs, inputs) and biases.

    Raises:
        NetworkError: The network has other layers, or its file is missing or broken.
    """
    trained = network(name)
    layers = trained.experiment.layers
    if tuple(map(type, layers)) != KINDS:
        raise NetworkError(f"{trained.title} is no CNN of two blocks and two dense layers.")
    head: dict[str, object] = {
        "side": SHAPE[1],
        "mean": trained.mean[0],
        "std": trained.std[0],
        "blocks": [{"filters": layer.filters, "kernel": layer.kernel} for layer in layers if isinstance(layer, Conv)],
        "dense": [layer.units for layer in layers if isinstance(layer, Linear)],
        "parameters": totals(analyze(layers, SHAPE)).parameters,
    }
    try:
        weights = np.concatenate([part.ravel() for part in _parts(trained)]).astype("<f2")
    except (OSError, SafetensorError, ValueError) as error:
        raise NetworkError(f"The weights in {trained.file.name} are missing or broken: reinstall the app.") from error
    return json.loads(json.dumps(head)), weights.tobytes()


def _parts(trained: TrainedNetwork) -> list[NDArray[np.float32]]:
    """Return the network's numbers, in the order in which they are packed."""
    parts: list[NDArray[np.float32]] = []
    with safe_open(trained.file, framework="numpy") as file:
        for place, layer in enumerate(trained.experiment.layers):
            if isinstance(layer, Conv | Linear):
                parts += [file.get_tensor(f"{place}.{part}") for part in ("weight", "bias")]
            elif isinstance(layer, BatchNorm):
                gain, offset, mean, variance = (
                    file.get_tensor(f"{place}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
                )
                scale = gain / np.sqrt(variance + EPSILON)
                parts += [scale, offset - scale * mean]
    return parts
