"""Calls in the thread of Streamlit's event loop: its sessions and browsers may be touched there alone."""

from collections.abc import Callable
from typing import TypeVarTuple

from streamlit.runtime import Runtime

Args = TypeVarTuple("Args")


def call(instance: Runtime, function: Callable[[*Args], object], *args: *Args) -> None:
    """Call a function there soon; from any thread, without waiting for it.

    Streamlit 1.67 has no public name for the loop.

    Raises:
        RuntimeError: If the server has ended.
    """
    instance._get_async_objs().eventloop.call_soon_threadsafe(function, *args)
