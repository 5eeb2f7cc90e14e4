"""The class's state, polls and results, in a store without any worker."""

import dataclasses
import threading
import time

import pytest
import sqlalchemy as sa

from core.classroom import expected_wait, lessons, poll_answers
from core.classroom.class_state import ClassState
from core.classroom.classroom import Classroom
from core.classroom.lessons import Task
from core.classroom.shared_value import Shared
from core.layers import builders
from core.runs.database import Database
from core.runs.instructor_actions import Instruction
from core.runs.person import Person
from core.runs.run import FINISHED, QUEUED, STOPPED, NotAllowed, NotNow, UnknownRun
from core.runs.scheduler import order
from core.runs.store import Store
from core.runs.tables import runs
from core.training.experiment import Experiment

TEACHER = Person("t", "Teacher", "instructor", "browser")
ANN, BEN = (Person(id, id, "student", "class code") for id in ("ann", "ben"))
LESSON = lessons.read(
    "mine",
    'title = "T"\nabout = "A"\nminutes = 5\n'
    '[[steps]]\npage = "mnist"\ntext = "X"\n[steps.poll]\nquestion = "Q"\nchoices = ["a", "b", "c"]\nanswer = 2\n'
    '[[steps]]\npage = "mnist"\ntext = "Y"\n'
    '[steps.task]\ntext = "T"\nruns = { data = "mnist", best = "parameters", accuracy = ">= 0.9" }\n',
    {"mnist": "m_"},
)


@pytest.fixture
def room(database: Database) -> Classroom:
    return Classroom(database)


def test_only_an_instructor_changes_the_class(room: Classroom) -> None:
    for change in (
        lambda: room.announce(ANN, "Hello"),
        lambda: room.freeze(ANN, True),
        lambda: room.drain(ANN, True),
        lambda: room.teach(ANN, "mine"),
        lambda: room.reveal(ANN, LESSON, 2),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert room.state() == ClassState()


def test_what_the_instructor_says_is_seen_and_taken_back(room: Classroom) -> None:
    room.announce(TEACHER, "  Look\n at <b>this</b> " + "x" * 300)
    room.freeze(TEACHER, True)
    state = room.state()
    assert state.announcement.startswith("Look at <b>this</b> x")
    assert len(state.announcement) == 200
    assert state.frozen
    room.announce(TEACHER, "")
    room.freeze(TEACHER, False)
    assert room.state() == ClassState()


def test_a_state_that_somebody_else_wrote_is_read_with_care() -> None:
    assert ClassState.read({"announcement": None, "frozen": "yes", "revealed": "3", "lesson": 5}) == ClassState(
        lesson="5"
    )


def test_a_person_has_one_answer_until_the_next_step_is_revealed(room: Classroom) -> None:
    room.teach(TEACHER, LESSON.name)
    room.answer(LESSON, 1, ANN, 0)
    room.answer(LESSON, 1, BEN, 1)
    room.answer(LESSON, 1, ANN, 1)
    assert room.answers(LESSON, 1) == {"ann": 1, "ben": 1}
    assert poll_answers.counts(room.answers(LESSON, 1), 3) == [0, 2, 0]
    with pytest.raises(NotNow):
        room.answer(LESSON, 1, ANN, 3)
    with pytest.raises(NotNow):
        room.answer(LESSON, 2, ANN, 0)
    room.reveal(TEACHER, LESSON, 2)
    with pytest.raises(NotNow):
        room.answer(LESSON, 1, ANN, 0)
    assert room.answers(LESSON, 1)["ann"] == 1
    room.reveal(TEACHER, LESSON, 99)
    assert room.state().revealed == 2


def test_another_class_begins_without_the_answers_of_the_last_one(room: Classroom) -> None:
    room.answer(LESSON, 1, ANN, 0)
    time.sleep(0.01)
    room.teach(TEACHER, LESSON.name)
    assert room.answers(LESSON, 1) == {}


def finish(database: Database, experiment: Experiment, owner: Person, accuracy: float) -> str:
    run = Store(database).enqueue(experiment, owner.id, "auto", 20, 200)
    values = {"state": FINISHED, "finished": time.time(), "summary": {"test_accuracy": accuracy, "whole_seconds": 2.0}}
    with database.writing() as connection:
        connection.execute(sa.update(runs).where(runs.c.id == run).values(values))
    return run


def test_the_best_of_each_person_is_collected(database: Database, room: Classroom) -> None:
    task = LESSON.steps[1].task
    assert task is not None
    small, large = (Experiment(layers=builders.mlp((width,)), data="mnist-5k") for width in (8, 32))
    finish(database, large, ANN, 0.95)
    best = finish(database, small, ANN, 0.92)
    finish(database, dataclasses.replace(small, seed=1), BEN, 0.89)  # misses the accuracy
    finish(database, dataclasses.replace(large, seed=1), BEN, 0.99)
    results = room.results(LESSON, task)
    assert [(result.owner, result.run.id == best) for result in results] == [("ann", True), ("ben", False)]
    assert results[0].figures["parameters"] == 784 * 8 + 8 + 8 * 10 + 10
    cifar = dataclasses.replace(task, data="cifar10")
    assert not room.results(LESSON, cifar)


def test_runs_from_before_the_class_do_not_count(database: Database, room: Classroom) -> None:
    task: Task | None = LESSON.steps[1].task
    assert task is not None
    finish(database, Experiment(layers=builders.mlp((8,)), data="mnist-5k"), ANN, 0.95)
    assert len(room.results(LESSON, task)) == 1, "alone, all that one ever trained counts"
    time.sleep(0.01)
    room.teach(TEACHER, LESSON.name)
    assert not room.results(LESSON, task)


def test_an_instructor_moves_and_stops_runs(database: Database) -> None:
    store, instruction = Store(database), Instruction(database)
    ids = [
        store.enqueue(Experiment(layers=builders.mlp((8,)), data="mnist-5k", seed=seed), "ann", "auto", 20, 200)
        for seed in range(4)
    ]
    instruction.move(ids[2], front=True)
    instruction.move(ids[3], front=True)
    instruction.move(ids[0], front=False)
    assert [run.run for run in order(*store.queue())] == [ids[3], ids[2], ids[1], ids[0]]
    instruction.stop(ids[3])
    assert store.run(ids[3]).state == STOPPED
    assert store.run(ids[3]).owners == ()
    with pytest.raises(NotNow):
        instruction.move(ids[3], front=True)
    with pytest.raises(UnknownRun):
        instruction.stop("nothing")
    assert store.claim([ids[2]], "claim")
    store.release(ids[2], "claim")
    assert store.run(ids[2]).state == QUEUED
    assert next(run.priority for run in store.queue()[0] if run.run == ids[2]) == 0, "it had its turn"


def test_waits_are_those_of_the_slots() -> None:
    assert expected_wait.waits([], [10.0, 20.0, 5.0], 2) == [0.0, 0.0, 10.0, 15.0]
    assert expected_wait.waits([30.0, 5.0], [10.0, 10.0], 2) == [5.0, 15.0, 25.0]
    assert expected_wait.waits([8.0], [], 1) == [8.0]


def test_a_long_run_is_expected_to_take_long_whatever_runs_took_lately() -> None:
    run = Experiment(layers=builders.mlp((8,)), data="mnist-5k")
    service = expected_wait.Service(whole=3.0, beside=2.0, an_image=0.001)
    assert service.of(dataclasses.replace(run, train_images=500, epochs=2)) == 3.0
    assert service.of(dataclasses.replace(run, train_images=4_000, epochs=20)) == 82.0
    assert service.of(dataclasses.replace(run, train_images=4_000, epochs=20, time_budget=30.0)) == 32.0
    assert expected_wait.measured([]) is None


def test_a_shared_value_is_computed_once_for_all() -> None:
    shared: Shared[int] = Shared(60.0)
    computed: list[int] = []

    def compute() -> int:
        computed.append(1)
        time.sleep(0.02)
        return 7

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(shared.get("a", compute))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(computed)) == ([7] * 20, 1)
    shared.forget()
    assert shared.get("a", lambda: 8) == 8


def test_an_older_value_is_given_while_the_next_one_is_computed() -> None:
    shared: Shared[int] = Shared(0.0)
    shared.get("a", lambda: 1)
    begun, end = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        end.wait(10)
        return 2

    other = threading.Thread(target=lambda: shared.get("a", slow))
    other.start()
    begun.wait(10)
    assert shared.get("a", lambda: 3) == 1
    end.set()
    other.join()
