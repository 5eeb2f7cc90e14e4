"""Who may do what to a run, as the service itself checks it, and limits that a new cookie does not pass."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from filelock import FileLock

from core.classroom.classroom import Classroom
from core.data import DataError
from core.runs.host_limits import HostLimits
from core.runs.inference_client import InferenceClient, InferenceError
from core.runs.person import Person, guest_name
from core.runs.run import NotAllowed, NotNow, QueueFull, UnknownRun
from core.runs.service import RunService
from core.runs.store import Store
from core.runs.tables import control_requests, run_addresses, run_priorities
from core.training.experiment import Experiment, ExperimentError
from tests.runs.test_board import put

A, B = (Person(id, id.title(), "student", "class code", "192.0.2.1") for id in ("ada", "bob"))
TEACHER = Person("teacher", "T", "instructor", "class code")


@pytest.fixture
def queue_only(tmp_path: Path) -> Iterator[RunService]:
    """A service that trains nothing, as another process leads: what is submitted waits."""
    with FileLock(tmp_path / "leader.lock"):
        service = RunService(tmp_path, limits=HostLimits(queued=20, queued_per_person=5))
        yield service
        service.stop()


def begin(service: RunService, run: str) -> None:
    """Make a run one that trains."""
    assert Store(service.database).claim([run], "claim")


def test_only_an_owner_cancels(queue_only: RunService, lab: Any) -> None:
    run = queue_only.submit(lab.tiny(), A)
    for started in (False, True):
        if started:
            begin(queue_only, run)
        with pytest.raises(NotAllowed):
            queue_only.cancel(run, B.id)
        assert queue_only.get(run).owners == (A.id,)
    queue_only.cancel(run, A.id)
    assert queue_only.get(run).owners == ()
    queue_only.cancel(run, A.id)  # a second click, while it stops


def requests(service: RunService) -> list[tuple[str, float | None]]:
    with service.database.reading() as connection:
        return [(row.owner, row.learning_rate) for row in connection.execute(sa.select(control_requests))]


@pytest.mark.parametrize("who", [B, B.id, Person(A.id + "x", "Ada", "student", "browser"), ""])
def test_only_an_owner_or_an_instructor_changes_a_run(queue_only: RunService, lab: Any, who: Any) -> None:
    run = queue_only.submit(lab.tiny(), A)
    begin(queue_only, run)
    with pytest.raises(NotAllowed):
        queue_only.set_learning_rate(run, who, 0.1)
    with pytest.raises(NotAllowed):
        queue_only.stop_early(run, who)
    assert requests(queue_only) == []
    queue_only.stop_early(run, A)
    assert requests(queue_only) == [(A.id, None)]
    queue_only.set_learning_rate(run, TEACHER, 0.01)
    assert requests(queue_only) == [(A.id, 0.01)]  # the run that follows is still the student's


def test_only_who_alone_submitted_it_or_an_instructor_deletes(queue_only: RunService, lab: Any) -> None:
    run, shared = queue_only.submit(lab.tiny(), A), queue_only.submit(lab.tiny(seed=1), A)
    queue_only.submit(lab.tiny(seed=1), B)
    for one in (run, shared):
        with pytest.raises(NotAllowed):
            queue_only.delete(one, B)
    with pytest.raises(NotAllowed):
        queue_only.delete(shared, A)
    with pytest.raises(NotNow):
        queue_only.delete(run, A)  # it still waits
    queue_only.cancel(run, A.id)
    child = queue_only.submit(lab.tiny(parent_run=run), B)
    with pytest.raises(NotNow):
        queue_only.delete(run, TEACHER)  # another one begins with its weights
    queue_only.cancel(child, B.id)
    queue_only.delete(run, TEACHER)
    with pytest.raises(UnknownRun):
        queue_only.get(run)


def test_who_left_a_run_last_deletes_it(queue_only: RunService, lab: Any) -> None:
    """Its files count for them, so they must be able to be rid of it; nobody else's are."""
    run = queue_only.submit(lab.tiny(), A)
    queue_only.submit(lab.tiny(), B)
    for one in (A, B):
        queue_only.cancel(run, one.id)
    assert [queue_only.board(A).runs[0].responsible, queue_only.get(run).owners] == [(B.id,), ()]
    with pytest.raises(NotAllowed):
        queue_only.delete(run, A)
    queue_only.submit(lab.tiny(), A)  # owned again: who left before has no part of it
    queue_only.stop_run(run, TEACHER)
    queue_only.stop_run(run, TEACHER)  # a second click
    with pytest.raises(NotAllowed):
        queue_only.delete(run, B)
    queue_only.delete(run, A)
    assert not queue_only.board(A).runs


def test_who_submits_the_same_later_does_not_name_it(queue_only: RunService, lab: Any) -> None:
    """Equal settings are one run, and whoever asks for it owns it, too: that alone must not take its name away."""
    run = queue_only.submit(lab.tiny(), A)
    queue_only.submit(lab.tiny(), B)
    queue_only.name_run(run, "Ada's", "", A)
    for who in (B, Person(A.id + "x", "Ada", "student", "class code"), Person("", "", "student", "browser")):
        with pytest.raises(NotAllowed):
            queue_only.name_run(run, "not Ada's", "", who)
    assert queue_only.board(B).runs[0].label.name == "Ada's"
    queue_only.cancel(run, A.id)
    queue_only.name_run(run, "now Bob's", "", B)
    assert queue_only.board(B).runs[0].label.name == "now Bob's"


def test_a_frozen_class_submits_nothing_by_any_way(queue_only: RunService, lab: Any) -> None:
    before = queue_only.submit(lab.tiny(), A)
    done = put(queue_only.database, lab.tiny(seed=5), owner=A.id)[0]
    room = Classroom(queue_only.database)
    room.freeze(TEACHER, True)
    for refused in (
        lambda: queue_only.submit(lab.tiny(seed=1), A),
        lambda: queue_only.submit(lab.tiny(), B),
        lambda: queue_only.continue_run(done, A, 1),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert [run.id for run in queue_only.active()] == [before]
    assert queue_only.submit(lab.tiny(seed=1), TEACHER)
    room.freeze(TEACHER, False)
    assert queue_only.submit(lab.tiny(seed=2), A)


def test_a_place_that_the_instructor_gave_ends_with_the_attempt(queue_only: RunService, lab: Any) -> None:
    moved, other = queue_only.submit(lab.tiny(), A), queue_only.submit(lab.tiny(seed=1), B)
    queue_only.move_run(moved, TEACHER, front=False)
    assert [run.id for run in queue_only.active()] == [other, moved]
    queue_only.cancel(moved, A.id)
    queue_only.submit(lab.tiny(), A)
    with queue_only.database.reading() as connection:
        assert not connection.execute(sa.select(run_priorities)).all()


@pytest.mark.parametrize(
    "extra",
    ['"owner": "ada"', '"owners": ["ada"]', '"role": "instructor"', '"id": "0000000000000000"', '"address": ""'],
)
def test_a_spec_names_no_owner(lab: Any, extra: str) -> None:
    with pytest.raises(ExperimentError):
        Experiment.from_json(lab.tiny().to_json()[:-1] + f", {extra}}}")


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "..", "~/x", "C:\\x", "mnist/../x", "\0", "x@../../.."]
)
def test_no_path_in_a_spec_reaches_the_file_system(queue_only: RunService, lab: Any, path: str) -> None:
    with pytest.raises(ExperimentError):
        lab.tiny(parent_run=path)
    with pytest.raises(DataError):
        queue_only.submit(lab.tiny(data=path), A)
    with pytest.raises(UnknownRun):
        queue_only.get(path)
    with pytest.raises(UnknownRun):
        queue_only.cancel(path, A.id)
    with pytest.raises(InferenceError):
        InferenceClient(queue_only.home).for_owner(path).file(path)


def test_new_cookies_do_not_pass_the_limit_of_an_address(queue_only: RunService, lab: Any) -> None:
    """Twelve of twenty places for one address, whatever its people call themselves; others still find room."""
    for number in range(12):
        queue_only.submit(lab.tiny(seed=number), Person(f"p{number}", "", "student", "browser", "192.0.2.1"))
    with pytest.raises(QueueFull, match="12 runs from your network"):
        queue_only.submit(lab.tiny(seed=12), Person("new", "", "student", "browser", "192.0.2.1"))
    queue_only.submit(lab.tiny(seed=13), Person("elsewhere", "", "student", "browser", "192.0.2.2"))
    queue_only.submit(lab.tiny(seed=14), Person("signed in", "", "student", "openid"))
    queue_only.cancel(lab.tiny(seed=0).key, "p0")
    queue_only.submit(lab.tiny(seed=15), Person("new", "", "student", "browser", "192.0.2.1"))
    queue_only.delete(lab.tiny(seed=0).key, TEACHER)
    with queue_only.database.reading() as connection:
        noted = connection.execute(sa.select(run_addresses.c.run)).scalars().all()
    assert len(noted) == 13  # with its run, the note of where it came from goes


def test_the_limit_of_a_person_holds_for_crafted_specs(queue_only: RunService, lab: Any) -> None:
    for number in range(5):
        queue_only.submit(lab.tiny(seed=number), A)
    with pytest.raises(QueueFull, match="5 runs"):
        queue_only.submit(Experiment.from_json(lab.tiny(seed=9).to_json().replace(",", ", ")), A)


def test_a_guest_is_named_without_their_id() -> None:
    secret = "ab" * 12
    assert guest_name(secret) == guest_name(secret) != guest_name("cd" * 12)
    assert not set(guest_name(secret).split()[1:]) & {secret[:4], secret[-4:]}
