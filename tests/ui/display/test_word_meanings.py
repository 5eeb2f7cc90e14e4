"""Every word on the drawings of the app's own networks has a meaning that is at hand."""

import re

import pytest

from core.layers.builders import cnn, mlp
from core.layers.cifar_networks import NETWORKS
from core.layers.specs import Network
from core.training.presets import PRESETS
from core.ui.display import word_meanings
from core.ui.display.layer_groups import stages
from core.ui.display.network_diagram import network_svg

DRAWN = {"MLP": mlp([128, 128]), "CNN": cnn(2, 16, 3)} | {name: layers for name, (_, layers) in NETWORKS.items()}
PLAIN = {"picture", "all alike", "shared", "layers"}  # everyday words


def shape(network: Network) -> tuple[int, int, int]:
    return (1, 28, 28) if network in (DRAWN["MLP"], DRAWN["CNN"]) else (3, 32, 32)


@pytest.mark.parametrize("name", DRAWN)
def test_no_word_on_a_drawing_is_without_a_meaning(name: str) -> None:
    network = DRAWN[name]
    lines = {line for stage in stages(network, shape(network)) for line in (stage.heading, *stage.made_by)} - PLAIN
    unknown = {line for line in lines if not word_meanings.of_label(line)}
    assert not {line for line in unknown if not re.fullmatch(r"\d+ layers?", line)}
    svg = network_svg(network, shape(network), color="#000", title="A network")
    assert svg.count("<title>") > len({word_meanings.of_label(line) for line in lines})


@pytest.mark.parametrize("name", ["capsule-small", "capsnet"])
def test_capsules_have_theirs(name: str) -> None:
    told = " ".join(word_meanings.of_networks([PRESETS[name].experiment.layers]))
    assert all(f"**{word}**" in told for word in ("capsules", "routing", "lengths", "stride", "conv"))


def test_a_page_tells_the_words_of_its_own_networks_alone_in_the_order_of_the_course() -> None:
    words = [re.match(r"\*\*(\w+)\*\*", line)[1] for line in word_meanings.of_networks([DRAWN["MLP"]])]  # type: ignore[index]
    assert words == ["ReLU", "flatten", "dense", "parameters", "MACs"]


@pytest.mark.parametrize(("label", "word"), [("leaky ReLU", "an activation"), ("layer norm", "one picture")])
def test_a_label_of_two_words_is_not_taken_for_one_of_them(label: str, word: str) -> None:
    assert word in word_meanings.of_label(label)
