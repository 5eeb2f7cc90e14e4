"""Read a trained capsule network's decoder, without torch: for the browser, which draws with it itself."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from core.insight.pretrained import NetworkError
from core.layers.specs import CapsuleDecoder
from core.training.experiment import Experiment

Floats = NDArray[np.float32]
DENSE = ("layers.0", "layers.2", "layers.4")  # the decoder's fully connected layers, in `core.nets.capsule`


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Three fully connected layers: ReLU, ReLU and sigmoid follow them."""

    layers: tuple[tuple[Floats, Floats], ...]  # weights (outputs, inputs) and biases (outputs,)

    @property
    def widths(self) -> list[int]:
        """Return how many numbers go in, and how many come out of each layer."""
        return [self.layers[0][0].shape[1], *(len(biases) for _, biases in self.layers)]

    def pack(self) -> bytes:
        """Return all numbers for the browser, as little-endian float16: layer by layer weights, row by row, and biases.

        The networks that come with the app are stored in float16, so that nothing is lost. In int8 a pixel would be off
        by up to seven gray levels.
        """
        return b"".join(array.astype("<f2").tobytes() for layer in self.layers for array in layer)


def read_decoder(path: Path) -> Decoder:
    """Return the decoder of the network in a file of weights.

    Raises:
        NetworkError: The file is missing or broken, or the network has no decoder.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
            layers = Experiment.from_json(about["experiment"]).layers
            place = next((at for at, layer in enumerate(layers) if isinstance(layer, CapsuleDecoder)), None)
            if place is None:
                raise NetworkError("This network has no decoder: train one that redraws its digits.")
            tensors = [
                tuple(file.get_tensor(f"{place}.{name}.{part}") for part in ("weight", "bias")) for name in DENSE
            ]
    except (OSError, SafetensorError, ArithmeticError, KeyError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        raise NetworkError(f"The weights in {path.name} are missing or broken: train the network again.") from error
    return Decoder(tuple((weights.astype(np.float32), biases.astype(np.float32)) for weights, biases in tensors))
