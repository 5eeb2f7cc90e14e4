"""Pasted networks: what our own code generator writes is read back; nothing else is, and nothing runs."""

import contextlib
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.layers.builders import capsule_network
from core.layers.calculator import LayerError, analyze
from core.layers.codegen.pytorch import pytorch_program
from core.layers.parse import MAX_CHARACTERS, ParseError, parse, read
from core.layers.parse.libraries.torch_signatures import FIXED_SETTINGS, MODULES
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
)
from tests.examples import examples


def canonical(layers: Network) -> Network:
    """As torch writes it: an adaptive pooling to 1 x 1 is the global one."""
    return tuple(
        GlobalPool(layer.kind) if isinstance(layer, AdaptivePool) and layer.size == 1 else layer for layer in layers
    )


@examples(200)
@given(data=st.data())
def test_generated_code_is_read_back(
    stacks: st.SearchStrategy[tuple[Network, tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, shape = data.draw(stacks)
    try:
        code = pytorch_program(layers, shape)
    except LayerError:
        return
    assert parse(code, shape) == canonical(layers)
    assert read(code).input_shape == shape


@pytest.mark.parametrize("name", REFERENCE_NETWORKS)
def test_famous_networks_are_read_back(name: str) -> None:
    famous = REFERENCE_NETWORKS[name]
    code = pytorch_program(famous.layers, famous.input_shape)
    found = read(code)
    assert (found.layers, found.input_shape) == (famous.layers, famous.input_shape)


@pytest.fixture(scope="module")
def our_program() -> dict[str, Any]:
    """What the app's own program of a capsule network defines."""
    names: dict[str, Any] = {}
    exec(pytorch_program(capsule_network(decoder=(8, 8)), (1, 28, 28)), names)
    return names


@pytest.mark.parametrize("name", MODULES)
def test_signatures_are_torchs_or_our_programs(name: str, our_program: dict[str, Any]) -> None:
    if name == "BlurPool":  # antialiased_cnns 0.3: def __init__(self, channels, pad_type, filt_size, stride, pad_off)
        assert str(MODULES[name][0]) == "(channels, pad_type='reflect', filt_size=4, stride=2, pad_off=0)"
        return
    module = getattr(nn, name, None) or our_program[name]
    theirs = inspect.signature(module).parameters
    ours = MODULES[name][0].parameters
    if name != "Identity":  # which takes anything
        given = {key: parameter.default for key, parameter in theirs.items() if key not in ("device", "dtype")}
        assert {key: parameter.default for key, parameter in ours.items()} == {key: given[key] for key in ours}
        assert list(ours) == list(given)[: len(ours)]
    assert set(FIXED_SETTINGS.get(name, {})) <= set(ours)


def test_what_people_paste() -> None:
    text = '''
        """My network."""
        import torch
        from torch import nn

        self.net: nn.Module = nn.Sequential()
    '''
    text = text.replace("self.net: nn.Module", "model").replace(
        "nn.Sequential()",
        """torch.nn.Sequential(  # a comment
            Sequential(nn.Conv2d(3, 16, kernel_size=[3, 3], padding='same', bias=False), nn.BatchNorm2d(16)),
            nn.ReLU(inplace=True), nn.Identity(),
            nn.MaxPool2d((2, 2), 2), nn.AvgPool2d(3, 1, padding=1),
            nn.ConvTranspose2d(16, 8, 2, stride=2), nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(8, 10), nn.Softmax(dim=-1),
        )""",
    )
    assert parse(text, (3, 32, 32)) == (
        Conv(16, 3, padding="same", bias=False),
        BatchNorm(),
        Activation("relu"),
        Pool("max", 2),
        Pool("average", 3, 1, 1),
        ConvTranspose(8, 2, 2),
        GlobalPool("average"),
        Flatten(),
        Dropout(0.25),
        Linear(10),
        Activation("softmax"),
    )


HEAD = "net = nn.Sequential(\n    nn.Conv2d(1, 8, 3),\n    "


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HEAD + "__import__('os').system('touch pwned'))", 3, "only layers"),
        (HEAD + "__import__('os'))", 3, "only layers"),
        (HEAD + "nn.Linear(__import__('os').getpid(), 3))", 3, "a setting must be a number"),
        (HEAD + "lambda: nn.ReLU())", 3, "only layers"),
        (HEAD + "(lambda: nn.ReLU())())", 3, "only layers"),
        (HEAD + "nn.Dropout(p=(lambda: 0.5)()))", 3, "a setting must be a number"),
        (HEAD + "nn.Dropout(p=10 ** 9 ** 9))", 3, "a setting must be a number"),
        (HEAD + "nn.Dropout(p=0.5, p=0.6))", 3, "Dropout has settings given"),
        (HEAD + "nn.LSTM(8, 8))", 3, "LSTM is not a layer"),
        (HEAD + "os.nn.ReLU())", 3, "only layers"),
        (HEAD + "[nn.ReLU() for _ in range(3)])", 1, "only layers"),
        (
            HEAD + "nn.Conv2d(8, 8))",
            3,
            "Conv2d: .*'kernel_size'.*Conv2d\\(in_ch",
        ),
        (HEAD + "nn.Conv2d(8, 8, 3, striding=2))", 3, "'striding'"),
        (HEAD + "nn.Conv2d(16, 8, 3))", 3, "in_channels of Conv2d is 16.* write 8"),
        (HEAD + "nn.Conv2d('a', 8, 3))", 3, "in_channels of Conv2d is 'a'.* 8"),
        (HEAD + "nn.Conv2d(8, 8, 30))", 3, "a 30 × 30 kernel .* 26 × 26"),
        (HEAD + "nn.Conv2d(8, 8, -3))", 3, "kernel must be a whole number"),
        (HEAD + "nn.Conv2d(8, 8, 2.5))", 3, "kernel must be a whole number"),
        (HEAD + "nn.Conv2d(8, 10**9, 3))", 3, "filters must be a whole number"),
        (HEAD + "nn.Conv2d(8, 1000000000, 3))", 3, "filters must be a whole number"),
        (HEAD + "nn.BatchNorm1d(8))", 3, "BatchNorm2d instead of BatchNorm1d"),
        (HEAD + "nn.Softmax(dim=-1))", 3, "dim=1"),
        (HEAD + "PrimaryCapsules(4, 2, 4, 9, 2))", 3, "channels of PrimaryCapsules is 4.* write 8"),
        (
            HEAD + "PrimaryCapsules(8, 2, 4, 9, 2), RoutedCapsules(9, 4, 10, 16))",
            3,
            "inputs of RoutedCapsules is 9.* 162",
        ),
        (
            HEAD + "PrimaryCapsules(8, 2, 4, 9, 2), RoutedCapsules(162, 9, 10, 16))",
            3,
            "size of RoutedCapsules is 9.* 4",
        ),
        (HEAD + "PrimaryCapsules(8, 2, 4, 9, 2), CapsuleDecoder(648, 5, 5, 99))", 3, "pixels of .* is 99.* 784"),
        (HEAD + "PrimaryCapsules(8, 2, 4, 9, 2), nn.ReLU())", 3, "reads no capsules"),
        (HEAD + "CapsuleLengths())", 3, "needs capsules"),
        (HEAD + "nn.Linear(26, 10))", 3, "Flatten before it"),
        (HEAD + f"nn.Dropout('{'x' * 30}'))", 3, "a setting must be a number"),
        (HEAD + "nn.ReLU(\n", 3, "this is not Python"),
        ("nn.Sequential(a=nn.ReLU())", 1, "keyword"),
        ("", 1, "holds no network"),
        ("\0", 1, "not Python"),
        ("nn.Sequential(nn.Dropout(" + "9" * 5000 + "))", 1, "not Python"),
        ("nn.Sequential(nn.Dropout(" + "(" * 500 + "1" + ")" * 500 + "))", 1, "not Python"),
        ("nn.Sequential(nn.Dropout(" + "-" * 50_000 + "1))", 1, "not Python|a setting"),
        ("nn.Sequential(nn.Dropout(" + "1+" * 50_000 + "1))", 1, "not Python|a setting"),
        ("nn.Sequential(" * 60 + ")" * 60, 1, "20 deep"),
        ("nn.Sequential(\n" + "nn.ReLU(),\n" * 10_000 + ")", 1002, "1,000 layers.* 10,000"),
        ("#" * (MAX_CHARACTERS + 1), 1, "200,000"),
    ],
)
def test_all_else_is_refused_by_its_line_and_nothing_runs(
    text: str, line: int, message: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # type: ignore[arg-type]
    with pytest.raises(ParseError, match=message) as caught:
        parse(text, (1, 28, 28))
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: ")
    assert len(str(caught.value)) < 500
    assert caught.value.faults[0] == str(caught.value)
    assert not list(tmp_path.iterdir())  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:invalid escape sequence", "ignore:invalid .* literal")
@examples(300)
@given(st.text(alphabet="nSequtial.Conv2d(),=[]{}*-:'\"\\\n 0129_abc@", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ParseError):
        analyze(parse(f"nn.Sequential({text})", (1, 28, 28)), (1, 28, 28))
