"""Answer the augmentation page's queries, for `core.runs.inference_server`: draws, averages, sweeps and costs.

Pipelines come as their JSON, pictures (C, H, W) float32 in [0, 1] through `encode_array`. What draws them is imported
with the first query: it takes torchvision, 1.4 s of processor time that most can do without.
"""

from collections.abc import Callable
from typing import Any

import torch

from core.runs.inference_client import decode_array, encode_array
from core.training.augmentation.pipeline import Pipeline


def augmented(pipeline: str, picture: str, other: str, seeds: list[int], index: int) -> dict[str, Any]:
    """Return one draw a seed, picture by picture, as `core.insight.augmentation_draws.render` makes it."""
    from core.insight import augmentation_draws

    torch.set_num_threads(1)  # pictures as small as these only wait for a second one
    made = augmentation_draws.render(Pipeline.from_json(pipeline), _picture(picture), _picture(other), seeds, index)
    return {"images": encode_array(made.images.numpy()), "drawn": made.drawn}


def augmented_average(pipeline: str, picture: str, other: str, seed: int) -> dict[str, Any]:
    """Return the summary of many draws, as `core.insight.augmentation_averages.average` makes it."""
    from core.insight import augmentation_averages

    torch.set_num_threads(1)
    found = augmentation_averages.average(Pipeline.from_json(pipeline), _picture(picture), _picture(other), seed)
    plain = {name: getattr(found, name) for name in ("drawn", "done", "ops", "moves", "moved", "lost")}
    return {"mean": encode_array(found.mean.numpy()), "spread": encode_array(found.spread.numpy()), **plain}


def augmented_sweep(pipeline: str, place: int, name: str, picture: str, other: str, seed: int, frames: int) -> str:
    """Return one setting swept over its range, as `core.insight.augmentation_averages.sweep` makes it."""
    from core.insight import augmentation_averages

    torch.set_num_threads(1)
    spec = Pipeline.from_json(pipeline)
    return encode_array(
        augmentation_averages.sweep(spec, place, name, _picture(picture), _picture(other), seed, frames).numpy()
    )


def augmenting_cost(pipeline: str, picture: str) -> dict[str, float]:
    """Return pictures per second, batched and one by one, as `core.insight.augmentation_averages.cost` measures it."""
    from core.insight import augmentation_averages

    found = augmentation_averages.cost(Pipeline.from_json(pipeline), _picture(picture))
    return {"whole_batch": found.whole_batch, "one_by_one": found.one_by_one}


def _picture(text: str) -> torch.Tensor:
    return torch.from_numpy(decode_array(text)).float()


QUERIES: dict[str, Callable[..., Any]] = {
    "augmented": augmented,
    "augmented_average": augmented_average,
    "augmented_sweep": augmented_sweep,
    "augmenting_cost": augmenting_cost,
}
