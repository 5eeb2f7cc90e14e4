"""What a training step frees is used again by the next one, instead of being fetched from the system anew."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told how to keep memory")

PROGRAM = """
import resource
import torch
from core.training.allocator import keep_memory, release_memory

def faults():
    for _ in range(20):
        torch.ones(10_000_000)  # 40 MB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(10_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults())
assert keep_memory()
print(faults())
import psutil
held = psutil.Process().memory_info().rss
release_memory()
print(held - psutil.Process().memory_info().rss)
"""


@pytest.mark.slow
def test_freed_memory_is_kept_until_it_is_released() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    plain, kept, released = map(int, run.stdout.split())
    assert plain > 10_000  # every page of every array, of which each is fetched again
    assert kept < plain / 20
    assert released > 30_000_000
