import threading
import time
from pathlib import Path
from typing import Any

import pytest

from core.runs.history_cache import HistoryCache, joined
from core.runs.run import Run, StoreUnavailable
from tests.made_runs import made_run


class Service:
    """A run service of two runs that counts how often it is read."""

    def __init__(self, lab: Any) -> None:
        self.reads = 0
        self.broken = False
        self.state = "running"
        self.heard: tuple[int, int] | None = None
        self._lab = lab
        self.events: list[dict[str, Any]] = []
        self.tell(event="started", step=0)

    def tell(self, **event: Any) -> None:
        self.events.append({"seq": len(self.events) + 1, **event})

    def progress(self, step: int, loss: float | None = 1.0) -> None:
        place = {"step": step, "epoch": step / 10, "images": step, "seconds": step / 100}
        self.tell(event="progress", **place, loss=loss, accuracy=0.5, learning_rate=1.0, images_per_second=100.0)

    def get_many(self, ids: list[str]) -> dict[str, Run]:
        if self.broken:
            raise StoreUnavailable("The disk is full.")
        self.reads += 1
        time.sleep(0.02)
        experiment = self._lab.tiny()
        return {id: made_run(experiment, self.state, id=id, folder=Path(id)) for id in ids if id in ("a", "b")}

    def version(self, run: str) -> tuple[int, int] | None:
        return self.heard

    def watch(self, ids: list[str]) -> None:
        self.watched = ids

    def history(self, run: str, since: int = 0) -> list[dict[str, Any]]:
        return [event for event in self.events if event["seq"] > since]


@pytest.fixture
def source(lab: Any) -> Service:
    return Service(lab)


def feed_of(service: Service, **settings: Any) -> HistoryCache:
    return HistoryCache(service, **settings)  # type: ignore[arg-type]


def test_thirty_browsers_cost_one_read(source: Service) -> None:
    feed = feed_of(source, min_age=5.0)
    browsers = [threading.Thread(target=feed.frames, args=(["a"],)) for _ in range(30)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    assert source.reads == 1


def test_frames_grow_by_what_is_new(source: Service) -> None:
    feed = feed_of(source, min_age=0.0)
    source.progress(1)
    assert feed.frames(["a"])["a"].progress["step"].tolist() == [1]
    source.progress(2, loss=None)
    source.tell(event="evaluated", split="test", step=2, epoch=0.2, images=2, seconds=0.02, loss=0.5, accuracy=0.75)
    frames = feed.frames(["a"])["a"]
    assert frames.progress["step"].tolist() == [1, 2]
    assert frames.progress["loss"].isna().tolist() == [False, True]
    assert frames.evaluated.dropna(axis="columns").to_dict("records") == [
        {"split": "test", "step": 2, "epoch": 0.2, "images": 2, "seconds": 0.02, "loss": 0.5, "accuracy": 0.75}
    ]
    assert [event["seq"] for event in frames.events] == [1]  # what the tables hold is not kept twice
    unchanged = feed.frames(["a"])["a"]
    assert unchanged.progress is frames.progress  # not made again when nothing is new


def test_a_run_without_a_point_has_tables_with_columns(source: Service) -> None:
    frames = feed_of(source).frames(["a"])["a"]
    assert len(frames.progress) == len(frames.evaluated) == 0
    assert "learning_rate" in frames.progress
    assert "split" in frames.evaluated


def test_a_run_that_went_back_is_not_shown_twice() -> None:
    known = [{"event": "started", "step": 0}, *({"event": "progress", "step": step} for step in range(1, 6))]
    note = {"event": "note", "text": "It was killed."}
    resumed = joined(known, [note, {"event": "started", "step": 3}, {"event": "progress", "step": 4}])
    assert [event.get("step") for event in resumed] == [0, 1, 2, 3, None, 3, 4]
    again = joined(resumed, [{"event": "started", "step": 0}, {"event": "progress", "step": 1}])
    assert [event.get("step") for event in again] == [None, 0, 1]


def test_a_run_that_went_back_is_read_anew(source: Service) -> None:
    feed = feed_of(source, min_age=0.0)
    for step in (1, 2, 3):
        source.progress(step)
    feed.frames(["a"])
    source.tell(event="started", step=2)
    source.progress(3)
    for _ in range(2):
        frames = feed.frames(["a"])["a"]
        assert frames.progress["step"].tolist() == [1, 2, 3]
        assert [event["step"] for event in frames.events] == [0, 2]
    source.progress(4)
    assert feed.frames(["a"])["a"].progress["step"].tolist() == [1, 2, 3, 4]


def test_the_tables_of_a_new_state_are_new(source: Service) -> None:
    """What pandas notes of each column that is read of a table ends with the table."""
    feed = feed_of(source, min_age=0.0)
    source.tell(event="evaluated", split="test", step=0, epoch=0.0, images=0, seconds=0.0, loss=0.5, accuracy=0.75)
    early = feed.frames(["a"])["a"]
    source.progress(1)
    late = feed.frames(["a"])["a"]
    assert late.evaluated.equals(early.evaluated)
    assert late.evaluated is not early.evaluated


def test_a_finished_run_is_read_once(source: Service) -> None:
    source.state = "finished"
    feed = feed_of(source, min_age=0.0)
    feed.frames(["a"])
    feed.frames(["a"])
    assert source.reads == 1


def test_a_run_of_which_nothing_is_heard_is_not_read_again(source: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = feed_of(source, min_age=0.0)
    source.heard = (1, 0)
    for heard, reads in (((1, 0), 1), ((1, 0), 1), ((1, 1), 2), ((1, 1), 2), ((2, 0), 3), (None, 4), (None, 5)):
        source.heard = heard
        feed.frames(["a"])
        assert source.reads == reads
    source.heard, source.state = (3, 0), "queued"  # its place depends on others
    feed.frames(["a"])
    feed.frames(["a"])
    assert source.reads == 7
    source.state = "running"
    feed.frames(["a"])
    monkeypatch.setattr("core.runs.history_cache.HEARD_SECONDS", 0.0)  # a notice may be lost
    feed.frames(["a"])
    assert source.reads == 9


def test_unknown_runs_are_left_out_and_the_order_is_kept(source: Service) -> None:
    assert list(feed_of(source).frames(["b", "x", "a", "b"])) == ["b", "a"]


def test_while_the_store_is_gone_what_is_known_is_shown(source: Service) -> None:
    feed = feed_of(source, min_age=0.0)
    feed.frames(["a"])
    source.broken = True
    assert len(feed.frames(["a"])["a"].events) == 1
    with pytest.raises(StoreUnavailable):
        feed.frames(["a", "b"])


def test_only_so_many_runs_are_kept(source: Service) -> None:
    feed = feed_of(source, min_age=100.0, capacity=1)
    for id in ("a", "b", "b", "a"):
        feed.frames([id])
    assert source.reads == 3
