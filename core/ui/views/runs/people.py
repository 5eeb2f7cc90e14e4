"""How a person on the board is called: never by the id that owns their runs."""

import hashlib
from collections.abc import Sequence

from core.runs.person import Person

NOBODY = "nobody any more"


def shown_name(owners: Sequence[str], person: Person) -> str:
    """Return who submitted a run, as `person` sees it."""
    if person.id in owners:
        return "You"
    return guest(owners[0]) if owners else NOBODY


def guest(owner: str) -> str:
    """Return the name of somebody who gave none."""
    return f"Guest {hashlib.sha256(owner.encode()).hexdigest()[:4]}"
