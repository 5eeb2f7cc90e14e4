"""Editions of embedded sets: earlier versions of the app had other test pictures, so their runs are told apart."""

from core.data import embedded_digits

EDITIONS: dict[str, int] = {embedded_digits.INFO.name: embedded_digits.EDITION}  # which pictures a name stands for now


def former_identity(name: str) -> str:
    """Return the identity of the pictures that a name stood for in edition 1; the app has them no more."""
    return f"{name}@1"


FORMER_IDENTITIES: dict[str, str] = {former_identity(name): name for name in EDITIONS}
