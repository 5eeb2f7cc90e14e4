"""The names that others see: unlike each other, hidden if the instructor says so, forgotten after a month."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.classroom import people as module
from core.classroom.people import People
from core.runs.database import Database
from core.runs.person import Person, guest_name
from core.runs.run import NotAllowed
from core.runs.tables import people
from tests.runs.test_board import BASE, put

A, B, C = (Person(id, name, "student", "class code") for id, name in (("a1", "Ada"), ("b1", "ada"), ("c1", "Emmy")))
TEACHER = Person("t1", "Ms. Noether", "instructor", "class code")


@pytest.fixture
def here(database: Database, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    return People(database)


def test_equal_names_get_a_number(here: People) -> None:
    assert [here.join(person).shown for person in (A, B, C, A)] == ["Ada", "ada 2", "Emmy", "Ada"]
    assert here.names(["a1", "b1", "c1"], C) == {"a1": "Ada", "b1": "ada 2", "c1": "You"}
    assert here.join(replace(A, shown="Emmy")).shown == "Emmy 2"  # a new name, of the same person
    assert here.names(["a1"], C) == {"a1": "Emmy 2"}


def test_who_gave_no_name_is_a_guest(here: People) -> None:
    here.join(A)
    assert here.names(["x" * 24], A) == {"x" * 24: guest_name("x" * 24)}
    assert here.names([], A) == {}


def test_no_two_guests_have_one_name(here: People) -> None:
    """Four digits of two of these are equal; the names of both say so to everybody, whoever is asked about."""
    seen: dict[str, str] = {}
    one, other = next(
        (seen[name], id) for id in map(str, range(65_537)) if seen.setdefault(name := guest_name(id), id) != id
    )
    assert here.names([other], A) == {other: guest_name(other)}
    for id in (one, "third"):
        put(here._database, replace(BASE, seed=len(id)), owner=id)
    names = here.names([one, other, "third"], A)
    assert len(set(names.values())) == 3
    assert names[one].startswith(guest_name(one))
    assert names["third"] == guest_name("third")
    here._owners.forget()
    assert here.names([other], A) == {other: names[other]}


def test_who_signed_out_is_nobody_in_any_tab(here: People) -> None:
    here.join(A)
    assert not here.has_left(A)
    here.leave(A)
    here.leave(A)
    assert here.has_left(A)
    assert not here.has_left(B)
    assert here.names(["a1"], C) == {"a1": "Ada"}, "the name stays beside their runs"


def test_hidden_names_are_numbers_for_everybody_but_the_instructor(here: People) -> None:
    here.hide_names(True, TEACHER)  # before anybody is here
    for person in (TEACHER, A, B):
        here.join(person)
    here.hide_names(True, TEACHER)
    here.join(C)  # who comes later is hidden as well
    assert here.are_hidden()
    ids = ["a1", "b1", "c1", "t1"]
    assert here.names(ids, A) == {"a1": "You", "b1": "Student 2", "c1": "Student 3", "t1": "Ms. Noether"}
    assert here.names(ids, TEACHER) == {"a1": "Ada", "b1": "ada 2", "c1": "Emmy", "t1": "You"}
    here.hide_names(False, TEACHER)
    assert here.names(ids, A)["b1"] == "ada 2"
    assert not here.are_hidden()


def test_only_an_instructor_lists_and_hides(here: People) -> None:
    here.join(A)
    for refused in (lambda: here.members(A), lambda: here.hide_names(True, A)):
        with pytest.raises(NotAllowed):
            refused()
    assert [member.shown for member in here.members(TEACHER)] == ["Ada"]
    assert not here.are_hidden()


def test_a_person_is_noted_once_a_minute(here: People, monkeypatch: pytest.MonkeyPatch) -> None:
    here.note(A)
    first = here.members(TEACHER)[0]
    here.note(A)
    assert here.members(TEACHER) == [first]
    monkeypatch.setattr(module, "NOTE_SECONDS", 0.0)
    here.note(replace(A, role="instructor"))
    later = here.members(TEACHER)[0]
    assert later.last_seen > first.last_seen
    assert (later.role, later.shown, later.first_seen) == ("instructor", "Ada", first.first_seen)


def test_a_name_is_forgotten_after_a_month(here: People, monkeypatch: pytest.MonkeyPatch) -> None:
    here.join(A)
    monkeypatch.setattr(module, "KEEP_SECONDS", -1.0)
    here.join(C)
    with here._database.reading() as connection:
        assert connection.execute(sa.select(people.c.id)).scalars().all() == ["c1"]


def test_two_tabs_of_one_person_may_come_at_once(here: People) -> None:
    threads = [threading.Thread(target=here.join, args=(A,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [member.id for member in here.members(TEACHER)] == ["a1"]


def test_no_two_people_who_come_at_once_get_one_name(here: People) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(here.join, (replace(A, id=f"p{number}") for number in range(8))))
    assert len({member.shown for member in here.members(TEACHER)}) == 8
