"""Embedded sets whose pictures were others in an earlier version of the app, so that runs on those are told apart."""

from core.data import embed

EDITIONS: dict[str, int] = {embed.INFO.name: embed.EDITION}  # which pictures a name stands for now; 1 goes unsaid


def former_identity(name: str) -> str:
    """The identity of the pictures that the name stood for in edition 1: none of them is here any more."""
    return f"{name}@1"


FORMER_IDENTITIES: dict[str, str] = {former_identity(name): name for name in EDITIONS}
