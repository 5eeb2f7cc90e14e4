"""Pasted text takes time in proportion to its length, ends in a sentence, and never counts what it does not know."""

import contextlib
import time

import pytest

from core.layers.parse import ParseError, read
from core.layers.specs import Linear

NET = "\nnet = nn.Linear(784, 10)"
TWICE = "for i in range(60):\n    {0} = {1}\n"
HOLDS_TWICE = (
    "class N(nn.Module):\n    def __init__(self, a):\n        super().__init__()\n        self.x = self.y = a\n"
)
LONG = {
    "digits": "1" * 100_000,
    "dots": "a." * 50_000,
    "bars": "|" * 100_000,
    "a weight and spaces": "a.weight" + " " * 100_000,
    "line feeds": "\n" * 150_000,
    "a table's row": "Net [1, 3, 2, 2] --\n" + "Res" * 30_000 + ": 1-1 [1, 2] 10\nReLU: 1-2 [1, 2] 10",
    "a sum": f"n = sum(range(10**11)){NET}",
    "a search": f"n = 1.5 in range(10**12){NET}",
    "lists that are compared": "a = b = [1]\n" + TWICE.format("a", "[a, a]") + TWICE.format("b", "[b, b]") + "a == b",
    "a key": f"a = (1,)\n{TWICE.format('a', '(a, a)')}d = {{a: 1}}{NET}",
    "Sequentials": "a = nn.Sequential(nn.Identity())\n" + TWICE.format("a", "nn.Sequential(a, a)"),
    "objects": HOLDS_TWICE + "a = nn.Identity()\n" + TWICE.format("a", "N(a)"),
}


@pytest.mark.clock
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_text_takes_longer_than_its_length_asks_for(text: str) -> None:
    began = time.perf_counter()
    with contextlib.suppress(ParseError):
        read(text)
    assert time.perf_counter() - began < 5  # a twentieth of a second; the square of the length would be minutes


@pytest.mark.parametrize(
    "nonsense",
    ["x = 1\nx /= 0", "d = {}\nd[[1]] = 2", "l = [1]\nl[5] = 2", "l = [1]\nl[0] %= 0", "d = {}\nd['a'] += 1"],
)
def test_nonsense_beside_the_network_does_not_matter(nonsense: str) -> None:
    assert read(nonsense + NET).layers[-1] == Linear(10)


@pytest.mark.parametrize(
    "text",
    [
        "m = nn.ModuleList()\nm.append(m)\nn = nn.Sequential(*m)",
        "class N(nn.Module):\n    def __init__(self):\n        self.me = self\n        self.f = nn.Linear(784, 10)",
        "\n".join(f"class A{i}(A{i - 1}):\n    pass" for i in range(1, 4000)) + "\nclass B(A3999):\n    pass",
        f"fc.weight ({'9' * 5000}, 3)",
        f"Linear-1 [-1, {'9' * 5000}] 10\nLinear-2 [-1, 10] 10",
        f"Net(\n  (0-9): {'9' * 5000} x ReLU()\n)",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        read(text)


@pytest.mark.parametrize("count", ["depth", "10**9", "args.layers"])
def test_a_list_of_unknown_length_is_not_one_layer(count: str) -> None:
    with pytest.raises(ParseError, match="line 1"):
        read(f"nn.Sequential(nn.Flatten(), *[nn.Linear(784, 784) for _ in range({count})], nn.Linear(784, 10))")


@pytest.mark.parametrize(
    ("call", "units"), [("num_classes=10", 10), ("weights=None, num_classes = 7", 7), ("True", 1000)]
)
def test_the_classes_of_a_librarys_network_are_those_it_is_called_with(call: str, units: int) -> None:
    assert read(f"models.resnet18({call})").layers[-1] == Linear(units)
    with pytest.raises(ParseError, match="norm_layer"):
        read(f"models.resnet18({call}, norm_layer=None)")
