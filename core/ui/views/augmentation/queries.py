"""The page's questions to the answering process, kept by what was asked. All raise InferenceError with a sentence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.runs.inference_client import decode_array, encode_array
from core.training.augmentation.pipeline import Pipeline
from core.ui.backend import client
from core.ui.views.augmentation.picture import Subject

GRID = 16
FRAMES = 25
Floats = NDArray[np.float32]
DrawnNumbers = dict[str, float | str]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """images (GRID, H, W) or (GRID, H, W, 3); what was drawn, for each and each step, None where it was not done."""

    images: Floats
    drawn: list[list[DrawnNumbers | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """As of core.insight.averages.Average, pictures channels last."""

    mean: Floats
    spread: Floats  # (H, W)
    drawn: list[dict[str, list[float]]]
    done: list[float]
    ops: list[dict[str, int]]
    moved: list[float]
    lost: float


def seeds(seed: int) -> list[int]:
    """The seeds of the GRID draws: of one page's seed other ones than of the next."""
    return [seed * GRID + draw for draw in range(GRID)]


def draws(pipeline: Pipeline, subject: Subject, seed: int) -> Draws:
    """GRID draws, picture by picture as torchvision does it and the exported program too."""
    answer = _draws(pipeline.to_json(), subject.key, seed, subject)
    return Draws(_last(decode_array(answer["images"])), answer["drawn"])


def average(pipeline: Pipeline, subject: Subject, seed: int) -> Average:
    """256 draws summed up, or 64 where a policy is among the steps."""
    answer = dict(_average(pipeline.to_json(), subject.key, seed, subject))
    mean = _last(decode_array(answer.pop("mean"))[None])[0]
    return Average(mean=mean, spread=decode_array(answer.pop("spread")), **answer)


def sweep(pipeline: Pipeline, place: int, name: str, subject: Subject, seed: int) -> Floats:
    """FRAMES pictures: one setting of a step from its least to its most."""
    return _last(decode_array(_sweep(pipeline.to_json(), place, name, subject.key, seed, subject)))


def cost(pipeline: Pipeline, subject: Subject) -> tuple[float, float]:
    """Images a second: a whole batch at once, and one by one. Measured when it is asked."""
    answer = client.inference().query("augmenting_cost", pipeline=pipeline.to_json(), picture=_first(subject.picture))
    return float(answer["whole_batch"]), float(answer["one_by_one"])


@st.cache_data(max_entries=256, show_spinner="Drawing")
def _draws(pipeline: str, key: str, seed: int, _subject: Subject) -> dict[str, Any]:
    answer: dict[str, Any] = _ask("augmented", _subject, pipeline=pipeline, seeds=seeds(seed), index=_subject.index)
    return answer


@st.cache_data(max_entries=64, show_spinner="Drawing many")
def _average(pipeline: str, key: str, seed: int, _subject: Subject) -> dict[str, Any]:
    answer: dict[str, Any] = _ask("augmented_average", _subject, pipeline=pipeline, seed=seed)
    return answer


@st.cache_data(max_entries=64, show_spinner="Drawing the frames")
def _sweep(pipeline: str, place: int, name: str, key: str, seed: int, _subject: Subject) -> str:
    values = {"pipeline": pipeline, "place": place, "name": name, "seed": seed, "frames": FRAMES}
    return str(_ask("augmented_sweep", _subject, **values))


def _ask(question: str, subject: Subject, **values: Any) -> Any:
    pictures = {"picture": _first(subject.picture), "other": _first(subject.other)}
    return client.inference().query(question, **pictures, **values)


def _first(picture: Picture) -> str:
    """(H, W) or (H, W, 3) -> (C, H, W), as text."""
    planes = picture[None] if picture.ndim == 2 else np.moveaxis(picture, 2, 0)
    return encode_array(np.ascontiguousarray(planes, dtype=np.float32))


def _last(pictures: NDArray[Any]) -> Floats:
    """(N, C, H, W) -> (N, H, W) or (N, H, W, 3)."""
    last: Floats = pictures[:, 0] if pictures.shape[1] == 1 else np.moveaxis(pictures, 1, 3)
    return last
