"""The generated programs are run, and answer as the network built from the same tuple does."""

import contextlib
import io
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from core.data import permutation
from core.layers.builders import cnn, mlp
from core.layers.calculator import LayerError, analyze, totals
from core.layers.codegen.pytorch import Trained, pytorch_program
from core.layers.specs import Activation, Conv, Flatten, GlobalPool, Layer, Linear, Network, PrimaryCapsules
from core.nets.network import build
from core.training.augmentation.normalization import Normalization
from core.training.devices import choose
from core.training.evaluation import logits
from core.training.presets import PRESETS
from tests.examples import examples

Stacks = st.SearchStrategy[tuple[Network, tuple[int, int, int]]]


def run(code: str) -> dict[str, object]:
    """The names that the program leaves behind."""
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "generated.py", "exec"), names)  # our own code, which is what is tested
    return names


def randomize(network: torch.nn.Module) -> None:
    """Weights, biases and running statistics away from their 0 and 1, so that a mix-up shows."""
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) + 0.1)


def assert_same_answer(layers: Network, shape: tuple[int, int, int], folder: Path) -> None:
    built = build(layers, shape).eval()
    randomize(built)
    weights = folder / "weights.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in built.state_dict().items()}, weights)
    given = Trained(str(weights), [0.5] * shape[0], [0.25] * shape[0])
    names = run(pytorch_program(layers, shape, trained=given))
    if any(isinstance(layer, PrimaryCapsules) for layer in layers):  # routed by fewer, larger products in the app
        same = partial(torch.testing.assert_close, rtol=1e-4, atol=1e-5)
    else:
        same = partial(torch.testing.assert_close, rtol=0, atol=0)
    same(names["output"], built(torch.full((1, *shape), -2.0)))
    picture = torch.rand(2, *shape)
    same(names["network"](picture), built(picture))


@pytest.mark.parametrize("name", PRESETS)
def test_every_presets_program_loads_the_presets_weights(name: str, tmp_path: Path) -> None:
    assert_same_answer(PRESETS[name].experiment.layers, (1, 28, 28), tmp_path)


@examples(150)
@given(data=st.data())
def test_random_stacks_programs_answer_alike(
    stacks: Stacks, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    layers, shape = data.draw(stacks)
    try:
        if totals(analyze(layers, shape)).activation_bytes > 2**22:
            return
    except LayerError:
        return
    assert_same_answer(layers, shape, tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_trained_networks_program_prepares_pictures_as_the_training_did(tmp_path: Path, shuffled: bool) -> None:
    mean, std, shape = (0.1309, 0.4, 0.52), (0.3085, 0.2, 0.25), (3, 6, 5)
    pictures = torch.randint(0, 256, (4, *shape), dtype=torch.uint8)
    built = build(mlp([3]), shape).eval()
    save_file(built.state_dict(), tmp_path / "weights.safetensors")
    order = permutation(shape).tolist() if shuffled else None
    code = pytorch_program(mlp([3]), shape, trained=Trained(str(tmp_path / "weights.safetensors"), mean, std, order))
    code = code.replace("torch.zeros(1, 3, 6, 5)", f"torch.tensor({pictures.tolist()}) / 255")
    expected = built(Normalization(mean, std, shuffled)(pictures))
    torch.testing.assert_close(run(code)["output"], expected)


@pytest.mark.parametrize("views", ["none", "mirror", "mirror+shift"])
@pytest.mark.parametrize("ends_in", [(), (Activation("softmax"),)])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_trained_networks_program_answers_with_the_pages_views(
    tmp_path: Path, views: str, ends_in: Network, shuffled: bool
) -> None:
    mean, std, shape = (0.49, 0.48, 0.45), (0.25, 0.24, 0.26), (3, 6, 5)
    layers = (Conv(4, 3), Flatten(), Linear(3))
    pictures = torch.randint(0, 256, (4, *shape), dtype=torch.uint8)
    built = build(layers, shape).eval()
    save_file(built.state_dict(), tmp_path / "weights.safetensors")
    order = permutation(shape).tolist() if shuffled else None
    given = Trained(str(tmp_path / "weights.safetensors"), mean, std, order, views, (0.6874, 0.7072))
    code = pytorch_program((*layers, *ends_in), shape, trained=given)
    code = code.replace("torch.zeros(1, 3, 6, 5)", f"torch.tensor({pictures.tolist()}) / 255")
    with torch.inference_mode():
        expected, _ = logits(built, Normalization(mean, std, shuffled)(pictures), choose("cpu", "float32"), views)
    torch.testing.assert_close(run(code)["output"], expected.softmax(1) if ends_in else expected)
    assert ("70.72% of the test pictures" in code and "68.74%" in code) == (views != "none")


def test_a_program_whose_network_is_flattened_behind_its_softmax_answers_with_the_views(tmp_path: Path) -> None:
    shape, softmax = (3, 6, 5), Activation("softmax")
    built = build((Conv(4, 3), GlobalPool()), shape).eval()
    save_file(built.state_dict(), tmp_path / "weights.safetensors")
    mean, std = (0.5,) * 3, (0.25,) * 3
    given = Trained(str(tmp_path / "weights.safetensors"), mean, std, None, "mirror", None)
    code = pytorch_program((Conv(4, 3), GlobalPool(), softmax, Flatten()), shape, trained=given)
    pictures = torch.randint(0, 256, (4, *shape), dtype=torch.uint8)
    code = code.replace("torch.zeros(1, 3, 6, 5)", f"torch.tensor({pictures.tolist()}) / 255")
    with torch.inference_mode():
        views = [built(Normalization(mean, std)(view)).flatten(1) for view in (pictures, pictures.flip(-1))]
    torch.testing.assert_close(run(code)["output"], torch.stack(views).mean(0).softmax(1))


def test_the_program_runs_by_itself_and_says_what_it_is() -> None:
    code = pytorch_program(cnn(), (1, 28, 28))
    assert code.startswith('"""A network of 10 layers, 634,410 parameters and 6,719,872 MACs for input of 1 × 28 × 28')
    assert "safetensors" not in code
    done = subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("(1, 10) tensor([")


def test_a_file_name_is_a_string_and_nothing_else() -> None:
    name = 'a"b\'c\\d\n"""; raise SystemExit(3)'
    code = pytorch_program(mlp([3]), (1, 2, 2), trained=Trained(name, [0.0], [1.0]))
    with pytest.raises(OSError, match="raise SystemExit"):
        run(code)


def test_what_is_given_as_pytorch_takes_it_is_left_out() -> None:
    code = pytorch_program((Conv(8, 3), Conv(8, (3, 5), padding="same", bias=False), Flatten(), Linear(2)), (1, 9, 9))
    assert "    nn.Conv2d(1, 8, 3),  # 8 × 7 × 7; 80 parameters\n" in code
    assert '    nn.Conv2d(8, 8, (3, 5), padding="same", bias=False),  # 8 × 7 × 7; 960 parameters\n' in code


def test_the_impossible_is_refused() -> None:
    layers: tuple[Layer, ...] = (Conv(8, 3), Linear(2))
    with pytest.raises(LayerError, match="layer 2"):
        pytorch_program(layers, (1, 9, 9))


@pytest.mark.parametrize(
    ("layers", "comment"),
    [
        (
            (Flatten(), Linear(3), Activation("softmax")),
            "probabilities; train with nn.CrossEntropyLoss on the logits, network[:2]",
        ),
        ((Flatten(), Linear(3)), "logits; output.softmax(1) are the probabilities"),
    ],
)
def test_the_program_says_whether_logits_come_out(layers: Network, comment: str) -> None:
    of_a_run = pytorch_program(layers, (1, 4, 4), trained=Trained("w.safetensors", (0.5,), (0.5,)))
    (line,) = [line for line in of_a_run.splitlines() if line.strip().startswith("output =")]
    assert line.endswith(f"  # {comment}")
    untrained = pytorch_program(layers, (1, 4, 4))
    assert ("# probabilities" in untrained) == (Activation("softmax") in layers)
    assert "# logits" not in untrained
