"""An estimate of runs' time before they start, from a second of training here, measured in the background."""

import copy
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

import streamlit as st

from core.data import DatasetInfo
from core.layers.setting_checks import LayerError
from core.runs import hardware
from core.runs.inference_client import InferenceClient, InferenceError
from core.runs.run import StoreUnavailable
from core.training import duration_estimate
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers

PROBE_SECONDS = 1.0
TICK_SECONDS = 1.0  # between two looks at whether a speed is known
MAX_SPEEDS = 200  # that are kept
AGAIN_SECONDS = 60.0  # after which a speed that could not be measured is tried again: others may have been waiting

_measuring = threading.Lock()  # one at a time: two would slow each other down
_speeds: OrderedDict[tuple[str, str], "Measurement"] = OrderedDict()  # by experiment and device
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurement of a speed, in pictures per second."""

    found: Future[float]
    began: float  # by time.monotonic

    @property
    def is_over(self) -> bool:
        """Whether it failed, some time ago."""
        failed = self.found.done() and self.found.exception() is not None
        return failed and time.monotonic() - self.began > AGAIN_SECONDS


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated time of one run."""

    parts: duration_estimate.Parts
    images_per_second: float  # as measured, in training


@dataclass(frozen=True, slots=True)
class Plan:
    """Runs that are about to be started."""

    experiments: Sequence[Experiment]
    info: DatasetInfo  # the data that they will be trained on
    device: str  # where they will be trained
    at_once: bool  # measure without a press of a button: the networks are the app's own
    together: bool = False  # whether they train at the same time


def together() -> bool:
    """Return whether this machine trains two runs at the same time, unless others wait for it too."""
    machine = client.runs().machine()
    return machine is not None and hardware.slots(machine["devices"], machine["gpus"]) > 1


def show(plan: Plan, words: Callable[[Sequence[Estimate]], str], key: str) -> None:
    """Draw the time of runs in a few words, with the whole account in its tooltip; the speed is measured meanwhile.

    Args:
        plan: The runs.
        words: Returns the whole account, in sentences.
        key: Of the button that is drawn where nothing is measured at once: a network that somebody else may have
            written runs only when it is asked for.
    """
    asked, now = f"{key}_probe", " ".join(experiment.key for experiment in plan.experiments)  # session key, and value
    if not plan.at_once and st.session_state.get(asked) != now:
        if st.button(
            "Estimate", icon=":material/timer:", key=key, help="Trains for a second here to measure the speed"
        ):
            st.session_state[asked] = now
        else:
            return
    known = _known(plan)
    st.fragment(_draw, run_every=None if known else TICK_SECONDS)(plan, words, was_known=known)


def _known(plan: Plan) -> bool:
    """Return whether nothing is to be measured any more: all speeds are known, or cannot be."""
    try:
        return estimates(plan) is not None
    except (InferenceError, LayerError):
        return True


def _draw(plan: Plan, words: Callable[[Sequence[Estimate]], str], *, was_known: bool) -> None:
    try:
        found = estimates(plan)
    except (InferenceError, LayerError) as error:
        messages.caption("No estimate", help=f"The speed could not be measured. {error}")
        return
    if found is None:
        st.caption("Measuring speed", help="Trains for a second to estimate the time", width="content")
        return
    seconds = [estimate.parts.whole for estimate in found]
    whole = max(seconds) if plan.together else sum(seconds)
    st.caption(f"About {numbers.duration(whole)}", help=words(found), width="content")
    if not was_known:
        st.rerun()  # and look no more


def estimates(plan: Plan) -> list[Estimate] | None:
    """Return an estimate for each run; None while a speed is not known.

    Raises:
        InferenceError, LayerError: A speed cannot be measured.
    """
    found = []
    for experiment in plan.experiments:
        rate = speed(probe_of(experiment).to_json(), plan.device, client.inference())
        if rate is None:
            return None
        found.append(Estimate(duration_estimate.planned_seconds(experiment, plan.info, rate), rate))
    return found


def probe_of(experiment: Experiment) -> Experiment:
    """Return the experiment with fixed values for settings that do not affect its speed (one probe for all)."""
    return replace(
        experiment, epochs=1, learning_rate=1e-3, seed=0, low_res_fraction=0.0, schedule="constant", warmup=0.0
    )


def speed(experiment: str, device: str, inference: InferenceClient) -> float | None:
    """Return the training speed in pictures per second; None while it is measured, or while a run needs the machine.

    Raises:
        InferenceError: If the network cannot be trained.
    """
    with _lock:
        known = _speeds.get((experiment, device))
        future = known.found if known is not None else None
        if (known is None or known.is_over) and not _is_busy():
            probe, future = Experiment.from_json(experiment), Future[float]()
            _speeds[experiment, device] = Measurement(future, time.monotonic())
            # No thread of a pool: Python would wait for its answer before the app can end.
            threading.Thread(target=_measure, args=(future, probe, device, inference), daemon=True).start()
            while len(_speeds) > MAX_SPEEDS:
                _speeds.popitem(last=False)
    if future is None or not future.done():
        return None
    if (failure := future.exception()) is not None:
        raise copy.copy(failure)  # one kept and raised again grows by the frames of every session that it passes
    return future.result()


def _measure(future: Future[float], probe: Experiment, device: str, inference: InferenceClient) -> None:
    """Measure the speed, once no other is measured, for `future`."""
    with _measuring:
        try:
            future.set_result(inference.images_per_second(probe, PROBE_SECONDS, device))
        except Exception as error:  # as a pool's thread: whoever asks for the result gets it
            future.set_exception(error)


def _is_busy() -> bool:
    """Return whether something trains: its speed, and the one measured, would be those of half the machine."""
    try:
        return bool(client.runs().counts()["running"])
    except StoreUnavailable:
        return True
