"""Say who somebody is, and what they may do. No Streamlit: pages get the person from `core.ui.backend.identity`."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Role = Literal["student", "instructor"]
Source = Literal["browser", "class code", "openid"]
OWNER_LETTERS = 200  # of an id, at most: the store cuts longer ones


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the app."""

    id: str  # owns runs and uploads; never shown
    shown: str  # what others see: user text, escape it
    role: Role
    source: Source  # how they said who they are
    address: str = ""  # the network that they come from, where limits hold for it; "" for one that is not known

    @property
    def instructs(self) -> bool:
        """True for an instructor, who may change everybody's runs."""
        return self.role == "instructor"

    def may_change(self, owners: Collection[str]) -> bool:
        """Return whether they may cancel, end, rename or delete a run of these owners, or change its rate."""
        return self.instructs or self.id[:OWNER_LETTERS] in owners

    def may_delete(self, owners: Collection[str]) -> bool:
        """Return whether they may delete a run of these owners: that of a student must be theirs alone."""
        return self.instructs or set(owners) == {self.id[:OWNER_LETTERS]}


def guest_name(id: str) -> str:
    """Return what is shown of somebody who gave no name: the same for the same id, from which nobody finds the id."""
    return f"Guest {hashlib.sha256(id.encode(errors='replace')).hexdigest()[:4]}"
