"""Measure the memory that a training takes, and say what to do if it is not enough."""

from collections.abc import Callable

import psutil
import torch

from core.training.devices import Device
from core.training.experiment import ExperimentError

_PROCESS = psutil.Process()


def used_bytes(device: Device) -> int:
    """Return the peak of PyTorch's memory on a GPU, or the memory of the whole process on a CPU."""
    if device.name == "cuda":
        return int(torch.cuda.max_memory_allocated())
    if device.name == "mps":
        return int(torch.mps.driver_allocated_memory())
    return int(_PROCESS.memory_info().rss)


def total_bytes(device: str) -> int:
    """Return the memory that a training on this device can use at most: the GPU's own, or the machine's."""
    if device == "cuda":
        return int(torch.cuda.get_device_properties(0).total_memory)
    if device == "mps":
        return int(torch.mps.recommended_max_memory())
    return int(psutil.virtual_memory().total)


def is_out_of_memory(error: BaseException) -> bool:
    """Return True if an error of PyTorch or Python means that no memory is left, on any device."""
    words = ("not enough memory", "can't allocate memory", "out of memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(word in str(error) for word in words)


def refuse(batch: int, attempt: Callable[[int], object], device: Device, smallest: int = 1) -> ExperimentError:
    """Return the error for a batch that does not fit in memory; it names the largest half, quarter, ... that does.

    Args:
        batch: Pictures in the batch that did not fit.
        attempt: Trains on so many pictures and discards the result.
        device: Where.
        smallest: The network cannot train on fewer pictures.
    """
    fits = batch // 2
    while fits >= smallest:
        if device.name == "cuda":
            torch.cuda.empty_cache()
        try:
            attempt(fits)
            break
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        fits //= 2
    place = {"cuda": "the GPU's memory", "mps": "the GPU's memory"}.get(device.name, "memory")
    if fits < smallest:
        least = "one picture" if smallest == 1 else f"{smallest} pictures"
        return ExperimentError(f"Not even {least} of this network's training would fit in {place}: use fewer filters.")
    return ExperimentError(f"A batch of {batch:,} pictures does not fit in {place}: one of {fits:,} does.")
