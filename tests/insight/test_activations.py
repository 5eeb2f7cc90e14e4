"""What goes on inside a network, against torch's own hooks and against looking at every picture."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from core import data
from core.insight import activations
from core.insight.loaded import Loaded, load
from core.insight.networks import SHIPPED, network
from core.layers.calculator import analyse
from core.runs.inference import Inference, InferenceError, decoded, encoded


def loaded(name: str) -> Loaded:
    return load(network(name).file)


def picture(shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inference]:
    asked = Inference(tmp_path_factory.mktemp("home"))
    yield asked
    asked.stop()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_output_is_what_a_forward_hook_sees(name: str) -> None:
    trained = loaded(name)
    one = picture(trained.shape)
    seen: list[torch.Tensor] = []
    handles = [module.register_forward_hook(lambda *a: seen.append(a[2].detach())) for module in trained.network]
    with torch.inference_mode():
        trained.network(trained.normalization(torch.as_tensor(one[None])))
    for handle in handles:
        handle.remove()
    found = activations.outputs(trained, one)
    assert len(found) == len(seen) + 1
    mean, std = (np.array(numbers)[:, None, None] for numbers in (network(name).mean, network(name).std))
    np.testing.assert_allclose(found[0], (one / 255 - mean) / std, rtol=1e-5, atol=1e-5)
    for mine, hooked, row in zip(found[1:], seen, analyse(trained.experiment.layers, trained.shape), strict=True):
        assert mine.shape == row.output_shape
        assert mine.dtype == np.float32
        np.testing.assert_array_equal(mine, hooked[0].numpy())


def test_the_random_twin_is_the_same_for_a_seed_and_another_for_another() -> None:
    trained = loaded("mnist-cnn")
    one = picture(trained.shape)
    state = torch.random.get_rng_state()
    first, again, other = (activations.with_random_weights.__wrapped__(trained, seed) for seed in (3, 3, 4))
    assert torch.equal(state, torch.random.get_rng_state())  # other questions draw as if it had not been asked
    answers = [activations.outputs(twin, one)[-1] for twin in (trained, first, again, other)]
    np.testing.assert_array_equal(answers[1], answers[2])
    assert not np.allclose(answers[1], answers[3])
    assert not np.allclose(answers[1], answers[0])
    assert first.experiment == trained.experiment


@pytest.mark.parametrize(("name", "layer"), [("mnist-cnn", 4), ("mnist-mlp", 1), ("cifar-cnn", 2)])
def test_what_excites_most_is_found_as_by_looking_at_every_picture(
    name: str, layer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "BATCH", 16)  # several, the last one smaller
    trained = loaded(name)
    images = data.load(trained.experiment.data).test_images[:40]
    values, places, units = activations.strongest(trained, layer, images, 9)
    every = np.stack([activations.outputs(trained, np.array(image))[layer + 1] for image in images])
    every = every.reshape(len(images), every.shape[1], -1)  # (N, K, H * W)
    best = np.sort(every.max(axis=2), axis=0)[::-1][:9].T  # (K, 9)
    np.testing.assert_allclose(values, best, rtol=1e-4, atol=1e-4)
    for plane in range(len(values)):
        at = every[places[plane], plane, units[plane]]
        np.testing.assert_allclose(at, values[plane], rtol=1e-4, atol=1e-4)
    assert all(len(set(row)) == 9 for row in places.tolist())


def test_parameters_are_the_files() -> None:
    from safetensors.numpy import load_file

    tensors = load_file(network("cifar-cnn").file)
    weights, biases = activations.parameters(loaded("cifar-cnn"), 3)
    np.testing.assert_array_equal(weights, tensors["3.weight"])
    np.testing.assert_array_equal(biases, tensors["3.bias"])
    assert [one.shape for one in activations.parameters(loaded("cifar-cnn"), 2)] == [(0,), (0,)]


def test_the_answering_process_tells_the_same(inference: Inference) -> None:
    one = picture((1, 28, 28))
    file = inference.file("mnist-cnn")
    for seed in (None, 5):
        trained = loaded("mnist-cnn")
        twin = trained if seed is None else activations.with_random_weights(trained, seed)
        flat = decoded(inference.ask("outputs", network=file, image=encoded(one), seed=seed))
        mine = np.concatenate([x.ravel() for x in activations.outputs(twin, one)])
        np.testing.assert_allclose(flat, mine, rtol=1e-4, atol=1e-5)
        weights, _ = map(decoded, inference.ask("parameters", network=file, layer=4, seed=seed))
        np.testing.assert_array_equal(weights, activations.parameters(twin, 4)[0])


def test_parts_of_the_test_set_are_named_by_their_places_in_the_whole(inference: Inference) -> None:
    file = inference.file("mnist-linear")
    values, places, units = map(decoded, inference.ask("strongest", network=file, layer=1, first=200, count=50, most=9))
    assert values.shape == places.shape == units.shape == (10, 9)
    assert places.min() >= 200
    assert places.max() < 250
    assert (units == 0).all()


def test_a_picture_of_another_shape_is_refused_in_a_sentence(inference: Inference) -> None:
    with pytest.raises(InferenceError, match="takes pictures of 1 x 28 x 28"):
        inference.ask("outputs", network=inference.file("mnist-cnn"), image=encoded(picture((3, 32, 32))))
