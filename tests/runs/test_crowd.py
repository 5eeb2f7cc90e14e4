"""A whole class at once, through two web servers to two dispatchers with a quick executor, on each database."""

import random
from collections import Counter, defaultdict
from typing import Any

import pytest

from core.runs import scheduler
from core.runs.database import Database
from core.runs.recorder import Recorder
from core.runs.run import QueueFull
from core.runs.store import NAME_LETTERS, Store

CLAIMERS = 4
FINISHED = "finished"


@pytest.fixture
def replicas(database: Database) -> Any:
    """Two processes' stores."""
    stores = [Store(Database(database.home, database._url, machine)) for machine in ("alpha", "beta")]
    for store, name in zip(stores, "ab", strict=True):
        store.add_dispatcher(name * NAME_LETTERS)
    yield stores
    for store in stores:
        store.database.close()


def train_all(replicas: list[Store], lab: Any) -> list[str]:
    """Claim and finish whatever waits, in several dispatchers at once; return the runs in the order of their claims."""
    log: list[str] = []

    def dispatch(at: int) -> None:
        store, name = replicas[at % 2], "ab"[at % 2] * NAME_LETTERS
        while store.counts()["queued"]:
            queued, running, served = store.queue()
            turns = [turn.run for turn in scheduler.order(queued, running, served, first=20)]
            claim = f"{name}{at} {len(log)}"
            if (run := store.claim(turns, claim)) is not None:
                log.append(run)
                Recorder(store.database, run, claim).end(FINISHED)

    lab.at_once(dispatch, range(CLAIMERS))
    started = {id: run.started for id, run in replicas[0].runs(set(log)).items()}
    return sorted(log, key=lambda run: started[run])


@pytest.mark.parametrize("people", [100, pytest.param(300, marks=pytest.mark.nightly)])
def test_of_what_many_people_ask_at_once_nothing_is_lost_or_trained_twice(
    replicas: list[Store], lab: Any, people: int
) -> None:
    wanted = {
        person: [lab.tiny(person), lab.tiny(1000 + person // 10), lab.tiny(2000 + person % 10)]
        for person in range(people)
    }
    requests = [(person, experiment) for person, mine in wanted.items() for experiment in mine] * 2  # everybody twice
    random.Random(0).shuffle(requests)

    def ask(request: tuple[int, Any]) -> None:
        person, experiment = request
        assert replicas[person % 2].enqueue(experiment, f"p{person}", "auto", 20, 1000) == experiment.key

    lab.at_once(ask, requests)
    keys = {experiment.key for mine in wanted.values() for experiment in mine}
    assert replicas[0].counts()["queued"] == len(keys) == people + people // 10 + 10
    log = train_all(replicas, lab)
    assert Counter(log) == dict.fromkeys(keys, 1)
    lab.at_once(ask, requests[:100])  # it is there already
    assert replicas[1].counts() == {**dict.fromkeys(replicas[1].counts(), 0), FINISHED: len(keys)}
    found = replicas[0].runs(keys)
    for person, mine in wanted.items():
        assert all(f"p{person}" in found[experiment.key].owners for experiment in mine)


def test_everybody_has_a_turn_before_anybody_has_the_next(replicas: list[Store], lab: Any) -> None:
    people, each = 60, 3
    owner = {lab.tiny(each * person + at).key: person for person in range(people) for at in range(each)}
    for run in range(people * each):
        replicas[run % 2].enqueue(lab.tiny(run), f"p{run // each}", "auto", 20, 1000)
    turns: dict[int, list[int]] = defaultdict(list)
    for place, run in enumerate(train_all(replicas, lab)):
        turns[owner[run]].append(place // people)
    # Claims that are made at once may change places, those of one round's end with those of the next's beginning.
    late = sum(rounds != list(range(each)) for rounds in turns.values())
    assert sum(len(rounds) for rounds in turns.values()) == people * each
    assert late <= each * CLAIMERS


def test_after_fifty_runs_of_one_person_the_next_is_of_the_other(replicas: list[Store], lab: Any) -> None:
    for seed in range(50):
        replicas[0].enqueue(lab.tiny(seed), "a", "auto", 50, 1000)
    assert replicas[0].claim([lab.tiny(0).key], "a" * NAME_LETTERS)
    b = replicas[1].enqueue(lab.tiny(50), "b", "auto", 50, 1000)
    for store in replicas:
        assert scheduler.order(*store.queue(), first=20)[0].run == b


def test_two_that_take_the_last_place_at_once_do_not_both_get_it(replicas: list[Store], lab: Any) -> None:
    refused: list[int] = []

    def ask(seed: int) -> None:
        try:
            replicas[seed % 2].enqueue(lab.tiny(seed), "one person in many tabs", "auto", 5, 1000)
        except QueueFull:
            refused.append(seed)

    lab.at_once(ask, range(16))
    assert len(refused) == 11
    assert replicas[0].counts()["queued"] == 5
