"""What the host lets people run: limits for each person and for each run, from environment variables."""

import math
import os
from dataclasses import dataclass

MAX_QUEUED_PER_PERSON = 20  # runs that one person may have waiting, unless the host sets another number
MAX_QUEUED = 200  # runs that may wait in all, likewise


@dataclass(frozen=True, slots=True)
class HostLimits:
    """The host's limits; 0 where there is none, which only its two queues always have."""

    queued_per_person: float = MAX_QUEUED_PER_PERSON
    queued: float = MAX_QUEUED  # of all people
    running_per_person: float = 0
    bytes_per_person: float = 0  # that the files of a person's runs may take when they submit another one
    parameters: float = 0  # of a network; the app's own limit is in core.layers.limits
    work: float = 0  # of a run: a picture's multiply-adds, forward, times the pictures of all epochs
    minutes: float = 0  # that a run may take, over all its attempts


VARIABLES = {
    "queued_per_person": "CNNLAB_QUEUED_PER_PERSON",
    "queued": "CNNLAB_QUEUED",
    "running_per_person": "CNNLAB_RUNNING_PER_PERSON",
    "bytes_per_person": "CNNLAB_PERSON_BYTES",
    "parameters": "CNNLAB_RUN_PARAMETERS",
    "work": "CNNLAB_RUN_WORK",
    "minutes": "CNNLAB_RUN_MINUTES",
}


def from_environment() -> HostLimits:
    """Return the limits that the host has set, and the defaults of the others.

    Raises:
        ValueError: A variable is set to something else than a number; the message is a sentence for the host.
    """
    texts = {field: os.environ.get(variable, "").strip() for field, variable in VARIABLES.items()}
    return HostLimits(**{field: _number(VARIABLES[field], text) for field, text in texts.items() if text})


def _number(variable: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    least = 1 if variable in (VARIABLES["queued"], VARIABLES["queued_per_person"]) else 0
    if not (math.isfinite(number) and number >= least):
        raise ValueError(f"{variable} is {text!r:.40}: set it to a number of at least {least}.")
    return number
