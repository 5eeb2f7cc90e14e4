"""The process that answers queries to trained networks.

`core.runs.inference_client` starts it as `python -m core.runs.inference_server`. It writes {"ready": true}, reads
queries as JSON lines and answers each with {"answer": ...} or {"error": sentence}. {"stop": true} ends the query that
it is at. It ends when its standard input does.

To add a query: write a function in `core.insight` that takes a `Loaded` network or plain values, wrap it here (arrays
through `encode_array`), and name it in QUERIES; pages call it with `InferenceClient.query`.
"""

import gc
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core import data
from core.data import DataError
from core.insight import activations, gradcam, own_network
from core.insight.loaded_network import Loaded, load
from core.layers.limits import CHEAP_BATCH_WORK, check_size, size_of
from core.layers.setting_checks import LayerError
from core.runs import augmentation_queries, capsule_queries, hardware, invariance_queries
from core.runs.child_process import Inbox, Interrupted, messages
from core.runs.inference_client import TIMED_OUT, decode_array, encode_array
from core.runs.query_checks import QueryError, of_shape
from core.training import objective
from core.training.augmentation.step import PipelineError
from core.training.checkpoints import CheckpointError
from core.training.devices import available, choose
from core.training.evaluation import predict
from core.training.experiment import Experiment, ExperimentError
from core.training.session import Session

logger = logging.getLogger(__name__)


def main() -> None:
    """Answer queries until the standard input ends."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    incoming, answer = messages()
    inbox = Inbox(incoming)
    answer({"ready": True})
    while True:
        question = inbox.get()
        if "stop" in question:  # it came when the question was answered already
            continue
        torch.set_num_threads(hardware.cores())
        try:
            with inbox.interruptible():
                found = QUERIES[question.pop("question")](**question)
            answer({"answer": found})
        except Interrupted:
            gc.collect()
            answer({"error": TIMED_OUT})
        except (QueryError, ExperimentError, LayerError, DataError, CheckpointError, PipelineError) as error:
            answer({"error": str(error)})
        except Exception as error:  # the next question may be a better one
            logger.exception("No answer.")
            answer({"error": f"The network could not be evaluated: an error in the program ({type(error).__name__})."})


def probabilities(network: str, images: str) -> str:
    """Return class probabilities for pictures.

    Args:
        network: The file of weights.
        images: uint8 (N, H, W) or (N, C, H, W), through `encode_array`.

    Returns:
        float32 (N, classes), through `encode_array`.

    Raises:
        QueryError: The pictures do not fit the network.
    """
    loaded = load(Path(network))
    pictures: NDArray[np.uint8] = decode_array(images)
    pictures = of_shape(loaded.shape, pictures[:, None] if pictures.ndim == 3 else pictures)
    prepared = loaded.prepared(pictures.copy())
    return encode_array(predict(loaded.logits, prepared, loaded.device, loaded.experiment.test_time).numpy())


def outputs(network: str, image: str, seed: int | None = None) -> str:
    """Return a picture and every layer's output for it, as `activations.outputs` gives them, one after another.

    Args:
        network: The file of weights.
        image: uint8 (C, H, W), through `encode_array`.
        seed: Draw random weights with it instead; None for the trained ones.

    Returns:
        float32 (sum of all sizes,), through `encode_array`; the caller knows the shapes.

    Raises:
        QueryError: The picture does not fit the network.
    """
    loaded = _loaded(network, seed)
    picture = of_shape(loaded.shape, decode_array(image)[None])[0]
    return encode_array(np.concatenate([one.ravel() for one in activations.outputs(loaded, picture.copy())]))


def in_block(network: str, image: str, layer: int, seed: int | None = None) -> list[str]:
    """Return the outputs of the layers within a residual block: an array for its body and one for its shortcut."""
    loaded = _loaded(network, seed)
    picture = of_shape(loaded.shape, decode_array(image)[None])[0]
    ways = activations.in_block(loaded, picture.copy(), layer)
    return [encode_array(np.concatenate([np.zeros(0, np.float32), *(one.ravel() for one in way)])) for way in ways]


def routing(network: str, image: str, layer: int, seed: int | None = None) -> list[str]:
    """Return the coupling coefficients (I, J) and the predictions (J, I, E) of a layer that routes, encoded."""
    loaded = _loaded(network, seed)
    picture = of_shape(loaded.shape, decode_array(image)[None])[0]
    return [encode_array(one) for one in activations.routing(loaded, picture.copy(), layer)]


def parameters(network: str, layer: int, seed: int | None = None, inner: str = "") -> list[str]:
    """Return weights and biases of a layer, or of one within a block ("body.3"), encoded; (0,) where it has none."""
    return [encode_array(one) for one in activations.parameters(_loaded(network, seed), layer, inner)]


def strongest(network: str, layer: int, first: int, count: int, most: int, seed: int | None = None) -> list[str]:
    """Return the test pictures that activate each plane of a layer most.

    Args:
        network: The file of weights.
        layer: The layer's index.
        first: The first test picture to try.
        count: How many to try.
        most: How many to return for each plane.
        seed: Draw random weights with it instead; None for the trained ones.

    Returns:
        The values, the pictures' indices in the whole test set, and the winning units: (K, most) each, encoded.

    Raises:
        DataError: The data is not available.
    """
    loaded = _loaded(network, seed)
    pictures = data.load(loaded.experiment.data).test_images[first : first + count]
    values, places, units = activations.strongest(loaded, layer, pictures, most)
    return [encode_array(values), encode_array(places + first), encode_array(units)]


def _loaded(network: str, seed: int | None) -> Loaded:
    loaded = load(Path(network))
    return loaded if seed is None else activations.with_random_weights(loaded, seed)


def images_per_second(experiment: str, seconds: float, device: str) -> float:
    """Return training images per second, measured on real steps of a network with fresh weights."""
    spec = replace(Experiment.from_json(experiment), parent_run="", time_budget=0.0)  # neither changes a step's work
    slots = hardware.slots(available(), torch.cuda.device_count())
    torch.set_num_threads(hardware.threads(slots, slots))  # what it would have with its fellows beside it
    where = choose(device, spec.precision)
    if where.name == "cpu":  # so many pictures that a step takes a second or two
        work = size_of(check_size(spec.layers, data.info(spec.data).shape)).work
        spec = replace(spec, batch_size=max(1, min(spec.batch_size, CHEAP_BATCH_WORK // max(1, work))), compiled=False)
    session = Session(spec, where)
    session.train_step().tolist()  # the first one also sets up what all others use
    began, first, elapsed = time.perf_counter(), session.images, 0.0
    while elapsed < seconds:
        session.train_step().tolist()  # on a GPU this waits for the work to be done
        elapsed = time.perf_counter() - began
    return (session.images - first) / elapsed


def attention(network: str, picture: str, answer: int | None = None) -> dict[str, Any]:
    """Return the Grad-CAM maps of a picture.

    Args:
        network: The file of weights.
        picture: uint8 (C, H, W), encoded.
        answer: The class to explain; None for the predicted one.

    Returns:
        {"answer", "probabilities": (classes,), "layers": indices, "maps": [(h, w)]}.
    """
    loaded = load(Path(network))
    pixels = of_shape(loaded.shape, decode_array(picture)[None])[0]
    try:
        found = gradcam.gradcam(loaded, pixels, answer)
    except ValueError as error:
        raise QueryError(str(error)) from error
    estimates = objective.probabilities(loaded.logits, torch.from_numpy(found.logits[None]))[0]
    return {
        "answer": found.answer,
        "probabilities": encode_array(estimates.numpy()),
        "layers": list(found.layers),
        "maps": [encode_array(one) for one in found.maps],
    }


def adopt(source: str, about: str, dataset: str, target: str) -> dict[str, Any]:
    """Take in a person's own network: "experiment" (JSON) and "notes", as `core.insight.own_network.adopt` has them."""
    try:
        found = own_network.adopt(Path(source), about, dataset, Path(target))
    except own_network.OwnNetworkError as error:
        raise QueryError(str(error)) from error
    return {"experiment": found.experiment, "notes": list(found.notes)}


QUERIES: dict[str, Callable[..., Any]] = {
    "probabilities": probabilities,
    "images_per_second": images_per_second,
    "adopt": adopt,
    "attention": attention,
    "outputs": outputs,
    "in_block": in_block,
    "parameters": parameters,
    "routing": routing,
    "strongest": strongest,
    **invariance_queries.QUERIES,
    **augmentation_queries.QUERIES,
    **capsule_queries.QUERIES,
}

if __name__ == "__main__":
    main()
