"""Say who somebody is, and what they may do. No Streamlit: pages get the person from `core.ui.backend.identity`."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["student", "instructor"]
Source = Literal["browser", "class code", "openid"]
OWNER_LETTERS = 200  # of an id, at most: the store cuts longer ones
GUEST_LETTERS = 4  # of a guest's name, at least
BEFORE_CLASS = "precompute"  # the id that owns what a host trains before class; nobody signs in as it


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the app."""

    id: str  # owns runs and uploads; never shown
    shown: str  # what others see: user text, escape it
    role: Role
    source: Source  # how they said who they are
    address: str = ""  # a digest of the network that they come from, where limits hold for it; "" if it is not known
    class_name: str = ""  # of the class that they are in; "" where there is none

    @property
    def instructs(self) -> bool:
        """True for an instructor, who may change everybody's runs."""
        return self.role == "instructor"

    def may_change(self, owners: Collection[str]) -> bool:
        """Return whether they may cancel or end a run of these owners, or change its rate."""
        return self.instructs or self.id[:OWNER_LETTERS] in owners

    def may_name(self, owners: Sequence[str]) -> bool:
        """Return whether they may name a run of these owners, the first one first: whoever asks later only joins."""
        return self.instructs or self.id[:OWNER_LETTERS] in owners[:1]

    def may_delete(self, owners: Collection[str]) -> bool:
        """Return whether they may delete a run of these owners: that of a student must be theirs alone."""
        return self.instructs or set(owners) == {self.id[:OWNER_LETTERS]}


def guest_name(id: str, letters: int = GUEST_LETTERS) -> str:
    """Return what is shown of somebody who gave no name: the same for the same id, from which nobody finds the id."""
    if id == BEFORE_CLASS:
        return "Before class"
    return f"Guest {hashlib.sha256(id.encode(errors='replace')).hexdigest()[:letters]}"


def guest_names(ids: Collection[str]) -> dict[str, str]:
    """Return the guest name of each of these people; those that would be equal are longer.

    Examples:
        >>> guest_names(["a", "b"]) == {id: guest_name(id) for id in "ab"}
        True
    """
    names: dict[str, str] = {}
    left, letters = set(ids), GUEST_LETTERS
    while left:
        found = {id: guest_name(id, letters) for id in left}
        counts = Counter(found.values())
        names |= {id: name for id, name in found.items() if counts[name] == 1}
        left -= names.keys()
        letters += 2
    return names
