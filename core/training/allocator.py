"""Control how the C library gives memory to PyTorch. No torch: call it before the first training of a process."""

import contextlib
import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # of glibc's malloc.h
_NEVER = 2**31 - 1
_PAD_BYTES = 2**28


def keep_memory() -> bool:
    """Let this process keep the memory that it frees, and return whether the C library does so.

    A training step asks for the same tens of megabytes again and again. glibc takes pieces that large from the system
    and gives them back each time, and the system fills them with zeros at every first touch: a fifth of a step of the
    large CIFAR-10 network went into that. On other C libraries nothing changes.
    """
    library = _glibc()
    if library is None:
        return False
    settings = {_MMAP_MAX: 0, _TRIM_THRESHOLD: _NEVER, _TOP_PAD: _PAD_BYTES}
    return all(library.mallopt(name, value) for name, value in settings.items())


def release_memory() -> None:
    """Return the memory that this process has freed to the system, as between two runs."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError):
        library = ctypes.CDLL("libc.so.6")
        if hasattr(library, "mallopt") and hasattr(library, "malloc_trim"):
            return library
    return None
