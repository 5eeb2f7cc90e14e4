"""Train a capsule network beside a CNN of as many parameters."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.layers.builders import CAPSNET
from core.layers.equal_parameters import parameters
from core.layers.validation import LayerError
from core.runs import host
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.display import colors, numbers, timing
from core.ui.layout import page_frame
from core.ui.run_panels import (
    capsule_controls,
    comparison_table,
    device_picker,
    export,
    finished,
    image_count,
    machine_status,
    run_controls,
    settings_file,
    time_estimate,
    what_to_notice_compared,
)
from core.ui.run_panels.capsule_controls import CapsuleControls
from core.ui.run_panels.comparison import Comparison
from core.ui.run_panels.contenders import Contender, head
from core.ui.run_panels.earlier_runs import EarlierRuns
from core.ui.run_panels.polling import poll_interval
from core.ui.run_panels.time_estimate import Estimate
from core.ui.run_panels.what_to_notice_compared import Pair
from core.ui.state.settings import Settings
from core.ui.views.capsules import experiments, reconstructions
from core.ui.views.capsules.experiments import EPOCHS, IMAGES, MAX_EPOCHS, NETWORK, PREFIX, PUBLISHED, SEED, SMALL

STYLE = Path(__file__).with_name("training.css")
DEVICE = f"{PREFIX}_device"
NETWORKS = {
    SMALL: "Small, of your sizes",
    PUBLISHED: f"The published network, {parameters(CAPSNET) / 1e6:.1f} million parameters",
}
SLIDER, MENU = 122, 330  # px


def _notice(contenders: Sequence[Contender], frames: Sequence[Frames | None]) -> None:
    runs = [frame.run if frame else None for frame in frames]
    lines = what_to_notice_compared.sentences(contenders, runs, sizes=_sizes, advice=_advice, context=_context)
    page_frame.notice(*lines)


EARLIER_RUNS = EarlierRuns(f"{PREFIX}_runs", lambda experiment: colors.role(experiment).name)
COMPARISON = Comparison(PREFIX, EARLIER_RUNS, _notice)
DEFAULTS: dict[str, Any] = {
    NETWORK: SMALL,
    EPOCHS: 3,
    IMAGES: 20_000,
    SEED: 0,
    DEVICE: device_picker.AUTO,
    **CapsuleControls.defaults(PREFIX, decoder=True),
    **COMPARISON.defaults,
}


def show(settings: Settings) -> None:
    """Draw this part of the page."""
    st.html(STYLE)
    info = client.mnist()
    settings = Settings({**settings.defaults, IMAGES: min(DEFAULTS[IMAGES], info.train_images)})
    planned, button = _controls(settings, info)
    device = device_picker.wanted(DEVICE)
    estimate = st.container()
    machine_status.data_note()
    try:
        chosen = experiments.contenders(settings_file.current(PREFIX, planned), info)
        run_requests.warm_up([contender.experiment for contender in chosen])
        with button:
            COMPARISON.train_button(chosen, device)
        frames = _runs(settings, chosen, info)
    except LayerError as error:
        messages.error(f"Invalid network: {error}")
        return
    except StoreUnavailable as error:
        messages.error(error)
        return
    runs = {key: frame.run for key, frame in frames.items()}
    if run_controls.untrained([contender.experiment for contender in chosen], runs):
        with estimate:  # last, since measuring takes seconds
            _estimate(chosen, info, device)


def _controls(settings: Settings, info: DatasetInfo) -> tuple[Experiment, DeltaGenerator]:
    """Draw the controls. Return the capsule network's experiment, and a container for the Train button."""
    controls = CapsuleControls(settings, PREFIX, SLIDER)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        published = (
            settings.choice(
                NETWORK,
                "Network",
                list(NETWORKS),
                format=NETWORKS.__getitem__,
                help="A small network of the sizes below, or that of Sabour, Frosst and Hinton (2017). Read the "
                "estimate of its time first.",
                label_visibility="collapsed",
                width=MENU,
            )
            == PUBLISHED
        )
        button = st.container(width="content")
        decoder = published or controls.decoder()
        with st.popover("More", icon=":material/tune:", help="Filters, seed, device"):
            filters = 0 if published else controls.filters()
            seed = settings.number(SEED, "Seed", 0, 2**31 - 1, help="The same seed gives the same run.")
            device_picker.pick(settings, DEVICE)
            st.caption(device_picker.sentence(client.runs().machine(), device_picker.wanted(DEVICE)))
    with st.container(horizontal=True, gap="small"):
        layers = CAPSNET
        if not published:
            sizes = controls.types(), controls.pose(), controls.dimensions(), controls.iterations()
            layers = capsule_controls.network(*sizes, filters, decoder)
        epochs = settings.slider(
            EPOCHS, "Epochs", 1, MAX_EPOCHS, help="Passes through the training images.", width=SLIDER
        )
        images = image_count.pick(settings, IMAGES, info, width=SLIDER)
    return experiments.capsules(layers, info, images, epochs, seed), button


def _estimate(chosen: Sequence[Contender], info: DatasetInfo, device: str) -> None:
    """Draw the time of both runs: at once for networks of the app's own, whose speeds are soon known; else if asked."""
    own = all(contender.experiment.layers in run_requests.OWN_NETWORKS for contender in chosen)
    wanted = [contender.experiment for contender in chosen]
    at_once = own or wanted[0].layers == CAPSNET
    if found := time_estimate.ask(wanted, info, device, f"{PREFIX}_estimate", at_once=at_once):
        st.caption(in_words(chosen, found, together=_together()))


def _together() -> bool:
    """Return whether this machine trains two runs at the same time, unless others wait for it too."""
    machine = client.runs().machine()
    return machine is not None and host.slots(machine["devices"], machine["gpus"]) > 1


def in_words(chosen: Sequence[Contender], found: Sequence[Estimate], *, together: bool) -> str:
    """Return the time of all runs, and of each, and how they were obtained, in sentences."""
    seconds = [estimate.parts.whole for estimate in found]
    whole = max(seconds) if together else sum(seconds)
    each = "; ".join(
        f"the {contender.role.name} {numbers.duration(estimate.parts.whole)} ({timing.breakdown(estimate.parts)}, "
        f"{numbers.rate(estimate.images_per_second)})"
        for contender, estimate in zip(chosen, found, strict=True)
    )
    order = "at the same time" if together else "one after the other"
    return (
        f"About **{numbers.duration(whole)}** for both, {order}. {each[0].upper()}{each[1:]}. Measured in a second of "
        "training each; time in the queue is not included."
    )


def _runs(settings: Settings, chosen: Sequence[Contender], info: DatasetInfo) -> dict[str, Frames]:
    """Draw the cards with the reconstructions, the live curves beside them, and the results; return the runs by key."""
    earlier = EARLIER_RUNS.load([contender.experiment.key for contender in chosen])
    left, right = st.columns([2, 3], gap="medium")
    with right:
        frames = COMPARISON.panel(settings, chosen, earlier)
        EARLIER_RUNS.show(earlier)
    with left:
        for contender in chosen:
            card = st.container(border=True, key=f"card_{contender.slot}")
            head(card, contender)
            if contender.role == colors.CAPSULES:
                every = poll_interval(frames.values(), [run.frames for run in earlier])
                with card:
                    st.fragment(reconstructions.show, run_every=every)(contender.experiment)
        settings_file.show(PREFIX, partial(experiments.set_controls, info))
    comparison_table.show(finished.runs(chosen, earlier, frames))
    if trained := finished.finished(chosen, earlier, frames):
        folded = st.expander("Export", icon=":material/download:", key=f"{PREFIX}_export", on_change="rerun")
        if folded.open:  # it reads the files of weights
            with folded:
                export.show(trained)
    return frames


def _sizes(contenders: Sequence[Contender]) -> str:
    capsules, cnn = contenders
    return (
        f"Both networks have about {numbers.count(cnn.parameters)} parameters, without the decoder. For one digit the "
        f"capsules multiply {numbers.short(capsules.macs)} times and the CNN {numbers.short(cnn.macs)} times; routing "
        "is many small steps, one after the other."
    )


def _advice(training: bool) -> str:
    watch = "Watch" if training else "While they train, watch"
    return (
        f"{watch} the accuracies, which can be compared, and the redrawn digits: blurred averages first, then the "
        "slant and the stroke of this very digit."
    )


def _context(done: Sequence[Pair]) -> list[str]:
    return [
        "Published for the whole of MNIST (Sabour et al. 2017): 0.25 % errors for capsules with 3 iterations and "
        "reconstruction, 0.39 % for their CNN."
    ]
