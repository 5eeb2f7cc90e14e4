from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.runs.scheduler import QueuedRun, order

PEOPLE = "abcde"
queues = st.lists(
    st.builds(
        QueuedRun,
        run=st.uuids().map(str),
        owners=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple),
        since=st.floats(0, 100),
        front=st.booleans(),
    ),
    max_size=25,
    unique_by=lambda waiting: waiting.run,
)
own_queues = queues.map(lambda runs: [QueuedRun(run.run, run.owners[:1], run.since) for run in runs])


def test_fifty_runs_hold_up_one_by_a_single_run() -> None:
    many = [QueuedRun(f"many {i:02}", ("many",), i) for i in range(50)]
    one = QueuedRun("one", ("one",), 1000.0)
    assert [waiting.run for waiting in order([*many, one])][:3] == ["many 00", "one", "many 01"]
    assert order([*many, one], running={"many": 1})[0] == one
    assert order([*many, one], served={"many": 5.0})[0] == one


def test_a_person_who_was_served_long_ago_comes_before_one_served_lately() -> None:
    queue = [QueuedRun("x", ("lately",), 1.0), QueuedRun("y", ("long ago",), 2.0)]
    assert order(queue, served={"lately": 100.0, "long ago": 50.0})[0].run == "y"


def test_a_run_asked_for_by_two_counts_for_both() -> None:
    queue = [QueuedRun("shared", ("a", "b"), 1.0), QueuedRun("a's", ("a",), 2.0), QueuedRun("c's", ("c",), 3.0)]
    assert [waiting.run for waiting in order(queue)] == ["shared", "c's", "a's"]


@given(queues)
def test_everybody_is_in_the_order_once(queue: list[QueuedRun]) -> None:
    assert sorted(order(queue), key=lambda w: w.run) == sorted(queue, key=lambda w: w.run)


@given(queues, st.integers(0, 30))
def test_the_first_of_the_order_are_its_beginning(queue: list[QueuedRun], first: int) -> None:
    assert order(queue, first=first) == order(queue)[:first]


@given(queues)
def test_what_had_begun_goes_on_first(queue: list[QueuedRun]) -> None:
    fronts = [waiting.front for waiting in order(queue)]
    assert fronts == sorted(fronts, reverse=True)


@given(own_queues)
def test_one_person_is_served_first_come_first_served(queue: list[QueuedRun]) -> None:
    for person in PEOPLE:
        times = [waiting.since for waiting in order(queue) if waiting.owners == (person,)]
        assert all(a <= b for a, b in pairwise(times))


@given(own_queues, st.dictionaries(st.sampled_from(PEOPLE), st.floats(0, 100)))
def test_between_two_turns_of_one_everybody_who_waits_has_one(queue: list[QueuedRun], served: dict[str, float]) -> None:
    turns = [waiting.owners[0] for waiting in order(queue, served=served)]
    for person in PEOPLE:
        places = [place for place, owner in enumerate(turns) if owner == person]
        for first, second in pairwise(places):
            waiting_still = {owner for owner in turns[second:]} - {person}
            assert waiting_still <= set(turns[first + 1 : second])
