"""The examples in the docstrings of core.images and core.shapes give the results they show."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

from core import images, shapes
from core.images import (
    aliasing,
    blur_pooling,
    convolution,
    edges,
    frequency_filters,
    kernels,
    pooling,
    pooling_windows,
    shifts,
    spectrum,
)

MODULES = [
    shapes,
    *(importlib.import_module(f"core.images.{found.name}") for found in pkgutil.iter_modules(images.__path__)),
]
# Every public function of these shows an example.
TEXTBOOK = (
    aliasing,
    blur_pooling,
    convolution,
    edges,
    frequency_filters,
    kernels,
    pooling,
    pooling_windows,
    shifts,
    spectrum,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_give_what_they_show(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("module", TEXTBOOK, ids=lambda module: module.__name__)
def test_every_public_function_of_the_textbook_has_an_example(module: ModuleType) -> None:
    public = [
        value
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__ and name[0].islower()
    ]
    assert public
    assert [function.__name__ for function in public if ">>> " not in (function.__doc__ or "")] == []
