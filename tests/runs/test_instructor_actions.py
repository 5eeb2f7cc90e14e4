"""An instructor's hand on everybody's runs, at a service that really trains."""

import time

import pytest

from core.classroom.class_state import ClassState
from core.classroom.classroom import Classroom
from core.runs.person import Person
from core.runs.run import FINISHED, QUEUED, STOPPED, NotAllowed
from core.runs.service import RunService
from tests.runs.conftest import Lab

TEACHER, STUDENT = Person("t", "T", "instructor", "browser"), Person("s", "S", "student", "browser")


def test_only_an_instructor_stops_moves_and_drains(service: RunService, lab: Lab) -> None:
    for refused in (
        lambda: service.stop_run("any", STUDENT),
        lambda: service.move_run("any", STUDENT, front=True),
        lambda: Classroom(service.database).drain(STUDENT, True),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert Classroom(service.database).state() == ClassState()


def test_a_drained_queue_waits_and_goes_on_in_the_instructor_s_order(service: RunService, lab: Lab) -> None:
    training = service.submit(lab.lasting(seed=910), "somebody")
    lab.until(lambda: service.get(training).state == "running")
    room = Classroom(service.database)
    room.drain(TEACHER, True)
    try:
        first, second = (service.submit(lab.tiny(seed=seed), "somebody") for seed in (911, 912))
        service.move_run(second, TEACHER, front=True)
        time.sleep(1.0)  # four of the dispatcher's ticks
        assert [run.id for run in service.active()] == [training, second, first]
        assert service.get(first).state == service.get(second).state == QUEUED
        assert service.get(training).state == "running", "what trains goes on"
        service.stop_run(training, TEACHER)
        assert lab.ended(service, training).state == STOPPED
    finally:
        room.drain(TEACHER, False)
    assert [lab.ended(service, run).state for run in (first, second)] == [FINISHED, FINISHED]
