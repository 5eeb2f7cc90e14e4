"""What an export to ONNX needs each time, made once: half of the time that exporting a small network takes."""

import functools
from collections.abc import Iterator

import pytest
from torch.onnx._internal.exporter._registration import ONNXRegistry

_from_torchlib = functools.cache(ONNXRegistry.from_torchlib)


@pytest.fixture(scope="module", autouse=True)
def one_table_of_operators() -> Iterator[None]:
    """Keep the table of operators that PyTorch makes anew for each export (0.4 s); nobody changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(_from_torchlib))
        yield
