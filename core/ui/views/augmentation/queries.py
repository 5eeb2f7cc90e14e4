"""Query the inference process for the page, with cached results. All functions raise InferenceError."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.runs.inference_client import decode_array, encode_array
from core.training.augmentation.pipeline import Pipeline
from core.ui.backend import client
from core.ui.views.augmentation.picture import InputPicture

GRID = 16  # seeds of the pipeline for each of the page's seeds
TILES = 15  # three rows of five: the picture itself, and draws
FRAMES = 25
Floats = NDArray[np.float32]
DrawnNumbers = dict[str, float | str]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Images (N, H, W) or (N, H, W, 3), and for each image and step the drawn numbers; None if not applied."""

    images: Floats
    drawn: list[list[DrawnNumbers | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """Same as core.insight.augmentation_averages.Average, with channels last."""

    mean: Floats
    spread: Floats  # (H, W)
    drawn: list[dict[str, list[float]]]
    done: list[float]
    ops: list[dict[str, int]]
    moves: bool
    moved: list[float]
    lost: float


def shown(pipeline: Pipeline) -> int:
    """Return how many draws fill the tiles, beside the pictures that they are made from."""
    return TILES - (1 if pipeline.busy.mixing is None else 2)


def seeds(seed: int, count: int) -> list[int]:
    """Return the seeds of `count` draws, at most GRID, different for each of the page's seeds."""
    return [seed * GRID + draw for draw in range(count)]


def draws(pipeline: Pipeline, source: InputPicture, seed: int) -> Draws:
    """Return the draws that fill the tiles, computed one by one, as torchvision and the exported script do."""
    answer = _draws(pipeline.to_json(), source.key, seed, shown(pipeline), source)
    return Draws(_channels_last(decode_array(answer["images"])), answer["drawn"])


def average(pipeline: Pipeline, source: InputPicture, seed: int) -> Average:
    """Return the average of 256 draws, or of 64 if a policy is among the steps."""
    answer = dict(_average(pipeline.to_json(), source.key, seed, source))
    mean = _channels_last(decode_array(answer.pop("mean"))[None])[0]
    return Average(mean=mean, spread=decode_array(answer.pop("spread")), **answer)


def sweep(pipeline: Pipeline, place: int, name: str, source: InputPicture, seed: int) -> Floats:
    """Return FRAMES pictures, with one setting of a step swept over its range."""
    return _channels_last(decode_array(_sweep(pipeline.to_json(), place, name, source.key, seed, source)))


def cost(pipeline: Pipeline, source: InputPicture) -> tuple[float, float]:
    """Measure images per second: batched, and one by one."""
    answer = client.inference().query("augmenting_cost", pipeline=pipeline.to_json(), picture=_encode(source.picture))
    return float(answer["whole_batch"]), float(answer["one_by_one"])


@st.cache_data(max_entries=256, show_spinner="Drawing")
def _draws(pipeline: str, key: str, seed: int, count: int, _source: InputPicture) -> dict[str, Any]:
    drawn = seeds(seed, count)
    answer: dict[str, Any] = _query("augmented", _source, pipeline=pipeline, seeds=drawn, index=_source.index)
    return answer


@st.cache_data(max_entries=64, show_spinner="Drawing many")
def _average(pipeline: str, key: str, seed: int, _source: InputPicture) -> dict[str, Any]:
    answer: dict[str, Any] = _query("augmented_average", _source, pipeline=pipeline, seed=seed)
    return answer


@st.cache_data(max_entries=64, show_spinner="Drawing the frames")
def _sweep(pipeline: str, place: int, name: str, key: str, seed: int, _source: InputPicture) -> str:
    values = {"pipeline": pipeline, "place": place, "name": name, "seed": seed, "frames": FRAMES}
    return str(_query("augmented_sweep", _source, **values))


def _query(question: str, source: InputPicture, **values: Any) -> Any:
    pictures = {"picture": _encode(source.picture), "other": _encode(source.other)}
    return client.inference().query(question, **pictures, **values)


def _encode(picture: Picture) -> str:
    """Encode a picture as text: (H, W) or (H, W, 3) -> (C, H, W)."""
    planes = picture[None] if picture.ndim == 2 else np.moveaxis(picture, 2, 0)
    return encode_array(np.ascontiguousarray(planes, dtype=np.float32))


def _channels_last(pictures: NDArray[Any]) -> Floats:
    """Move channels last: (N, C, H, W) -> (N, H, W) or (N, H, W, 3)."""
    moved: Floats = pictures[:, 0] if pictures.shape[1] == 1 else np.moveaxis(pictures, 1, 3)
    return moved
