"""Measure the parts of a run's wall-clock time. No torch."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Part = Literal["prepare", "evaluate", "save"]


@dataclass(slots=True)
class Clock:
    """The seconds of each part of a run, over all its attempts."""

    prepare: float = 0.0  # reading the data and building the network
    train: float = 0.0
    evaluate: float = 0.0  # evaluations before the end, and the final test
    save: float = 0.0  # checkpoints, descriptions for the live drawing, and what the events' consumer does with them
    _training_since: float | None = field(default=None, repr=False)

    def start_training(self) -> None:
        """Start the training clock, until `pause`."""
        if self._training_since is None:
            self._training_since = time.perf_counter()

    def pause(self) -> None:
        """Pause the training clock."""
        self.train, self._training_since = self.training, None

    @property
    def training(self) -> float:
        """The seconds of training up to now."""
        return self.train + (0.0 if self._training_since is None else time.perf_counter() - self._training_since)

    @property
    def whole(self) -> float:
        """The seconds of all parts up to now."""
        return self.prepare + self.training + self.evaluate + self.save

    @contextmanager
    def measure(self, part: Part) -> Iterator[None]:
        """Count the time within this block as `part`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, part, getattr(self, part) + time.perf_counter() - began)

    def to_dict(self) -> dict[str, float]:
        """Return the parts as a checkpoint keeps them."""
        return {f"{part}_seconds": seconds for part, seconds in asdict(self).items() if not part.startswith("_")}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> "Clock":
        """Return the clock that `to_dict` wrote; older checkpoints call the training "seconds" and lack some parts."""
        parts = {name: state.get(f"{name}_seconds", 0.0) for name in ("prepare", "train", "evaluate", "save")}
        return cls(**parts | {"train": state.get("train_seconds", state.get("seconds", 0.0))})
