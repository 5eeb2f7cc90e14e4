"""The examples in the docstrings of core.layers give the results they show."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

from core import layers
from core.layers import blocks, calculator, inverse, memory, receptive_field
from core.layers.formulas import layer
from core.layers.shape_inference import reach, windows

MODULES = [importlib.import_module(found.name) for found in pkgutil.walk_packages(layers.__path__, "core.layers.")]
# Every public function of these shows an example.
TEXTBOOK = (blocks, calculator, inverse, layer, memory, reach, receptive_field, windows)


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
