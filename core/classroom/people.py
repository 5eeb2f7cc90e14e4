"""The people who signed in: the names that others see, and whether the instructor hides them."""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa

from core.classroom.class_codes import LESSON_SECONDS
from core.classroom.shared_value import Shared
from core.runs.database import Database
from core.runs.person import OWNER_LETTERS, Person, Role, guest_names
from core.runs.postgres import NAMING, alone
from core.runs.run import NotAllowed
from core.runs.tables import class_state, people, run_owners, signed_out, upsert

KEEP_SECONDS = 30 * 86_400.0  # a name is forgotten so long after its person was last here
FRESH_SECONDS = 1.0  # for which what was read is shown again
NOTE_SECONDS = 60.0  # between two notes that somebody is here
MAX_SHOWN = 60  # characters of a name in the store
NAMES_HIDDEN = "names_hidden"  # in the class's state: whether the names of all students are


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signed in, as the instructor sees them."""

    id: str
    shown: str
    role: Role
    first_seen: float
    last_seen: float
    hidden: bool
    number: int  # by when they first signed in, from 1: what others see of a hidden name


class People:
    """The people of one home. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database
        self._noted: dict[str, tuple[float, Person]] = {}
        self._lock = threading.Lock()
        self._members: Shared[list[Member]] = Shared(FRESH_SECONDS)
        self._owners: Shared[set[str]] = Shared(FRESH_SECONDS)
        self._left: Shared[set[str]] = Shared(FRESH_SECONDS)

    def join(self, person: Person) -> Person:
        """Note that a person signed in, and return them under the name that others see.

        Whoever comes later with a name that somebody here has gets a number after it. Names that nobody has used for a
        month are forgotten.
        """
        try:
            shown = self._join(person)
        except sa.exc.IntegrityError:  # another tab of theirs did so at the same time: now they are there
            shown = self._join(person)
        self._members.forget()
        return replace(person, shown=shown)

    def _join(self, person: Person) -> str:
        key, now = person.id[:OWNER_LETTERS], time.time()
        with self._database.writing() as connection:
            alone(connection, NAMING)  # so that two do not both take a name that is free
            connection.execute(sa.delete(people).where(people.c.last_seen < now - KEEP_SECONDS))
            others = connection.execute(sa.select(people).where(people.c.id != key)).all()
            taken = {row.shown.casefold() for row in others if row.last_seen > now - LESSON_SECONDS}
            values = {"shown": _free(person.shown[:MAX_SHOWN], taken), "role": person.role, "last_seen": now}
            if not connection.execute(sa.update(people).where(people.c.id == key).values(values)).rowcount:
                hidden = person.role == "student" and _are_hidden(connection)
                connection.execute(sa.insert(people).values(id=key, first_seen=now, hidden=hidden, **values))
        return str(values["shown"])

    def note(self, person: Person) -> None:
        """Note that a person is here; repeated within a minute, it costs nothing."""
        now = time.monotonic()
        with self._lock:
            at, known = self._noted.get(person.id, (float("-inf"), person))
            if now - at < NOTE_SECONDS and known == person:
                return
            if len(self._noted) > 10_000:
                self._noted.clear()
            self._noted[person.id] = (now, person)
        values = {"last_seen": time.time(), "role": person.role}
        query = sa.update(people).where(people.c.id == person.id[:OWNER_LETTERS]).values(values)
        with self._database.writing() as connection:
            known_here = connection.execute(query).rowcount
        if not known_here:
            self.join(person)

    def leave(self, person: Person) -> None:
        """Note that a person signed out: nobody is them any more, in no tab and with no copy of their cookie."""
        now = time.time()
        with self._database.writing() as connection:
            connection.execute(sa.delete(signed_out).where(signed_out.c.at < now - LESSON_SECONDS))  # tokens end then
            upsert(connection, signed_out, [{"id": person.id[:OWNER_LETTERS], "at": now}])
        self._left.forget()

    def has_left(self, person: Person) -> bool:
        """Return whether a person signed out."""
        return person.id[:OWNER_LETTERS] in self._left.get(None, self._read_left)

    def names(self, ids: Collection[str], viewer: Person) -> dict[str, str]:
        """Return what `viewer` sees of these people: "You", a name, "Student 7" for a hidden one, or "Guest 3f2a".

        No two guests have the same name, whoever of them is asked about.
        """
        wanted = set(ids) - {viewer.id}
        found: dict[str, str] = {}
        for member in self._members.get(None, self._read) if wanted else ():
            if member.id in wanted:
                seen = viewer.instructs or not member.hidden
                found[member.id] = member.shown if seen else f"Student {member.number}"
        if guests := wanted - found.keys():
            named = guest_names(guests | self._owners.get(None, self._read_owners))
            found |= {id: named[id] for id in guests}
        return {**found, viewer.id: "You"} if viewer.id in ids else found

    def members(self, viewer: Person) -> list[Member]:
        """Return everybody who signed in, in the order in which they came.

        Raises:
            NotAllowed: `viewer` does not instruct.
        """
        _check_instructs(viewer)
        return self._members.get(None, self._read)

    def hide_names(self, hidden: bool, by: Person) -> None:
        """Hide students' names from each other, also of who comes later, or show them again.

        Raises:
            NotAllowed: `by` does not instruct.
        """
        _check_instructs(by)
        with self._database.writing() as connection:
            alone(connection, NAMING)
            connection.execute(sa.update(people).where(people.c.role == "student").values(hidden=hidden))
            upsert(connection, class_state, [{"name": NAMES_HIDDEN, "value": hidden}])
        self._members.forget()

    def are_hidden(self) -> bool:
        """Return whether the class's names are hidden."""
        with self._database.reading() as connection:
            return _are_hidden(connection)

    def _read(self) -> list[Member]:
        query = sa.select(people).order_by(people.c.first_seen, people.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        counts: dict[str, int] = {}
        found = []
        for row in rows:
            number = counts[row.role] = counts.get(row.role, 0) + 1
            found.append(Member(row.id, row.shown, row.role, row.first_seen, row.last_seen, row.hidden, number))
        return found

    def _read_left(self) -> set[str]:
        with self._database.reading() as connection:
            return set(connection.execute(sa.select(signed_out.c.id)).scalars())

    def _read_owners(self) -> set[str]:
        with self._database.reading() as connection:
            return set(connection.execute(sa.select(run_owners.c.owner).distinct()).scalars())


def _are_hidden(connection: sa.Connection) -> bool:
    return bool(connection.execute(sa.select(class_state.c.value).where(class_state.c.name == NAMES_HIDDEN)).scalar())


def _free(name: str, taken: Collection[str]) -> str:
    """Return `name`, or with the first number from 2 after it that makes it nobody else's."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name[: MAX_SHOWN - 6]} {number}"
    return free


def _check_instructs(person: Person) -> None:
    if not person.instructs:
        raise NotAllowed("Only an instructor can do this.")
