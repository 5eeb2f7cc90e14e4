"""The names by which people see each other."""

from collections.abc import Collection

from core.runs.person import guest_name
from core.runs.run import StoreUnavailable
from core.ui.backend import client, identity


def names(ids: Collection[str]) -> dict[str, str]:
    """Return what the user sees of these people, by id: "You", the name they gave, "Student 7" or "Guest 3f2a".

    Names are user text: escape them.
    """
    user = identity.person()
    try:
        return client.people().names(ids, user)
    except StoreUnavailable:  # the page says so
        return {id: "You" if id == user.id else guest_name(id) for id in ids}
