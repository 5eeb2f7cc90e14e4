"""Choose the device and precision of a training, and say why."""

import os
from dataclasses import dataclass

import torch

from core.training.experiment import ExperimentError

DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and the precision it computes with."""

    name: str  # "cpu", "cuda", "mps"
    precision: str  # a key of DTYPES
    reason: str  # a sentence for the screen

    @property
    def dtype(self) -> torch.dtype:
        """The number format of activations and data; weights stay float32."""
        return DTYPES[self.precision]

    def generator(self, seed: int) -> torch.Generator:
        """Return a random generator where this device draws its numbers: on an NVIDIA GPU itself, else on the CPU."""
        return torch.Generator(self.name if self.name == "cuda" else "cpu").manual_seed(seed)

    def manual_seed(self, seed: int) -> None:
        """Seed what draws without a generator of its own, such as dropout; on an NVIDIA GPU only the GPU's own."""
        if self.name == "cuda":
            torch.cuda.manual_seed(seed)
        else:
            torch.manual_seed(seed)


def cpu_has_bf16() -> bool:
    """Return True if this CPU multiplies bf16 in hardware (AVX-512 BF16 or AMX); elsewhere it is emulated and slow."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def available() -> list[str]:
    """Return the devices of this machine, best first."""
    names = []
    if torch.cuda.is_available():
        names.append("cuda")
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose(device: str = "auto", precision: str = "auto") -> Device:
    """Return a device and precision: the requested ones, or what "auto" means on this machine.

    Raises:
        ExperimentError: This machine does not have them.
    """
    here = available()
    name = here[0] if device == "auto" else device
    if name not in here:
        raise ExperimentError(f"This machine has no {name!r:.20}: it can train on {', '.join(here)}, or auto.")
    place = {"cuda": "the GPU", "mps": "Apple's GPU", "cpu": f"the CPU ({os.cpu_count()} cores)"}[name]
    if precision != "auto":
        return Device(name, precision, f"On {place}, in {precision} as requested.")
    if name == "cuda":
        fast = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
        return Device(
            name, fast, f"On {place} ({torch.cuda.get_device_name()}), in {fast}, which it multiplies fastest."
        )
    if name == "cpu" and cpu_has_bf16():
        return Device(name, "bf16", f"On {place}, in bf16, which this CPU multiplies in hardware.")
    return Device(name, "float32", f"On {place}, in float32: it has no faster format in hardware.")
