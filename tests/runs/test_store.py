"""The store alone: no worker, no torch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.runs import tables
from core.runs.control_requests import request_change
from core.runs.database import Database
from core.runs.recorder import ClaimLost, Recorder
from core.runs.run import NotAllowed, QueueFull, StoreUnavailable, UnknownRun
from core.runs.store import NAME_LETTERS, Store
from core.runs.stored_runs import StoredRuns
from core.training.events import Checkpoint, Evaluated, Finished, Progress, Started


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def cut_off(store: Store) -> None:
    """Release every running run, as a leader does that finds no worker."""
    store.add_dispatcher("a new leader....")
    store.remove_dispatcher("a new leader....")


def started(step: int = 0, device: str = "cpu") -> Started:
    images = {"train_images": 1, "epoch_images": 1, "test_images": 1, "held_out": 0}
    figures = images | {"parameters": 1, "steps": 9, "steps_per_epoch": 3}
    where = {"data": "d", "data_title": "D", "device_reason": "", "precision": "float32", "threads": 1}
    return Started(device=device, **where, **figures, epochs=3, step=step)


def progress(step: int, loss: float = 1.0) -> Progress:
    place = {"step": step, "epoch": step / 3, "images": step, "seconds": step, "whole_seconds": step + 0.5}
    return Progress(**place, loss=loss, accuracy=0.5, learning_rate=1, images_per_second=1, seconds_left=1)


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(step=step, epoch=step / 3, tensors={}, state={})


def enqueue(store: Store, experiment: Any, owner: str = "me", per_person: int = 20, in_all: int = 200) -> str:
    return store.enqueue(experiment, owner, "auto", per_person, in_all)


def test_thirty_people_who_ask_at_once_share_one_run(store: Store, lab: Any) -> None:
    found: list[str] = []
    lab.at_once(lambda at: found.append(enqueue(store, lab.tiny(), f"p{at}")), range(30), 30)
    assert found == [lab.tiny().key] * 30
    assert store.counts()["queued"] == 1
    assert sorted(store.run(found[0]).owners) == sorted(f"p{i}" for i in range(30))


def test_a_run_of_an_earlier_version_names_the_pictures_it_was_on(store: Store, lab: Any) -> None:
    key = enqueue(store, lab.tiny())
    before = lab.tiny().to_json().replace('"data_edition":2,', "")
    with store.database.writing() as connection:
        connection.execute(sa.update(tables.runs).where(tables.runs.c.id == key).values(experiment=before))
    assert (lab.tiny().data, store.run(key).experiment.data) == ("mnist-5k", "mnist-5k@1")


def test_limits_a_person_and_in_all(store: Store, lab: Any) -> None:
    for seed in range(3):
        enqueue(store, lab.tiny(seed), "a", per_person=3)
    with pytest.raises(QueueFull, match="3 runs"):
        enqueue(store, lab.tiny(3), "a", per_person=3)
    assert enqueue(store, lab.tiny(0), "a", per_person=3) == lab.tiny(0).key  # it waits already: nothing is added
    enqueue(store, lab.tiny(3), "b", per_person=3, in_all=4)
    with pytest.raises(QueueFull, match="4 runs"):
        enqueue(store, lab.tiny(4), "c", per_person=3, in_all=4)


def test_a_queued_run_stops_when_the_last_asker_leaves(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny(), "a")
    enqueue(store, lab.tiny(), "b")
    store.withdraw(run, "a")
    with pytest.raises(NotAllowed):
        store.withdraw(run, "stranger")
    assert store.run(run).state == "queued"
    store.withdraw(run, "b")
    assert store.run(run).state == "stopped"
    enqueue(store, lab.tiny(), "c")
    assert store.run(run).state == "queued"
    assert store.run(run).owners == ("c",)


def test_unknown_runs_are_named(store: Store) -> None:
    for question in (lambda: store.run("0" * 16), lambda: store.withdraw("0" * 16, "me")):
        with pytest.raises(UnknownRun, match="There is no run '0000000000000000' here") as error:
            question()
        assert str(error.value).startswith("There is")
    assert store.runs(["0" * 16]) == {}


def test_a_run_may_be_claimed_once_and_only_while_it_waits(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    assert store.claim([run], "first")
    assert not store.claim([run], "second")
    store.release(run, "second")  # not theirs to give back
    assert store.run(run).state == "running"
    store.release(run, "first")
    assert store.run(run).state == "queued"


def test_two_deaths_are_survived_and_the_third_is_not(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    for attempt in (1, 2):
        assert store.claim([run], f"{attempt}")
        store.mark_dead(run, f"{attempt}", "It was killed.", most=2)
        assert store.run(run).state == "queued"
        assert store.run(run).attempts == attempt + 1
    assert store.claim([run], "3")
    store.mark_dead(run, "3", "It was killed.", most=2)
    assert store.run(run).state == "failed"
    assert "3 times" in str(store.run(run).reason)
    assert [event["event"] for event in store.history(run, 0)] == ["note"] * 3
    enqueue(store, lab.tiny())
    assert store.run(run).attempts == 1


def test_a_run_whose_worker_died_goes_on_before_others_begin(store: Store, lab: Any) -> None:
    first, second = enqueue(store, lab.tiny(0)), enqueue(store, lab.tiny(1))
    store.claim([second], "x")
    store.mark_dead(second, "x", "It was killed.", most=2)
    fronts = {waiting.run: waiting.front for waiting in store.queue()[0]}
    assert fronts == {first: False, second: True}


def test_history_goes_back_to_the_checkpoint_and_numbers_never_return(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "first")
    recorder = Recorder(store.database, run, "first")
    for event in (started(), progress(1), progress(3), checkpoint(3), progress(4), progress(5)):
        recorder.add(event)
    recorder.flush()
    before = store.history(run, 0)
    assert [event["seq"] for event in before] == [1, 2, 3, 4, 5, 6]
    store.mark_dead(run, "first", "It was killed.", most=2)
    store.claim([run], "second")
    recorder = Recorder(store.database, run, "second")
    for event in (started(step=3), progress(4), progress(6), checkpoint(6)):
        recorder.add(event)
    after = store.history(run, 0)
    assert [(event["event"], event.get("step")) for event in after] == [
        *[("started", 0), ("progress", 1), ("progress", 3), ("checkpoint", 3), ("note", None)],
        *[("started", 3), ("progress", 4), ("progress", 6), ("checkpoint", 6)],
    ]
    assert [event["seq"] for event in after] == [1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert store.history(run, 9) == after[-2:]


def test_a_run_that_begins_again_forgets_what_it_told(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    for claim in ("first", "second"):
        store.claim([run], claim)
        recorder = Recorder(store.database, run, claim)
        for event in (started(), progress(1), progress(2)):
            recorder.add(event)
        recorder.flush()
        store.release(run, claim)
    assert [event.get("step") for event in store.history(run, 0)] == [0, 1, 2]


def test_the_first_point_is_written_at_once_and_later_ones_in_batches(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    for event in (started(), progress(1), *(progress(step) for step in range(2, 9))):
        recorder.add(event)
    assert len(store.history(run, 0)) == 2
    time.sleep(0.26)
    recorder.add(progress(9))
    assert len(store.history(run, 0)) == 10


def test_an_attempt_that_lost_its_claim_writes_nothing(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "late")
    recorder = Recorder(store.database, run, "late")
    recorder.add(started())
    cut_off(store)
    store.claim([run], "new")
    with pytest.raises(ClaimLost):
        recorder.add(progress(1))
    with pytest.raises(ClaimLost):
        recorder.end("finished")
    assert len(store.history(run, 0)) == 1


def test_the_heart_beats_without_events_but_not_for_ever(
    store: Store, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.recorder.BEAT_SECONDS", 0.02)
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")

    def beats(seconds: float) -> int:
        heard = set()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            heard.add(store.running()[run][1])
            time.sleep(0.01)
        return len(heard)

    recorder = Recorder(store.database, run, "x")
    with recorder.beating():
        assert beats(0.5) > 3
        monkeypatch.setattr("core.runs.recorder.SILENCE_SECONDS", 0.1)
        time.sleep(0.2)
        assert beats(0.3) == 1


def test_cancel_reaches_the_worker_and_asking_again_takes_it_back(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    recorder.add(started())
    assert not recorder.interrupted
    store.withdraw(run, "me")
    recorder.flush()
    assert recorder.interrupted
    enqueue(store, lab.tiny(), "somebody else")  # too late for the worker, which writes its checkpoint already
    recorder.release()
    assert store.run(run).state == "queued"


def test_the_summary_is_the_latest_of_every_figure(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    evaluated = {"step": 3, "epoch": 1.0, "images": 3, "seconds": 3.0, "whole_seconds": 4.0, "loss": float("nan")}
    evaluated |= {"pictures": 9, "final": False}
    for event in (started(), progress(3, loss=0.25), Evaluated(split="held-out", accuracy=0.75, **evaluated)):
        recorder.add(event)
    summary = store.run(run).summary
    assert (summary["steps"], summary["loss"], summary["held_out_accuracy"]) == (9, 0.25, 0.75)
    assert summary["held_out_loss"] is None  # JSON has no NaN
    figures = {"test_loss": 0.1, "held_out_accuracy": None, "train_seconds": 1, "images_per_second": 1, "parameters": 1}
    figures |= {"evaluate_seconds": 0, "prepare_seconds": 0, "save_seconds": 0, "whole_seconds": 1, "views": "none"}
    figures |= {"one_view_accuracy": None, "test_images": 9, "train_images": 9, "data_title": "D"}
    recorder.finish(Finished(test_accuracy=0.9, device="cpu", precision="float32", data="d", key="k", **figures))
    assert store.run(run).state == "finished"
    assert store.run(run).summary["test_accuracy"] == 0.9


def evaluated(step: int, accuracy: float) -> Evaluated:
    place = {"step": step, "epoch": step / 3, "images": step, "seconds": step, "whole_seconds": step + 0.5}
    return Evaluated(**place, split="test", loss=1.0, accuracy=accuracy, pictures=9, final=False)


@pytest.mark.parametrize(("step", "seconds", "accuracy"), [(3, 3.0, 0.4), (6, 6.0, 0.7), (4, 4.0, 0.4)])
def test_an_attempt_that_goes_on_has_the_figures_of_before(
    store: Store, lab: Any, step: int, seconds: float, accuracy: float
) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "killed")
    recorder = Recorder(store.database, run, "killed")
    recorder.add(started())
    for place in range(1, 8):
        recorder.add(progress(place))
        if place in (3, 6):
            recorder.add(evaluated(place, {3: 0.4, 6: 0.7}[place]))
    recorder.flush()
    cut_off(store)
    store.claim([run], "next")
    Recorder(store.database, run, "next").add(started(step=step))
    found = store.run(run)
    assert (found.summary["step"], found.summary["seconds"], found.summary["images"]) == (step, seconds, step)
    assert found.summary["test_accuracy"] == accuracy
    assert found.images_per_second == 1.0


def test_figures_without_a_history_are_taken_over_too(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    reported = {"step": 40, "seconds": 4.0, "images": 900, "test_accuracy": 0.9, "successor": "0" * 16}
    with store.database.writing() as connection:
        connection.execute(sa.update(tables.runs).where(tables.runs.c.id == run).values(summary=reported))
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    recorder.add(started(step=40))
    assert store.run(run).summary | reported == store.run(run).summary
    recorder.add(progress(50))
    recorder.flush()
    assert store.run(run).summary["seconds"] == 50
    assert store.run(run).summary["successor"] == "0" * 16


def test_an_attempt_from_the_beginning_has_no_figures_of_before(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    for claim in ("first", "second"):
        store.claim([run], claim)
        recorder = Recorder(store.database, run, claim)
        recorder.add(started())
        assert "seconds" not in store.run(run).summary
        recorder.add(progress(3))
        recorder.flush()
        assert store.run(run).summary["seconds"] == 3
        cut_off(store)


def test_a_run_whose_worker_lets_go_is_pausing_or_stopping(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    assert store.run(run).state == "running"
    request_change(store.database, run, "me", 0.5)
    assert store.run(run).state == "running"
    request_change(store.database, run, "me", None)
    assert store.run(run).state == "stopping"
    assert store.run(run).active
    enqueue(store, lab.tiny(), "you")  # for whom it goes on
    assert store.run(run).state == "running"
    store.withdraw(run, "you")
    store.withdraw(run, "me")
    assert store.run(run).state == "pausing"
    assert store.run(run).active
    store.release(run, "x")
    assert store.run(run).state == "stopped"
    assert not store.run(run).active


def test_who_joins_a_run_keeps_it_when_the_first_leaves(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    enqueue(store, lab.tiny(), "you")
    store.withdraw(run, "me")
    assert (store.run(run).state, store.run(run).owners) == ("running", ("you",))
    recorder = Recorder(store.database, run, "x")
    recorder.add(started())
    assert not recorder.interrupted


def test_a_short_failure_of_the_store_loses_nothing(store: Store, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x", patience=0.2)
    recorder.add(started())

    @contextmanager
    def full() -> Iterator[sa.Connection]:
        raise StoreUnavailable("The disk is full.")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(store.database, "writing", full)
        recorder.add(progress(1))
    recorder.flush()
    assert len(store.history(run, 0)) == 2
    monkeypatch.setattr(store.database, "writing", full)
    time.sleep(0.25)
    with pytest.raises(ClaimLost, match="disk is full"):
        recorder.flush()


def test_what_a_broken_connection_had_written_is_not_written_again(
    store: Store, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    for event in (started(), progress(1), progress(2)):
        recorder.add(event)
    recorder.flush()
    recorder = Recorder(store.database, run, "x")  # goes on from the first step
    writing, breaks = store.database.writing, [True, False, True]

    @contextmanager
    def broken() -> Iterator[sa.Connection]:
        with writing() as connection:
            yield connection
        if breaks and breaks.pop(0):
            raise StoreUnavailable("The connection is lost after it committed.")

    monkeypatch.setattr(store.database, "writing", broken)
    monkeypatch.setattr("core.runs.recorder.RETRY_SECONDS", 0.0)
    recorder.add(started(step=1))  # written, and not known to be
    recorder.add(progress(3))
    recorder.flush()
    recorder.add(progress(4))
    recorder.flush()
    recorder.add(progress(5))
    recorder.flush()
    told = [(event["event"], event["step"]) for event in store.history(run, 0)]
    before = [("started", 0), ("progress", 1)]
    assert told == [*before, ("started", 1), ("progress", 3), ("progress", 4), ("progress", 5)]
    assert breaks == []


def test_a_link_with_anything_in_it_names_no_run(store: Store) -> None:
    for id in ("\x00", "'; DROP TABLE runs; --", "a" * 10_000, "%s", "\ud800"):
        assert store.runs([id]) == {}


def test_who_fails_to_claim_a_run_leaves_the_requests_of_who_holds_it(store: Store, lab: Any) -> None:
    run = enqueue(store, lab.tiny())
    assert store.claim([run], "x")
    request_change(store.database, run, "me", None)
    assert store.claim([run], "y") is None
    assert store.run(run).state == "stopping"


# ---------------------------------------------------------------------- two dispatchers

ALPHA, BETA = "a" * NAME_LETTERS, "b" * NAME_LETTERS


@pytest.fixture
def two(store: Store) -> Iterator[tuple[Store, Store]]:
    """The stores as two machines' dispatchers have them."""
    home, url = store.database.home, store.database._url
    alpha, beta = (Store(Database(home, url, machine)) for machine in ("alpha", "beta"))
    alpha.add_dispatcher(ALPHA)
    beta.add_dispatcher(BETA)
    yield alpha, beta
    for store in (alpha, beta):
        store.database.close()


def age(store: Store, name: str, seconds: float) -> None:
    here = tables.dispatchers.c.name == name
    with store.database.writing() as connection:
        connection.execute(sa.update(tables.dispatchers).where(here).values(seen=tables.clock() - seconds))


def test_of_many_who_claim_at_once_each_run_has_one(two: tuple[Store, Store], lab: Any) -> None:
    ids = [enqueue(two[0], lab.tiny(seed), f"p{seed}") for seed in range(20)]
    found: list[str] = []

    def claim_all(at: int) -> None:
        while (run := two[at % 2].claim(ids, f"{at}")) is not None:
            found.append(run)

    lab.at_once(claim_all, range(6))
    # One that another holds for a moment is passed over: the last are taken by who asks again.
    while (run := two[0].claim(ids, "late")) is not None:
        found.append(run)
    assert sorted(found) == sorted(ids)


def test_a_dispatcher_releases_the_runs_of_one_that_is_gone_and_no_others(two: tuple[Store, Store], lab: Any) -> None:
    alpha, beta = two
    runs = [enqueue(alpha, lab.tiny(seed), f"p{seed}") for seed in range(3)]
    claims = [f"{ALPHA}1", f"{BETA}2", "nobody's"]
    for run, claim in zip(runs, claims, strict=True):
        assert alpha.claim([run], claim) == run
    recorder = Recorder(alpha.database, runs[0], claims[0])
    recorder.add(started())
    assert beta.running(BETA).keys() == {runs[1]}
    beta.release_lost(BETA, 30.0)
    assert [alpha.run(run).state for run in runs] == ["running", "running", "queued"]
    age(alpha, ALPHA, 31.0)
    age(alpha, BETA, 31.0)  # who asks lives
    beta.release_lost(BETA, 30.0)
    assert [alpha.run(run).state for run in runs] == ["queued", "running", "queued"]
    with pytest.raises(ClaimLost):  # it was only out of reach: what it writes now is too late
        recorder.flush()
    alpha.see_dispatcher(ALPHA)
    assert alpha.claim([runs[0]], f"{ALPHA}3") == runs[0]
    beta.release_lost(BETA, 30.0)
    assert alpha.run(runs[0]).state == "running"
    alpha.remove_dispatcher(ALPHA)
    assert [alpha.run(run).state for run in runs] == ["queued", "running", "queued"]


def test_workers_are_known_by_machine(two: tuple[Store, Store]) -> None:
    alpha, beta = two
    for store, started_at in ((alpha, 1.0), (beta, 2.0), (beta, 3.0)):
        store.register_worker(7, started_at)
    beta.check_writable()
    assert (alpha.registered_workers(), beta.registered_workers()) == ({7: 1.0}, {7: 3.0})
    age(alpha, ALPHA, 31.0)
    beta.release_lost(BETA, 30.0)
    assert (alpha.registered_workers(), beta.registered_workers()) == ({}, {7: 3.0})
    beta.unregister_worker(7)
    assert beta.registered_workers() == {}


def test_views_noted_at_once_are_all_noted(store: Store, lab: Any) -> None:
    ids = [enqueue(store, lab.tiny(seed)) for seed in range(5)]
    stored = StoredRuns(store.database)
    lab.at_once(lambda at: stored.watch(ids if at % 2 else ids[::-1]), range(20))
    with store.database.reading() as connection:
        assert set(connection.execute(sa.select(tables.watched.c.run)).scalars()) == set(ids)
    assert {one.run for one in stored.all() if one.seen > time.time() - 60} == set(ids)
    store.withdraw(ids[0], "me")
    assert stored.delete(ids[0])
    assert len(stored.all()) == 4


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreUnavailable, match=r"runs\.sqlite is damaged: move it away"):
        Store(Database(tmp_path)).counts()
