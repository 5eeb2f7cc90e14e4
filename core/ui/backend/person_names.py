"""The names by which people see each other."""

from collections.abc import Collection

from core.runs.person import Person, guest_name
from core.runs.run import StoreUnavailable
from core.ui.backend import client, identity

EVERYBODY = Person("", "", "student", "browser")  # for what leaves the instructor's own screen: a file, a wall


def names(ids: Collection[str], viewer: Person | None = None) -> dict[str, str]:
    """Return what `viewer` sees of these people, by id: "You", the name they gave, "Student 7" or "Guest 3f2a".

    Names are user text: escape them. The viewer is the user unless given.
    """
    viewer = viewer or identity.person()
    try:
        return client.people().names(ids, viewer)
    except StoreUnavailable:  # the page says so
        return {id: "You" if id == viewer.id else guest_name(id) for id in ids}
