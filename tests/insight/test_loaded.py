"""A file of weights with something else in it than a network's is broken, and said to be."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file

from core.insight.loaded_network import load
from core.insight.pretrained import network
from core.runs.run_files import rows_of
from core.training.checkpoints import CheckpointError, load_weights

Tensors, Texts = dict[str, torch.Tensor], dict[str, str]
CHANGES: dict[str, Callable[[Tensors, Texts], Any]] = {
    "whole numbers as weights": lambda held, _: held.update({name: t.long() for name, t in held.items()}),
    "one tensor too few": lambda held, _: held.popitem(),
    "one too many": lambda held, _: held.update(more=torch.ones(1)),
    "no mean": lambda _, told: told.pop("mean"),
    "no number as the mean": lambda _, told: told.update(mean='"x"'),
    "an empty mean": lambda _, told: told.update(mean="[]"),
    "a list in the mean": lambda _, told: told.update(mean="[[1]]"),
    "an infinite deviation": lambda _, told: told.update(std="[1e999]"),
    "two deviations of one channel": lambda _, told: told.update(std="[1, 1]"),
    "a deviation of 400 digits": lambda _, told: told.update(std=f"[{10**400}]"),
    "a number as the shape": lambda _, told: told.update(shape="5"),
    "a number as the experiment": lambda _, told: told.update(experiment="5"),
    "lists in lists": lambda _, told: told.update(experiment="[" * 100_000),
    "no JSON": lambda _, told: told.update(data="nothing"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_with_a_wrong_type_is_broken(tmp_path: Path, name: str) -> None:
    pretrained = Path(network("mnist-linear").file)
    tensors = load_file(pretrained)
    with safe_open(pretrained, framework="pt") as file:
        told = dict(file.metadata())
    path = tmp_path / "weights.safetensors"
    save_file(tensors, path, told)
    assert load(path).shape == tuple(json.loads(told["shape"]))
    CHANGES[name](tensors, told)
    time.sleep(0.01)  # a newer file is another one
    save_file(tensors, path, told)
    with pytest.raises(CheckpointError, match="are broken"):
        load(path)
    assert isinstance(rows_of(path), tuple)
    if name == "lists in lists":
        assert rows_of(path) == ()
        with pytest.raises(CheckpointError):
            load_weights(path)
