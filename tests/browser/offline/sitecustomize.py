"""Give the app's downloads a torchvision that fails at once: to import the real one, for nothing, takes 3 s a dataset.

Python imports this file when it starts, wherever this folder is on PYTHONPATH. tests/data/test_download.py has the
real one.
"""

import sys
from types import ModuleType, SimpleNamespace

MIRROR = "http://127.0.0.1:9/"


def download_url(*_: str) -> None:
    """Fail as without a network."""
    raise OSError("No network in the tests")


if "core.data.download_process" in sys.orig_argv:
    datasets, utils = ModuleType("torchvision.datasets"), ModuleType("torchvision.datasets.utils")
    vars(datasets).update(
        MNIST=SimpleNamespace(mirrors=[MIRROR], resources=[("train-images-idx3-ubyte.gz", "")]),
        CIFAR10=SimpleNamespace(url=f"{MIRROR}cifar-10-python.tar.gz"),
    )
    vars(utils)["download_url"] = download_url
    sys.modules |= {"torchvision": ModuleType("torchvision"), datasets.__name__: datasets, utils.__name__: utils}
