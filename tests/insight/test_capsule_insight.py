"""What the page about a trained capsule network asks, against torch itself, on a small network with random weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.images import handwriting_measures
from core.insight import capsules, multi_mnist
from core.insight.capsule_decoder import Decoder, read_decoder
from core.insight.capsule_effects import summarize
from core.insight.capsules import STEP, NoCapsules
from core.insight.loaded_network import Loaded, load
from core.insight.pretrained import NetworkError, network
from core.layers.builders import capsule_network, cnn
from core.layers.specs import Network
from core.nets.capsule import CapsuleDecoder, PrimaryCapsules, RoutedCapsules
from core.nets.network import build
from core.runs import capsule_queries
from core.runs.inference_client import decode_array, encode_array
from core.runs.query_checks import QueryError
from core.training.experiment import Experiment

SMALL = capsule_network(6, types=2, pose=4, dimensions=5, decoder=(9, 11))
SHAPE = (1, 28, 28)


def saved(folder: Path, layers: Network = SMALL) -> Path:
    """Write a network with random weights as training does."""
    torch.manual_seed(0)
    made = build(layers, SHAPE)
    experiment = Experiment(layers=layers, precision="float32").to_json()
    about = {"experiment": json.dumps(experiment), "shape": json.dumps(SHAPE), "mean": "[0.1]", "std": "[0.3]"}
    path = folder / "small.safetensors"
    save_file(made.state_dict(), path, about)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("capsules"))


@pytest.fixture(scope="module")
def small(file: Path) -> Loaded:
    return load(file)


def parts(loaded: Loaded) -> tuple[PrimaryCapsules, RoutedCapsules, CapsuleDecoder]:
    kinds = (PrimaryCapsules, RoutedCapsules, CapsuleDecoder)
    return tuple(next(m for m in loaded.network if isinstance(m, kind)) for kind in kinds)


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, *SHAPE), dtype=np.uint8)


def test_a_look_holds_the_capsules_and_the_routing_of_each_iteration(small: Loaded) -> None:
    one = pictures(1)
    primary, routing, _ = parts(small)
    with torch.inference_mode():
        poses = primary(small.network[1](small.network[0](small.normalization(torch.from_numpy(one)))))
        found = capsules.look(small, one[0])
        np.testing.assert_allclose(found.vectors, routing(poses)[0], atol=1e-6)
        np.testing.assert_allclose(found.primary, poses[0].norm(dim=1), atol=1e-6)
        for place, iterations in enumerate(range(1, 6)):
            vectors, coefficients = routing.routed(poses, iterations)
            np.testing.assert_allclose(found.couplings[place], coefficients[0], atol=1e-6)
            np.testing.assert_allclose(found.routed[place], vectors[0].norm(dim=1), atol=1e-6)
    assert found.grid == (2, 4, 4)
    assert found.couplings.shape == (5, 32, 10)
    np.testing.assert_allclose(found.couplings.sum(axis=2), 1, atol=1e-6)
    np.testing.assert_allclose(found.couplings[0], 0.1, atol=1e-6)
    np.testing.assert_allclose(found.routed[2], np.linalg.norm(found.vectors, axis=1), atol=1e-5)  # trained with 3


def test_effects_are_the_measures_of_two_reconstructions(small: Loaded) -> None:
    some, digit, number = pictures(3), 4, 2
    *_, decoder = parts(small)
    with torch.inference_mode():
        low, high = (capsules.vectors(small, some).clone() for _ in range(2))
        low[:, digit, number] -= STEP
        high[:, digit, number] += STEP
        drawn = [decoder.pictures(one, torch.full((3,), digit)).reshape(3, 28, 28).numpy() for one in (low, high)]
    expected = handwriting_measures.measure(drawn[1]) - handwriting_measures.measure(drawn[0])
    found = capsules.effects(small, some, digit)
    assert found.shape == (3, 5, 4)
    np.testing.assert_allclose(found[:, number], expected, atol=1e-4)


def test_the_two_longest_capsules_are_drawn_each_alone(small: Loaded) -> None:
    some = pictures(4)
    found = capsules.separate(small, some)
    vectors = capsules.vectors(small, some)
    np.testing.assert_allclose(found.lengths, vectors.norm(dim=2), atol=1e-6)
    for row in range(4):
        order = np.argsort(-found.lengths[row])
        assert found.found[row].tolist() == order[:2].tolist()
        for place in range(2):
            with torch.inference_mode():
                alone = parts(small)[2].pictures(vectors[row : row + 1], torch.tensor([order[place]]))
            np.testing.assert_allclose(found.drawn[row, place].ravel(), alone[0], atol=1e-6)


def test_a_network_without_capsules_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, cnn(1, 4, dense=0))
    with pytest.raises(NoCapsules, match="no layer PrimaryCapsules"):
        capsules.look(load(path), pictures(1)[0])
    with pytest.raises(QueryError, match="capsules and a decoder"):
        capsule_queries.capsule_look(str(path), encode_array(pictures(1)[0]))
    with pytest.raises(NetworkError, match="no decoder"):
        read_decoder(path)
    with pytest.raises(NetworkError, match="missing or broken"):
        read_decoder(tmp_path / "nothing.safetensors")


def test_queries_answer_in_parts_and_within_limits(file: Path) -> None:
    asked = {"network": str(file), "dataset": "mnist-5k", "seed": 0}
    answers = [
        decode_array(capsule_queries.capsule_effects(**asked, count=6, digit=3, part=part, parts=2)["effects"])
        for part in range(2)
    ]
    whole = decode_array(capsule_queries.capsule_effects(**asked, count=6, digit=3, part=0, parts=1)["effects"])
    np.testing.assert_allclose(np.stack(answers, axis=1).reshape(whole.shape), whole, atol=1e-4)
    with pytest.raises(QueryError, match="at once"):
        capsule_queries.capsule_effects(**asked, count=60, digit=3, part=0, parts=1)
    with pytest.raises(QueryError, match="at once"):
        capsule_queries.capsule_pairs(**asked, count=501)
    with pytest.raises(QueryError, match="takes pictures of"):
        capsule_queries.capsule_look(str(file), encode_array(np.zeros((1, 20, 20), np.uint8)))
    pairs = {name: decode_array(text) for name, text in capsule_queries.capsule_pairs(**asked, count=3).items()}
    assert pairs["labels"].shape == pairs["found"].shape == (3, 2)
    assert pairs["drawn"].shape == pairs["alone"].shape == (2, 28, 28)
    assert decode_array(capsule_queries.handwriting_spread(**asked, count=50)["spread"]).shape == (4,)


def test_pairs_are_two_digits_shifted_by_up_to_four_pixels() -> None:
    digits = np.zeros((10, 1, 28, 28), np.uint8)
    digits[:, 0, 14, 14] = 200  # one pixel tells where a digit lies
    found = multi_mnist.pairs(digits, np.arange(10), 300, seed=0, side=36)
    assert found.pictures.shape == (300, 1, 36, 36)
    assert (found.labels[:, 0] != found.labels[:, 1]).all()
    places = np.stack(np.nonzero(found.alone), axis=1)[:, 2:]  # of all 600 pixels
    assert len(places) == 600
    assert np.unique(places - 18).tolist() == list(range(-4, 5))
    expected = np.minimum(found.alone.sum(axis=1, dtype=int), 255)
    np.testing.assert_array_equal(found.pictures[:, 0], expected)
    assert (expected == 255).any()  # two pixels met
    again = multi_mnist.pairs(digits, np.arange(10), 300, seed=0, side=36)
    np.testing.assert_array_equal(again.pictures, found.pictures)
    cut = multi_mnist.pairs(np.full((2, 1, 28, 28), 9, np.uint8), np.arange(2), 20, seed=0, side=28)
    assert (cut.alone == 0).any()  # what a shift leaves behind is black


def test_a_number_is_named_after_what_it_moves_most() -> None:
    effects = np.zeros((8, 3, 4))
    effects[:, 0, 1] = 20  # all digits: slant, two standard deviations
    effects[:6, 1, 0], effects[6:, 1, 2] = -4, 1  # six of eight: width
    effects[:, 2] = 0.01
    slant, width, faint = summarize(effects, np.array([4.0, 10.0, 0.5, 25.0]))
    assert (slant.most, slant.share.value, slant.sizes[1]) == ("slant", 1, 2)
    assert (width.most, width.share.value, width.changes[0]) == ("width", 0.75, -3)
    assert width.share.low == pytest.approx(0.409, abs=0.001)  # Wilson, 6 of 8
    assert [one.is_faint for one in (slant, width, faint)] == [False, False, True]


def drawn_by(decoder: Decoder, vector: np.ndarray, digit: int) -> np.ndarray:
    values = np.zeros(decoder.widths[0], np.float32)
    values[digit * len(vector) : (digit + 1) * len(vector)] = vector
    for weights, biases in decoder.layers[:-1]:
        values = np.maximum(weights @ values + biases, 0)
    weights, biases = decoder.layers[-1]
    return 1 / (1 + np.exp(-(weights @ values + biases)))


def test_the_decoder_is_read_without_torch_and_packed_without_loss() -> None:
    path = network("mnist-capsule").file
    loaded, decoder = load(path), read_decoder(path)
    vectors = capsules.vectors(loaded, pictures(20)).numpy()
    for row in range(20):
        digit = row % 10
        drawn = capsules.redraw(loaded, torch.from_numpy(vectors[row : row + 1]), torch.tensor([digit])).ravel()
        np.testing.assert_allclose(drawn_by(decoder, vectors[row, digit], digit), drawn, atol=1e-5)
    packed = np.frombuffer(decoder.pack(), "<f2").astype(np.float32)
    numbers = np.concatenate([array.ravel() for layer in decoder.layers for array in layer])
    np.testing.assert_array_equal(packed, numbers)  # the networks that come with the app are stored in float16
