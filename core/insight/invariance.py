"""What a trained network answers when its picture is moved: by shifts, turns, sizes, slants and blurs.

torch: for the process that answers. Every function takes whole batches; those that pages wait for use the number format
that is fastest here, `losses`, which is told of the networks that come with the app, the one they learned in.
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
from core.layers.calculator import analyse
from core.training.augmentation.batch import apply
from core.training.augmentation.blur import blur
from core.training.augmentation.specs import Affine, taps
from core.training.devices import choose
from core.training.evaluation import autocast, predict

BATCH = 250  # pictures at once: a layer's output then stays in the processor's cache
SHARPEST = 1e-3  # px: a blur of less is none
Answers = NDArray[np.uint8]


@lru_cache(maxsize=4)
def some_pictures(count: int, seed: int, name: str = "mnist") -> tuple[Tensor, NDArray[np.int64]]:
    """So many test pictures of a dataset, drawn by `seed`, with their labels: uint8 (N, C, H, W), (N,).

    All of them, in their order, where it has no more. Raises core.data.DataError.
    """
    whole = data.load(name)
    places = sample_indices(len(whole.test_labels), count, seed)
    return torch.from_numpy(whole.test_images[places].copy()), whole.test_labels[places].astype(np.int64)


def transform(pictures: Tensor, moves: Sequence[AffineTransform]) -> Tensor:
    """(N, C, H, W) in [0, 255], each moved by its own move of (N,): bilinear, black from outside. float32."""
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
        images = blur(images, sigma.clamp(min=SHARPEST), size)
    return images


def probabilities(loaded: Loaded, picture: Tensor, moves: Sequence[AffineTransform]) -> NDArray[np.float32]:
    """One picture, uint8 (C, H, W), under each of M moves: (M, classes)."""
    images = transform(picture.expand(len(moves), *picture.shape), moves)
    return predict(loaded.logits, loaded.prepared(images), loaded.device).numpy()


def answers(loaded: Loaded, pictures: Tensor, moves: Sequence[AffineTransform], *, exact: bool = False) -> Answers:
    """The class a network gives each of N pictures, uint8 (N, C, H, W), under each of M moves: (M, N).

    With `exact` it is asked in the number format it learned in, so that every machine finds the same.
    """
    asked = loaded if exact else fastest(loaded)
    return np.stack([_answers(asked, transform(pictures, [move] * len(pictures))) for move in moves])


def fastest(loaded: Loaded) -> Loaded:
    """The same network, asked in the number format that this machine multiplies fastest."""
    return replace(loaded, device=choose(loaded.device.name))


def shift_map(loaded: Loaded, pictures: Tensor) -> Answers:
    """The answers for N pictures, uint8 (N, C, H, W), moved down and to the right by each of SHIFTS: (17, 17, N).

    What `answers` gives for the same moves, at a fraction of the time.
    """
    if loaded.normalization.shuffled:  # pixels are moved first and shuffled then
        return np.stack([answers(loaded, pictures, [AffineTransform(dx=dx, dy=dy) for dx in SHIFTS]) for dy in SHIFTS])
    quick = fastest(loaded)
    with torch.inference_mode(), autocast(quick.device):
        return windows.answers(quick, pictures).numpy()


def _answers(loaded: Loaded, images: Tensor) -> Answers:
    """(N, C, H, W) in [0, 255] -> (N,)."""
    prepared, network = loaded.prepared(images), loaded.logits
    with torch.inference_mode(), autocast(loaded.device):
        parts = [
            network(part.contiguous(memory_format=torch.channels_last)).argmax(dim=1) for part in prepared.split(BATCH)
        ]
    found: Answers = torch.cat(parts).to(torch.uint8).cpu().numpy()
    return found


def layers_moved(loaded: Loaded, pictures: Tensor, dx: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How each layer's output takes a shift of the picture by `dx` px to the right: two arrays (L,), over N pictures.

    First how far it changes, then how far it is from having moved along (nan for a flat list, which has no places).
    Both are mean distances in units of the mean distance between two pictures' outputs: 0 is no difference at all, 1
    as much as between one digit and another. A plane of stride j moves by dx / j of its own pixels, bilinearly.
    """
    still = loaded.prepared(pictures.float())
    after = loaded.prepared(transform(pictures, [AffineTransform(dx=dx)] * len(pictures)))
    change, misfit = [], []
    rows = analyse(loaded.experiment.layers, loaded.shape)
    with torch.inference_mode():
        for row, module in zip(rows, loaded.network, strict=True):
            still, after = module(still.float()), module(after.float())
            unit = _distance(still, still.roll(1, dims=0))
            change.append(_distance(after, still) / unit)
            jump = row.jump[1] if isinstance(row.jump, tuple) else row.jump
            along = _along(still, dx / float(jump)) if still.dim() == 4 else None
            misfit.append(float("nan") if along is None else _distance(after, along) / unit)
    return np.array(change), np.array(misfit)


def _along(planes: Tensor, step: float) -> Tensor:
    """Planes moved right by `step` of their own pixels: the border's values come in."""
    places = (torch.arange(planes.shape[3], device=planes.device) - step).clamp(0, planes.shape[3] - 1)
    left = places.floor().long()
    right = (left + 1).clamp(max=planes.shape[3] - 1)
    share = (places - left).to(planes)
    return planes[..., left] * (1 - share) + planes[..., right] * share


def _distance(a: Tensor, b: Tensor) -> float:
    """The mean over pictures of the root of the sum of squares."""
    return float((a - b).flatten(1).norm(dim=1).mean())


def planes(
    loaded: Loaded, picture: Tensor, moves: Sequence[AffineTransform], layers: Sequence[int]
) -> list[NDArray[np.float32]]:
    """What the layers at those places put out for a picture (C, H, W) under each of M moves: (M, K, H, W) each."""
    x = loaded.prepared(transform(picture.expand(len(moves), *picture.shape), moves)).float()
    kept: dict[int, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for place, module in enumerate(loaded.network):
            x = module(x)
            if place in layers:
                kept[place] = x.cpu().numpy()
    return [kept[place] for place in layers]


def losses(loaded: Loaded, pictures: Tensor, labels: NDArray[np.int64]) -> dict[int, Share]:
    """The accuracy lost at each of DISTANCES px of shift, by N pictures (N, C, H, W) and their labels (N,).

    In the number format that the network learned in: bf16 moves a figure by more than a tenth of a point.
    """
    still = answers(loaded, pictures, [AffineTransform()], exact=True)[0]
    return {
        distance: lost(still, answers(loaded, pictures, directions(distance), exact=True), labels)
        for distance in DISTANCES
    }
