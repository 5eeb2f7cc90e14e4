"""Measures that fill up while one looks: part by part, so that sliders and others' questions go between."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from core.data import DataError
from core.runs.inference_client import InferenceError
from core.ui import messages

AT_ONCE_SECONDS = 0.4  # how long parts are asked for before what is known is drawn
TICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured in parts."""

    name: str  # of this place on the page
    spec: Hashable  # what is measured; another one begins anew
    parts: int
    ask: Callable[[int], object]  # for a part, from 0; answered at once when anybody has asked before
    draw: Callable[[int], None]  # what is known after so many parts
    told: Callable[[int], str]  # how far that is, in words: "150 of 500 digits"


@dataclass(frozen=True, slots=True)
class _Stand:
    """How far a measure is in this session."""

    spec: Hashable
    done: int = 0
    error: str = ""


def fill(measure: Measure) -> None:
    """Draw the measure and go on with it until it is whole."""
    stand = _stand(measure)
    going = stand.done < measure.parts and not stand.error
    st.fragment(_tick, run_every=TICK_SECONDS if going else None)(measure, going)


def _stand(measure: Measure) -> _Stand:
    kept = st.session_state.get(f"i_filled_{measure.name}")
    return kept if isinstance(kept, _Stand) and kept.spec == measure.spec else _Stand(measure.spec)


def _tick(measure: Measure, going: bool) -> None:
    """Draw what is known, then ask for more: so that nothing on the screen is stale while the networks work."""
    stand = _stand(measure)
    done, error, began = stand.done, stand.error, time.monotonic()
    try:
        measure.draw(done)
        if going:
            st.progress(done / measure.parts, f"{measure.told(done)} measured")
        while done < measure.parts and not error:
            measure.ask(done)
            done += 1
            if time.monotonic() - began > AT_ONCE_SECONDS:
                break
    except (InferenceError, DataError) as refusal:
        error = str(refusal)
    st.session_state[f"i_filled_{measure.name}"] = _Stand(measure.spec, done, error)
    if error:
        messages.error(error)
    if going and (error or done == measure.parts):
        st.rerun()  # the page as it stays, without ticks
