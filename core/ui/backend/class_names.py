"""The names by which people see each other."""

import hashlib
from collections.abc import Collection

from core.ui.backend import identity


def names(ids: Collection[str]) -> dict[str, str]:
    """Return what the user sees of these people, by id: "You", or a name that says nothing of the id."""
    mine = identity.owner()
    return {id: "You" if id == mine else f"Guest {hashlib.sha256(id.encode()).hexdigest()[:4]}" for id in ids}
