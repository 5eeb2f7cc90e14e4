"""The first filters of a trained network, each beside the hand-made filter that is most like it."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture, to_grey
from core.insight import pretrained
from core.insight.filter_similarity import Match, by_chance, closest, color_share, hand_made
from core.insight.pretrained import FirstLayer, NetworkError
from core.layers.specs import Conv, Size
from core.runs import files
from core.runs.run import FINISHED, Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.components.layer_stack import StackFilter, Twin, layer_stack
from core.ui.display import colors, numbers
from core.ui.state import page_state, query
from core.ui.state.fields import Choice
from core.ui.state.settings import Settings

NETWORK, PLANE = "l_network", "l_learned"  # in the URL
SHIPPED = ("cifar-cnn", "mnist-cnn", "mnist-cnn-moved")
MOST_FILTERS = 16
MOST_RUNS = 6
MIXES = {
    "in gray": (1 / 3, 1 / 3, 1 / 3),
    "red against green": (1.0, -1.0, 0.0),
    "blue against yellow": (-0.5, -0.5, 1.0),
}


@st.fragment
def show(picture: Picture, alt: str) -> None:
    """Draw a trained network's first layer on the page's picture, and what its filters resemble."""
    runs = {run.id: run for run in _runs()}
    options = [*runs, *SHIPPED]  # a network of one's own comes first
    name = Settings({NETWORK: options[0]}).choice(
        NETWORK,
        "Network",
        options,
        format=lambda key: _run_title(runs[key]) if key in runs else _title(key),
        help="Networks that have been trained here, and those that come with the app",
    )
    try:
        layer = pretrained.read_first_layer(runs[name].folder / files.WEIGHTS if name in runs else name)
    except NetworkError as refusal:
        messages.error(refusal)
        return
    matches, chance = _matches(layer.weights[:MOST_FILTERS])
    _draw(layer, matches, picture, alt, name)
    _compare(layer.weights, matches, chance)


def _draw(layer: FirstLayer, matches: list[Match], picture: Picture, alt: str, name: str) -> None:
    assert isinstance(layer.spec, Conv)  # no other is offered
    filters = [_filter(number, layer, match) for number, match in enumerate(matches)]
    keys = [one.key for one in filters]
    selected = layer_stack(
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
        "found by training",
        _looks_at(weights),
        weights,
        bias=float(layer.biases[number]),
        twin=Twin(
            "The nearest by hand", f"{match.title}. They are alike {match.likeness:.2f}, of at most 1.", match.weights
        ),
    )


def _looks_at(weights: NDArray[np.float32]) -> str:
    """What a filter (D, F, F) answers to, in a sentence."""
    if len(weights) == 3:
        share = color_share(weights)
        what = "color, whatever the brightness" if share > 0.5 else "light and dark, whatever the color"
        return f"{numbers.percent(share, 0)} of its strength is in differences of color: it answers mostly to {what}."
    balance = abs(float(weights.sum())) / float(np.abs(weights).sum())
    if balance < 0.25:
        return "Its weights nearly cancel: it answers to edges and strokes, and hardly to an even area."
    return f"Its weights sum to {numbers.rounded(float(weights.sum()), 2)}: it answers to even areas too."


def _compare(weights: NDArray[np.float32], matches: list[Match], chance: float) -> None:
    """What training found, against hand and chance, in numbers."""
    count, depth, size, _ = weights.shape
    best = max(range(len(matches)), key=lambda place: matches[place].likeness)
    above = sum(match.likeness > chance for match in matches)
    several = "" if count <= MOST_FILTERS else f" Drawn are the first {MOST_FILTERS} of its {count} filters."
    st.markdown(
        f"Nobody wrote these filters: training moved {numbers.count(weights.size)} random weights until the answers "
        f"came out right.{several} Filter {best + 1} is most like one written by hand: {matches[best].title}, "
        f"**{matches[best].likeness:.2f}**, where 1 means the same up to its size."
    )
    st.caption(
        f"Filters of {size} × {size} × {depth} drawn at random are alike {chance:.2f} to their nearest, on average, so "
        f"less than that says nothing; {above} of these {len(matches)} are above it. The planes are those of the "
        "convolution, on the picture as the network gets it (its mean taken away, divided by its deviation), before "
        "batch norm and ReLU."
    )


@st.cache_data(max_entries=16, show_spinner="Comparing with the catalogue")
def _matches(weights: NDArray[np.float32]) -> tuple[list[Match], float]:
    """The nearest hand-made filter of each of (K, D, F, F), and how near filters come by chance."""
    candidates = hand_made(weights.shape[-1], MIXES if weights.shape[1] == 3 else None)
    return [closest(one, candidates) for one in weights], by_chance(weights.shape[1:], candidates)


def _as_deep(picture: Picture, depth: int) -> Picture:
    """The picture with as many channels as the network reads."""
    if depth == 1:
        return to_grey(picture)
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], depth, axis=2)


def _runs() -> list[Run]:
    """Finished networks of the store whose first filters can be drawn, newest first."""
    try:
        recent = client.runs().recent(50)
    except StoreUnavailable:
        return []
    return [run for run in recent if run.state == FINISHED and _begins_with_filters(run.experiment)][:MOST_RUNS]


def _begins_with_filters(experiment: Experiment) -> bool:
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
        f"Comes with the app: {trained.title.removesuffix(' for CIFAR-10')}, {spec.filters} filters of {spec.kernel} × "
        f"{spec.kernel}, {numbers.percent(trained.accuracy, 1)} on {_data(trained.experiment)}"
    )


def _data(experiment: Experiment) -> str:
    """What its accuracy is of: a stand-in by its own name."""
    return {"mnist": "MNIST", "cifar10": "CIFAR-10"}.get(experiment.data, experiment.data)
