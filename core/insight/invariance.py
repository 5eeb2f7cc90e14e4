"""Measure how a trained network responds to transformed pictures: shifts, rotations, sizes, shears and blurs.

torch: for the inference server. Every function takes whole batches. Those that pages wait for use the number format
that is fastest here; `losses`, which is quoted for pretrained networks, the one they were trained in.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import data
from core.insight import shift_map as windows
from core.insight.loaded_network import Loaded
from core.insight.robustness import DISTANCES, Share, directions, lost
from core.insight.transforms import SHIFTS, AffineTransform, sample_indices
from core.layers.calculator import Row, analyze
from core.layers.shape_inference.layer import infer
from core.layers.specs import PrimaryCapsules
from core.nets.capsule import lengths
from core.training.augmentation.batch import apply
from core.training.augmentation.blur import blur
from core.training.augmentation.specs import Affine, taps
from core.training.devices import choose
from core.training.evaluation import autocast, predict

BATCH = 250  # pictures at once: a layer's output then stays in the processor's cache
MIN_BLUR = 1e-3  # px: a blur of less is none
Answers = NDArray[np.uint8]


@lru_cache(maxsize=4)
def some_pictures(count: int, seed: int, name: str = "mnist") -> tuple[Tensor, NDArray[np.int64]]:
    """Return `count` test pictures of a dataset, drawn by `seed`, with their labels: uint8 (N, C, H, W), (N,).

    If it has no more, all of them, in their order.

    Raises:
        DataError: The data is not available.
    """
    whole = data.load(name)
    places = sample_indices(len(whole.test_labels), count, seed)
    return torch.from_numpy(whole.test_images[places].copy()), whole.test_labels[places].astype(np.int64)


def transform(pictures: Tensor, moves: Sequence[AffineTransform]) -> Tensor:
    """Apply a transform to each picture (N, C, H, W) in [0, 255]: bilinear, black outside, float32."""
    images = pictures.float()
    values = torch.tensor([move.to_list() for move in moves]).unbind(dim=1)  # six of (N,)
    dx, dy, rotate, scale, shear, sigma = values
    black = torch.zeros(images.shape[1], 1, 1)
    drawn = {"dx": dx, "dy": dy, "angle": rotate, "scale": scale, "shear": shear}
    whole = all(move.whole for move in moves)
    # the step's ranges say only whether pixels must be read between pixels
    step = Affine(shift=float(max(dx.abs().max(), dy.abs().max()))) if whole else Affine(rotate=180.0)
    images = apply(images, step, drawn, black)
    if bool((sigma > 0).any()):
        size = taps(float(sigma.max()), *images.shape[2:])
        images = blur(images, sigma.clamp(min=MIN_BLUR), size)
    return images


def probabilities(loaded: Loaded, picture: Tensor, moves: Sequence[AffineTransform]) -> NDArray[np.float32]:
    """Return the probabilities for one picture, uint8 (C, H, W), under each of M transforms: (M, classes)."""
    images = transform(picture.expand(len(moves), *picture.shape), moves)
    return predict(loaded.logits, loaded.prepared(images), loaded.device).numpy()


def answers(loaded: Loaded, pictures: Tensor, moves: Sequence[AffineTransform], *, exact: bool = False) -> Answers:
    """Return the predicted classes of N pictures, uint8 (N, C, H, W), under each of M transforms: (M, N).

    With `exact` the network computes in the number format it was trained in, so that every machine finds the same.
    """
    evaluated = loaded if exact else fastest(loaded)
    return np.stack([_answers(evaluated, transform(pictures, [move] * len(pictures))) for move in moves])


def fastest(loaded: Loaded) -> Loaded:
    """Return the same network in the number format that this machine multiplies fastest."""
    return replace(loaded, device=choose(loaded.device.name))


def shift_map(loaded: Loaded, pictures: Tensor) -> Answers:
    """Return the predicted classes of N pictures, uint8 (N, C, H, W), shifted down and right by SHIFTS: (17, 17, N).

    It equals `answers` for the same transforms, in a fraction of the time.
    """
    if loaded.normalization.shuffled:  # pixels are moved first and shuffled then
        return np.stack([answers(loaded, pictures, [AffineTransform(dx=dx, dy=dy) for dx in SHIFTS]) for dy in SHIFTS])
    quick = fastest(loaded)
    with torch.inference_mode(), autocast(quick.device):
        return windows.answers(quick, pictures).numpy()


def _answers(loaded: Loaded, images: Tensor) -> Answers:
    """Return the predicted classes of pictures (N, C, H, W) in [0, 255]: (N,)."""
    prepared, network = loaded.prepared(images), loaded.logits
    with torch.inference_mode(), autocast(loaded.device):
        parts = [
            network(part.contiguous(memory_format=torch.channels_last)).argmax(dim=1) for part in prepared.split(BATCH)
        ]
    found: Answers = torch.cat(parts).to(torch.uint8).cpu().numpy()
    return found


def layers_moved(loaded: Loaded, pictures: Tensor, dx: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure how each layer's output follows a shift of the picture by `dx` px to the right, over N pictures.

    Distances are means in units of the mean distance between two pictures' outputs: 0 is no difference at all, 1 as
    much as between one digit and another. A plane of stride j moves by dx / j of its own pixels, bilinearly; so do
    primary capsules, whose numbers lie in planes.

    Returns:
        Two arrays (L,): how far each output changes, and its distance from the shifted output (the equivariance error;
        nan for a flat layer, which has no spatial axes).
    """
    still = loaded.prepared(pictures.float())
    after = loaded.prepared(transform(pictures, [AffineTransform(dx=dx)] * len(pictures)))
    change, misfit = [], []
    rows = analyze(loaded.experiment.layers, loaded.shape)
    with torch.inference_mode():
        for row, module in zip(rows, loaded.network, strict=True):
            still, after = module(still.float()), module(after.float())
            unit = _distance(still, still.roll(1, dims=0))
            change.append(_distance(after, still) / unit)
            jump = row.jump[1] if isinstance(row.jump, tuple) else row.jump
            before, beside = _in_planes(row, still), _in_planes(row, after)
            flat = before.dim() < 4
            misfit.append(float("nan") if flat else _distance(beside, _along(before, dx / float(jump))) / unit)
    return np.array(change), np.array(misfit)


def _in_planes(row: Row, output: Tensor) -> Tensor:
    """Return primary capsules (N, I, D) as planes, (N, types * D, H, W), and every other layer's output unchanged."""
    if not isinstance(row.layer, PrimaryCapsules):
        return output
    return _by_position(row, row.layer, output).movedim(-1, 2).flatten(1, 2)


def _by_position(row: Row, layer: PrimaryCapsules, capsules: Tensor) -> Tensor:
    """Return primary capsules (N, I, ...) by where they are: (N, types, H, W, ...)."""
    plane = infer(layer, 0, row.input_shape).plane
    assert plane is not None, "primary capsules have positions"
    placed: Tensor = capsules.unflatten(1, (layer.types, *plane))
    return placed


def _along(planes: Tensor, step: float) -> Tensor:
    """Shift planes right by `step` of their own pixels; border values come in."""
    places = (torch.arange(planes.shape[3], device=planes.device) - step).clamp(0, planes.shape[3] - 1)
    left = places.floor().long()
    right = (left + 1).clamp(max=planes.shape[3] - 1)
    share = (places - left).to(planes)
    return planes[..., left] * (1 - share) + planes[..., right] * share


def _distance(a: Tensor, b: Tensor) -> float:
    """Return the mean over pictures of the Euclidean distance."""
    return float((a - b).flatten(1).norm(dim=1).mean())


def planes(
    loaded: Loaded, picture: Tensor, moves: Sequence[AffineTransform], layers: Sequence[int]
) -> list[NDArray[np.float32]]:
    """Return the outputs of some layers for a picture (C, H, W) under each of M transforms: (M, K, H, W) each.

    Of primary capsules these are the lengths, one plane for each type.
    """
    rows = analyze(loaded.experiment.layers, loaded.shape)
    x = loaded.prepared(transform(picture.expand(len(moves), *picture.shape), moves)).float()
    kept: dict[int, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for place, module in enumerate(loaded.network):
            x = module(x)
            if place in layers:
                kept[place] = _drawn(rows[place], x).cpu().numpy()
    return [kept[place] for place in layers]


def _drawn(row: Row, output: Tensor) -> Tensor:
    """Return an output (N, ...) as planes to show, (N, K, H, W)."""
    if not isinstance(row.layer, PrimaryCapsules):
        return output
    return _by_position(row, row.layer, lengths(output))


def losses(loaded: Loaded, pictures: Tensor, labels: NDArray[np.int64]) -> dict[int, Share]:
    """Return the accuracy lost at each of DISTANCES px of shift, by N pictures (N, C, H, W) and their labels (N,).

    It is computed in the number format the network was trained in: bf16 changes a figure by over a tenth of a point.
    """
    still = answers(loaded, pictures, [AffineTransform()], exact=True)[0]
    return {
        distance: lost(still, answers(loaded, pictures, directions(distance), exact=True), labels)
        for distance in DISTANCES
    }
