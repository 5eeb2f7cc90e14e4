"""An instructor's hand on everybody's runs, at a service that really trains."""

import time

import pytest

from core.runs.person import Person
from core.runs.run import FINISHED, QUEUED, STOPPED, NotAllowed
from core.runs.service import RunService
from tests.runs.conftest import Lab

TEACHER, STUDENT = Person("t", "T", "instructor", "browser"), Person("s", "S", "student", "browser")


def test_only_an_instructor_stops_moves_and_drains(service: RunService, lab: Lab) -> None:
    for refused in (
        lambda: service.stop_run("any", STUDENT),
        lambda: service.move_run("any", STUDENT, front=True),
        lambda: service.set_class_state(STUDENT, draining=True),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert service.class_state() == {}


def test_a_drained_queue_waits_and_goes_on_in_the_instructor_s_order(service: RunService, lab: Lab) -> None:
    training = service.submit(lab.lasting(seed=910), "somebody")
    lab.until(lambda: service.get(training).state == "running")
    service.set_class_state(TEACHER, draining=True)
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
        service.set_class_state(TEACHER, draining=None)
    assert [lab.ended(service, run).state for run in (first, second)] == [FINISHED, FINISHED]
