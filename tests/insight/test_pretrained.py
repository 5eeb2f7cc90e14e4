"""The networks that come with the app: what is written beside them, and their first layers read without torch."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.data import load
from core.insight import train_pretrained
from core.insight.pretrained import FOLDER, PAIRS, PRETRAINED, NetworkError, first_layer, network, read_first_layer
from core.insight.transforms import SHIFTS
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Linear
from core.training.experiment import Experiment
from core.ui.views.invariance import networks, robustness

ROOT = Path(__file__).parents[2]
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PRETRAINED)
def test_each_is_the_experiment_of_its_recipe(name: str) -> None:
    """Who changes a recipe trains the network anew."""
    assert network(name).experiment == train_pretrained.RECIPES[name].experiment
    assert network(name).title == train_pretrained.RECIPES[name].title


def test_every_recipe_is_shipped_and_nothing_else() -> None:
    assert set(train_pretrained.RECIPES) == set(PRETRAINED)
    files = {f"{name}.{kind}" for name in (*PRETRAINED, PAIRS) for kind in ("json", "safetensors")} | {"README.md"}
    assert {path.name for path in FOLDER.iterdir()} == files


def test_they_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    capsules = sum(size for name, size in sizes.items() if "capsule" in name)
    assert capsules < 3e6
    assert sum(sizes.values()) - capsules < 5e6


def test_the_networks_compared_on_affnist_are_as_often_right_on_digits_that_are_only_placed() -> None:
    capsules, cnn = network("mnist-40-capsule"), network("mnist-40-cnn")
    assert capsules.accuracy == pytest.approx(cnn.accuracy, abs=0.0015)
    assert capsules.interval[0] < cnn.accuracy < capsules.interval[1]


@pytest.mark.parametrize("name", PRETRAINED)
def test_the_readme_says_what_was_measured(name: str) -> None:
    trained = network(name)
    low, high = trained.interval
    row = next(line for line in README.splitlines() if f"`{name}`" in line)
    assert f"| {trained.correct:,} | {100 * trained.accuracy:.2f} % | {100 * low:.2f} to {100 * high:.2f} % |" in row


@pytest.mark.parametrize("name", PRETRAINED)
def test_the_readme_says_what_is_lost_by_shifts(name: str) -> None:
    row = [line for line in README.splitlines() if f"`{name}`" in line][1]
    cells = [
        f"{100 * share.value:.2f} ({100 * share.low:.2f} to {100 * share.high:.2f})".replace("-", "−")
        for share in network(name).lost.values()
    ]
    assert row == f"| `{name}` | {' | '.join(cells)} |"
    assert list(network(name).lost) == [2, 4, 8]


@pytest.mark.parametrize("name", [name for name in PRETRAINED if name in networks.PRETRAINED])
def test_the_page_shows_what_the_readme_says(name: str) -> None:
    (one,) = networks.pretrained({name: networks.PRETRAINED[name]})
    answers = np.zeros((len(SHIFTS), len(SHIFTS), 20), np.uint8)
    shown = robustness.losses([one], {name: answers}, np.zeros(20, np.int64))["Lost at 4 px, of 10,000"][0]
    assert shown == [line for line in README.splitlines() if f"`{name}`" in line][1].split(" | ")[2]


@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "mnist-cnn" else pytest.mark.nightly) for name in PRETRAINED]
)
def test_float32_finds_what_is_told_to_be_lost_by_4_px(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.insight import invariance
    from core.insight.loaded_network import load as load_network

    monkeypatch.setattr(invariance, "fastest", None)  # bf16 is off by more than a tenth of a point
    monkeypatch.setattr(invariance, "DISTANCES", (4,))
    trained = network(name)
    pictures, labels = invariance.some_pictures(train_pretrained.ALL_PICTURES, 0, trained.experiment.data)
    found, told = invariance.losses(load_network(trained.file), pictures, labels)[4], trained.lost[4]
    assert len(labels) == 10_000
    assert (found.value, found.low, found.high) == pytest.approx((told.value, told.low, told.high), abs=2e-4)


@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
def test_two_digits_are_found_as_often_as_the_readme_says() -> None:
    from core.insight import train_pretrained_pairs

    about = json.loads((FOLDER / f"{PAIRS}.json").read_text(encoding="utf-8"))
    found = train_pretrained_pairs.measured()
    assert found == {"correct_pairs": pytest.approx(about["correct_pairs"], abs=5), "test_pairs": 10_000}
    assert f"are both right in {about['correct_pairs']:,}:" in " ".join(README.split())
    assert about["correct_pairs"] > 5_000


@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
@pytest.mark.parametrize("name", PRETRAINED)
def test_torch_finds_the_accuracy_on_the_real_test_set(name: str) -> None:
    import torch
    from safetensors.torch import load_file as load_tensors

    from core.nets.network import build
    from core.training.augmentation.normalization import Normalization

    trained = network(name)
    dataset = load(trained.experiment.data, exact=True)
    model = build(trained.experiment.layers, dataset.info.shape).eval()
    model.load_state_dict(load_tensors(trained.file))
    images = Normalization(trained.mean, trained.std)(np.array(dataset.test_images))
    with torch.inference_mode():
        answers = torch.cat([model(batch).argmax(dim=1) for batch in images.split(250)])
    correct = int((answers == torch.as_tensor(np.array(dataset.test_labels))).sum())
    assert len(answers) == trained.test_images == 10_000
    assert abs(correct - trained.correct) <= 2  # another processor rounds otherwise, which can turn a close answer


def test_first_layers_are_read_without_torch() -> None:
    code = (
        "import sys\n"
        "from core.insight.pretrained import PRETRAINED, first_layer\n"
        "print([first_layer(name).shape for name in PRETRAINED])\n"
        "sys.exit('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    shapes = [(10, 1, 28, 28), (128, 1, 28, 28), *[(16, 1, 3, 3)] * 5, *[(48, 1, 5, 5)] * 2, (16, 3, 7, 7)]
    assert run.stdout.strip() == str(shapes)


def test_a_unit_of_the_linear_classifier_is_a_picture_of_its_weights() -> None:
    """Reading the ten pictures against a digit gives the scores that the network would."""
    layer = read_first_layer("mnist-linear")
    dataset = load("mnist-5k")
    digits = (dataset.test_images / 255 - layer.mean[0]) / layer.std[0]  # (N, 1, 28, 28)
    scores = np.einsum("ncyx,kcyx->nk", digits, layer.weights) + layer.biases
    assert (scores.argmax(axis=1) == dataset.test_labels).mean() == pytest.approx(
        network("mnist-linear").accuracy, abs=0.03
    )


def test_the_first_filters_of_the_color_network_are_smooth() -> None:
    """They are shipped to be looked at: neighbors are alike, which those of a network before training are not."""

    def alike(filters: np.ndarray) -> float:
        return float(np.corrcoef(filters[..., 1:].ravel(), filters[..., :-1].ravel())[0, 1])

    assert alike(first_layer("cifar-cnn")) > 0.4
    assert abs(alike(np.random.default_rng(0).uniform(-1, 1, (16, 3, 7, 7)))) < 0.1


def run_file(path: Path, layers: tuple, tensors: dict[str, np.ndarray], shape: tuple[int, ...] = (1, 6, 6)) -> Path:
    """A weights file as a finished run has it (core.training.checkpoints.save_weights)."""
    about = {"experiment": Experiment(layers=layers).to_json(), "shape": list(shape), "mean": [0.1], "std": [0.3]}
    save_file(tensors, path, {name: json.dumps(value) for name, value in about.items()})
    return path


def test_the_first_layer_of_a_finished_run(tmp_path: Path) -> None:
    weights = np.arange(36, dtype=np.float32).reshape(4, 1, 3, 3)
    layers = (Conv(4, 3, bias=False), Activation("relu"), Flatten(), Linear(10))
    path = run_file(tmp_path / "weights.safetensors", layers, {"0.weight": weights})
    found = read_first_layer(path)
    assert (found.weights == weights).all()
    assert (found.biases == 0).all()
    assert found.spec == layers[0]
    assert (found.mean, found.std) == ((0.1,), (0.3,))


@pytest.mark.parametrize(
    ("layers", "said"),
    [((BatchNorm(), Flatten(), Linear(10)), "begins with BatchNorm"), ((Conv(4, 3), Flatten(), Linear(10)), "broken")],
)
def test_a_file_without_a_first_layer_is_refused_in_a_sentence(tmp_path: Path, layers: tuple, said: str) -> None:
    path = run_file(tmp_path / "weights.safetensors", layers, {"7.weight": np.zeros(1, np.float32)})
    with pytest.raises(NetworkError, match=said):
        first_layer(path)


@pytest.mark.parametrize("content", [b"", b"no safetensors", None])
def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NetworkError, match=r"weights\.safetensors are missing or broken"):
        first_layer(path)


def test_metadata_that_is_missing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(load_file(network("mnist-linear").file), path)
    with pytest.raises(NetworkError, match="broken"):
        first_layer(path)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(NetworkError, match="mnist-linear"):
        network("resnet")
