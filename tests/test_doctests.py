"""The examples in the docstrings of core.images, core.layers and core.size_text give the results they show."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

from core import images, layers, size_text

pytestmark = pytest.mark.fast
MODULES = [
    size_text.__name__,
    *(
        found.name
        for package in (images, layers)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ),
]
TEXTBOOK = (  # every public function of these shows an example
    *(f"core.images.{name}" for name in ("aliasing", "blur_pooling", "convolution", "edges", "frequency_filters")),
    *(f"core.images.{name}" for name in ("kernels", "number_pairs", "pooling", "pooling_windows", "shifts")),
    "core.images.spectrum",
    *(f"core.layers.{name}" for name in ("blocks", "calculator", "formulas.layer", "inverse", "memory")),
    *(f"core.layers.{name}" for name in ("receptive_field", "shape_inference.reach", "shape_inference.windows")),
)


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    assert doctest.testmod(load(name)).failed == 0


@pytest.mark.parametrize("name", TEXTBOOK)
def test_every_public_function_of_the_textbook_has_an_example(name: str) -> None:
    public = [
        value
        for key, value in vars(load(name)).items()
        if callable(value) and getattr(value, "__module__", None) == name and key[0].islower()
    ]
    assert public
    assert [function.__name__ for function in public if ">>> " not in (function.__doc__ or "")] == []
