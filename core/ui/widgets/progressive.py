"""Compute a measurement in parts across reruns, so that the page and the inference process stay responsive."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from core.data import DataError
from core.runs.inference_client import InferenceError
from core.ui import messages

CHUNK_SECONDS = 0.4  # of computing before the results so far are drawn
TICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement that is computed in parts."""

    name: str  # of its place on the page
    spec: Hashable  # what is measured; a new spec starts over
    parts: int
    compute: Callable[[int], object]  # a part, from 0; returns at once if it is cached
    draw: Callable[[int], None]  # the results of the first parts
    describe_progress: Callable[[int], str]  # after so many parts: "150 of 500 digits"


@dataclass(frozen=True, slots=True)
class _Progress:
    """How many parts of a measurement are done in this session."""

    spec: Hashable
    done: int = 0
    error: str = ""


def run(measurement: Measurement) -> None:
    """Draw the measurement and compute it until all parts are done."""
    progress = _progress(measurement)
    going = progress.done < measurement.parts and not progress.error
    st.fragment(_tick, run_every=TICK_SECONDS if going else None)(measurement, going)


def _progress(measurement: Measurement) -> _Progress:
    kept = st.session_state.get(f"filled_{measurement.name}")
    return kept if isinstance(kept, _Progress) and kept.spec == measurement.spec else _Progress(measurement.spec)


def _tick(measurement: Measurement, going: bool) -> None:
    """Draw the results so far, then compute more, so that nothing on the page is stale while networks run."""
    progress = _progress(measurement)
    done, error, began = progress.done, progress.error, time.monotonic()
    try:
        measurement.draw(done)
        if going:
            st.progress(done / measurement.parts, f"{measurement.describe_progress(done)} measured")
        while done < measurement.parts and not error:
            measurement.compute(done)
            done += 1
            if time.monotonic() - began > CHUNK_SECONDS:
                break
    except (InferenceError, DataError) as failure:
        error = str(failure)
    st.session_state[f"filled_{measurement.name}"] = _Progress(measurement.spec, done, error)
    if error:
        messages.error(error)
    if going and (error or done == measurement.parts):
        st.rerun()  # draw the final page, without ticks
