"""The first-layer filters of a trained network, each with the most similar hand-made filter."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture, to_gray
from core.insight import pretrained
from core.insight.filter_similarity import Match, by_chance, closest, color_share, hand_made
from core.insight.pretrained import FirstLayer, NetworkError
from core.layers.specs import Conv, Size
from core.runs import run_files
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.size_text import format_shape
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.components.filter_layer import SimilarFilter, StackFilter, filter_layer
from core.ui.display import colors, numbers
from core.ui.state import page_state, query
from core.ui.state.settings import Settings
from core.ui.state.url_values import Choice

NETWORK, PLANE = "l_network", "l_learned"  # in the URL
PRETRAINED = ("cifar-cnn", "mnist-cnn", "mnist-cnn-moved")
MAX_FILTERS = 16
MAX_RUNS = 6
COLOR_MIXES = {
    "in gray": (1 / 3, 1 / 3, 1 / 3),
    "red against green": (1.0, -1.0, 0.0),
    "blue against yellow": (-0.5, -0.5, 1.0),
}


@st.fragment
def show(picture: Picture, alt: str) -> None:
    """Draw a trained network's first layer on the page's picture, with the most similar hand-made filters."""
    runs = {run.id: run for run in _runs()}
    options = [*runs, *PRETRAINED]  # the user's networks come first
    name = Settings({NETWORK: options[0]}).choice(
        NETWORK,
        "Network",
        options,
        format=lambda key: _run_title(runs[key]) if key in runs else _title(key),
        help="Networks trained here, and pretrained ones that come with the app",
    )
    try:
        layer = pretrained.read_first_layer(runs[name].folder / run_files.WEIGHTS if name in runs else name)
    except NetworkError as refusal:
        messages.error(refusal)
        return
    matches, chance = _matches(layer.weights[:MAX_FILTERS])
    _draw(layer, matches, picture, alt, name)
    _compare(layer.weights, matches, chance)


def _draw(layer: FirstLayer, matches: list[Match], picture: Picture, alt: str, name: str) -> None:
    assert isinstance(layer.spec, Conv)  # only such networks are offered
    filters = [_filter(number, layer, match) for number, match in enumerate(matches)]
    keys = [item.key for item in filters]
    selected = filter_layer(
        _as_deep(picture, layer.weights.shape[1]),
        filters,
        key=page_state.key(f"l_learned_{name}"),
        alt=f"{alt}. {len(keys)} filters of a trained network make a block of planes.",
        selected=query.value(PLANE, Choice("Plane", keys), keys[0]),
        edits={},
        stride=_side(layer.spec.stride),
        border=_border(layer.spec),
        normalize=(layer.mean, layer.std),
    )
    query.write(PLANE, selected if selected != keys[0] else None)


def _filter(number: int, layer: FirstLayer, match: Match) -> StackFilter:
    weights = layer.weights[number]
    return StackFilter(
        str(number + 1),
        "learned",
        _selectivity(weights),
        weights,
        bias=float(layer.biases[number]),
        twin=SimilarFilter(
            "Most similar hand-made filter",
            f"{match.title}. Cosine similarity {match.cosine_similarity:.2f}.",
            match.weights,
        ),
    )


def _selectivity(weights: NDArray[np.float32]) -> str:
    """Return a sentence about what a filter (D, F, F) responds to."""
    if len(weights) == 3:
        share = color_share(weights)
        what = "color" if share > 0.5 else "brightness"
        return f"{numbers.percent(share, 0)} of its energy is in color differences: it responds mostly to {what}."
    balance = abs(float(weights.sum())) / float(np.abs(weights).sum())
    if balance < 0.25:
        return "Its weights nearly cancel: it responds to edges and strokes, and hardly to uniform areas."
    return f"Its weights sum to {numbers.rounded(float(weights.sum()), 2)}: it responds to uniform areas too."


def _compare(weights: NDArray[np.float32], matches: list[Match], chance: float) -> None:
    """Describe how similar the learned filters are to hand-made and random ones."""
    count, depth, size, _ = weights.shape
    best = max(range(len(matches)), key=lambda index: matches[index].cosine_similarity)
    above = sum(match.cosine_similarity > chance for match in matches)
    several = "" if count <= MAX_FILTERS else f" The first {MAX_FILTERS} of its {count} filters are drawn."
    st.markdown(
        f"These filters were not designed: training adjusted {numbers.count(weights.size)} random weights to reduce "
        f"the loss.{several} Filter {best + 1} is the most similar to a hand-made one: {matches[best].title}, cosine "
        f"similarity **{matches[best].cosine_similarity:.2f}**; 1 means equal up to a factor."
    )
    st.caption(
        f"Filters of {format_shape((depth, size, size))} drawn at random reach a similarity of {chance:.2f} on "
        f"average; {above} of these {len(matches)} filters are above it. The planes are the outputs of the convolution "
        "for the normalized picture (minus mean, divided by standard deviation), before batch norm and ReLU."
    )


@st.cache_data(max_entries=16, show_spinner="Comparing with the catalogue")
def _matches(weights: NDArray[np.float32]) -> tuple[list[Match], float]:
    """Return the most similar hand-made filter for each of (K, D, F, F), and the mean similarity of random filters."""
    candidates = hand_made(weights.shape[-1], COLOR_MIXES if weights.shape[1] == 3 else None)
    return [closest(filter, candidates) for filter in weights], by_chance(weights.shape[1:], candidates)


def _as_deep(picture: Picture, depth: int) -> Picture:
    """Return the picture with as many channels as the network expects."""
    if depth == 1:
        return to_gray(picture)
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], depth, axis=2)


def _runs() -> list[Run]:
    """Return finished runs whose first-layer filters can be drawn, newest first."""
    try:
        recent = client.runs().recent(50)
    except StoreUnavailable:
        return []
    return [run for run in recent if run.state == FINISHED and _starts_with_convolution(run.experiment)][:MAX_RUNS]


def _starts_with_convolution(experiment: Experiment) -> bool:
    first = experiment.layers[0]
    return (
        isinstance(first, Conv)
        and first.groups == first.dilation == 1
        and isinstance(first.kernel, int)
        and isinstance(first.stride, int)
        and (first.padding == "same" or isinstance(first.padding, int))
        and not experiment.shuffle_pixels
        and not experiment.whitening  # its first filters are computed from the pictures, not learned
    )


def _side(size: Size) -> int:
    return size if isinstance(size, int) else size[0]


def _border(spec: Conv) -> int:
    return (_side(spec.kernel) - 1) // 2 if isinstance(spec.padding, str) else _side(spec.padding)


def _run_title(run: Run) -> str:
    spec: Any = run.experiment.layers[0]
    accuracy = numbers.percent(run.summary["test_accuracy"], 1)
    name = colors.role(run.experiment).name
    filters = f"{spec.filters} filters of {spec.kernel} × {spec.kernel}"
    return f"Trained here: {name}, {filters}, {accuracy} on {_data(run.experiment)}"


def _title(name: str) -> str:
    trained = pretrained.network(name)
    spec: Any = trained.experiment.layers[0]
    return (
        f"Pretrained: {trained.title.removesuffix(' for CIFAR-10')}, {spec.filters} filters of {spec.kernel} × "
        f"{spec.kernel}, {numbers.percent(trained.accuracy, 1)} on {_data(trained.experiment)}"
    )


def _data(experiment: Experiment) -> str:
    """Return the name of the data set that the accuracy was measured on."""
    return {"mnist": "MNIST", "cifar10": "CIFAR-10"}.get(experiment.data, experiment.data)
