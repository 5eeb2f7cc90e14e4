"""A slot for one worker process of the pool."""

import time

from core.runs.child_process import Child


class WorkerSlot:
    """A slot for one worker: the process that holds it, and the run that it trains."""

    def __init__(self, index: int) -> None:
        """Begin empty."""
        self.index = index
        self.child: Child | None = None
        self.gpu: int | None = None  # the one that its process was given; None: it sees all
        self.ready = False
        self.run: str | None = None
        self.claim = ""
        self.heard = 0.0  # monotonic time of the last sign of life
        self.heartbeat = 0.0  # the last one seen in the store
        self.failures = 0  # starts in a row that came to nothing
        self.start_after = 0.0  # monotonic time before which no new process is started
        self.store_trouble = ""  # why its worker cannot write the store: a sentence
        self.killed_for: str | None = None  # why we ended it ourselves
        self.ended: int | None = None  # the exit code of a worker elsewhere, as the process that speaks for it said
        self.begun = False  # whether the worker has turned to the run: before that, its end is not the run's doing
        self.warming_up = False  # whether the worker tries what somebody may submit soon
        self.warmed_up: set[str] = set()  # the experiments that it was given to try

    def take(self, run: str, claim: str) -> None:
        """Note that the worker trains `run` from now on."""
        self.run, self.claim, self.heard, self.heartbeat = run, claim, time.monotonic(), 0.0
        self.begun, self.store_trouble = False, ""

    def failed(self) -> None:
        """Note that a start failed: the next one waits, longer every time."""
        self.failures += 1
        self.start_after = time.monotonic() + min(30.0, 2.0**self.failures)
