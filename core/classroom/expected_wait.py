"""How long a queued run waits until it begins, from what runs took lately."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from core.layers.specs import Network
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment

MAX_RUNS = 30  # the latest finished ones
FIGURES = ("whole_seconds", "seconds", "images")  # of a run's summary


@dataclass(frozen=True, slots=True)
class Service:
    """What runs took lately: the medians of those that finished."""

    whole: float  # seconds from start to result
    beside: float  # of them without training: data, tests, files
    an_image: float  # seconds of training an image
    of_networks: Mapping[Network, float] = field(default_factory=dict)  # the same, of each network trained lately

    def of(self, experiment: Experiment) -> float:
        """Return how long a run will take, by its images; a network that nobody has trained lately counts as usual."""
        an_image = self.of_networks.get(experiment.layers, self.an_image)
        training = an_image * experiment.train_images * experiment.epochs
        return self.beside + min(training, experiment.time_budget or training)  # the budget is of training alone

    def left(self, run: Run) -> float:
        """Return how long a run will still take: as it says itself once it began, or the rest of what such take."""
        left = run.summary.get("seconds_left")
        return float(left) if left is not None else self.of(run.experiment) * (1 - run.done)


def measured(recent: Sequence[Run]) -> Service | None:
    """Return what the latest finished runs took; None without any."""
    finished = [run for run in recent if run.state == FINISHED and all(map(run.summary.get, FIGURES))]
    if not finished:
        return None
    networks: dict[Network, list[float]] = {}
    for run in finished:
        networks.setdefault(run.experiment.layers, []).append(run.summary["seconds"] / run.summary["images"])
    latest = [run.summary for run in finished[:MAX_RUNS]]
    return Service(
        median(one["whole_seconds"] for one in latest),
        median(max(one["whole_seconds"] - one["seconds"], 0.0) for one in latest),
        median(one["seconds"] / one["images"] for one in latest),
        {network: median(seconds) for network, seconds in networks.items()},
    )


def begins(training: Sequence[Run], queued: Sequence[Run], service: Service, slots: int) -> list[float]:
    """Return the seconds until each queued run begins, in the order of the queue, and last those of one submitted now.

    Args:
        training: The runs that train.
        queued: Those that wait, in the order in which they will begin.
        service: What runs took lately.
        slots: How many train at once.
    """
    return waits([service.left(run) for run in training], [service.left(run) for run in queued], slots)


def waits(training: Sequence[float], queued: Sequence[float], slots: int) -> list[float]:
    """Return the seconds until each queued run begins in the order of the queue, and last those of one submitted now.

    Args:
        training: The seconds that each run in training will still take.
        queued: What each run that waits will take.
        slots: How many train at once.

    >>> waits([10.0, 4.0], [20.0, 1.0], 2)
    [4.0, 10.0, 11.0]
    """
    free = [0.0] * max(slots - len(training), 0) + sorted(training)
    free = free or [0.0]
    heapq.heapify(free)
    begins = []
    for seconds in (*queued, 0.0):
        begins.append(heapq.heappop(free))
        heapq.heappush(free, begins[-1] + seconds)
    return begins
