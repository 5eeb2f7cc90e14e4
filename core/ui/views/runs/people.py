"""How the people on the board are called: never by the id that owns their runs."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.runs.board import BoardRun
from core.runs.person import Person
from core.ui.backend import person_names

NOBODY = "nobody any more"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as others see them."""

    id: str
    name: str


def shown_names(owners: Sequence[Sequence[str]], person: Person) -> list[str]:
    """Return who submitted each of these runs, as `person` sees it: of several people themselves, else the first."""
    known = person_names.names({owner for of_run in owners for owner in of_run}, person)
    return [known[person.id if person.id in of_run else of_run[0]] if of_run else NOBODY for of_run in owners]


def by_code(runs: Iterable[BoardRun], person: Person) -> dict[str, Somebody]:
    """Return all others who submitted these runs, by a code that a link may hold, in the order of their names."""
    known = person_names.names({owner for run in runs for owner in run.owners} - {person.id}, person)
    found = [Somebody(id, name) for id, name in sorted(known.items(), key=lambda pair: (pair[1].lower(), pair[0]))]
    return {hashlib.sha256(one.id.encode(errors="replace")).hexdigest()[:6]: one for one in found}
