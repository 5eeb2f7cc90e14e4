"""Train a capsule network beside a CNN of as many parameters."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.layers.builders import CAPSNET, capsule_network
from core.layers.equal_parameters import parameters
from core.layers.setting_checks import LayerError
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.display import colors, numbers
from core.ui.layout import column_grid, page_frame
from core.ui.run_panels import (
    capsule_controls,
    comparison_table,
    device_picker,
    export,
    image_count,
    machine_status,
    runs_by_name,
    settings_file,
    what_to_notice_compared,
)
from core.ui.run_panels.capsule_controls import CapsuleControls
from core.ui.run_panels.contenders import Contender, head
from core.ui.run_panels.earlier_runs import EarlierRuns
from core.ui.run_panels.live_comparison import Comparison
from core.ui.run_panels.what_to_notice_compared import Pair
from core.ui.state.settings import Settings
from core.ui.views.capsules import experiments, reconstructions
from core.ui.views.capsules.experiments import EPOCHS, IMAGES, MAX_EPOCHS, NETWORK, PREFIX, PUBLISHED, SEED, SMALL
from core.ui.widgets import tabs

STYLE = Path(__file__).with_name("training.css")
DEVICE = f"{PREFIX}_device"
NETWORKS = {
    SMALL: "Small, of your sizes",
    PUBLISHED: f"The published network, {parameters(CAPSNET) / 1e6:.1f} million parameters",
}
SLIDER = 120  # px


def _sentences(contenders: Sequence[Contender], runs: Sequence[Run | None]) -> list[str]:
    return what_to_notice_compared.sentences(contenders, runs, sizes=_sizes, advice=_advice, context=_context)


EARLIER_RUNS = EarlierRuns(f"{PREFIX}_runs", lambda experiment: colors.role(experiment).short)
COMPARISON = Comparison(PREFIX, EARLIER_RUNS, _sentences)
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
    info = client.mnist()
    settings = Settings({**settings.defaults, IMAGES: min(DEFAULTS[IMAGES], info.train_images)})
    planned, button = _controls(settings, info)
    device = device_picker.wanted(DEVICE)
    stage, told = page_frame.stage(), st.container()
    try:
        chosen = experiments.contenders(settings_file.current(PREFIX, planned), info)
        run_requests.warm_up([contender.experiment for contender in chosen])
        with button:
            own = chosen[0].experiment.layers in (CAPSNET, capsule_network(decoder=capsule_controls.DECODER))
            COMPARISON.estimate(chosen, info, device, at_once=own)
            COMPARISON.train_button(chosen, device)
        _runs(settings, chosen, info, stage, told)
    except LayerError as error:
        messages.error(f"Invalid network: {error}")
    except StoreUnavailable as error:
        page_frame.unavailable(error)


def _controls(settings: Settings, info: DatasetInfo) -> tuple[Experiment, DeltaGenerator]:
    """Draw the control row. Return the capsule network's experiment, and a container for the Train button."""
    controls = CapsuleControls(settings, PREFIX)
    in_row = CapsuleControls(settings, PREFIX, SLIDER)
    with page_frame.controls():
        sliders = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{PREFIX}_sliders")
        more = st.popover("Settings", icon=":material/tune:", help="Network, reconstruction, filters, seed, device")
        button = st.container(width="content", key="main_button", horizontal=True, gap="small")
    with more:
        published = (
            settings.choice(
                NETWORK,
                "Network",
                list(NETWORKS),
                format=NETWORKS.__getitem__,
                help="A small network of the sizes set here, or that of Sabour, Frosst and Hinton (2017). Read the "
                "estimate of its time first.",
            )
            == PUBLISHED
        )
        decoder = published or controls.decoder()
        sizes = () if published else (controls.pose(), controls.dimensions(), controls.filters())
        seed = settings.number(SEED, "Seed", 0, 2**31 - 1, help="The same seed gives the same run.")
        device_picker.pick(settings, DEVICE)
        device_picker.chip(DEVICE)
    layers = CAPSNET
    with sliders:
        if sizes:
            pose, dimensions, filters = sizes
            types, iterations = in_row.types(), in_row.iterations()
            layers = capsule_controls.network(types, pose, dimensions, iterations, filters, decoder)
        epochs = settings.slider(
            EPOCHS, "Epochs", 1, MAX_EPOCHS, help="Passes through the training images.", width=SLIDER
        )
        images = image_count.pick(settings, IMAGES, info, width=SLIDER)
    return experiments.capsules(layers, info, images, epochs, seed), button


def _runs(
    settings: Settings,
    chosen: Sequence[Contender],
    info: DatasetInfo,
    stage: DeltaGenerator,
    told: DeltaGenerator,
) -> None:
    """Draw the cards, and the tabs under them: the training with the reconstructions, and the results."""
    earlier = EARLIER_RUNS.load([contender.experiment for contender in chosen])
    with stage:
        cards = {
            contender.slot: column.container(border=True, height="stretch", key=f"card_{contender.slot}")
            for contender, column in zip(chosen, column_grid.halves(), strict=True)
        }
    for contender in chosen:
        head(cards[contender.slot], contender)
    frames, group = COMPARISON.show(settings, chosen, earlier, cards, info, told)
    machine_status.data_note()

    def training() -> None:
        COMPARISON.training(settings, chosen, earlier, group, partial(experiments.set_controls, info))
        for contender in chosen:
            if contender.role == colors.CAPSULES:
                group.fragment(reconstructions.show)(contender.experiment)

    tabs.show(
        "v_t_tab",
        {
            "Training": training,
            "Export": lambda: export.show(runs_by_name.finished(chosen, earlier, frames)),
            "All runs": lambda: comparison_table.show(runs_by_name.runs(chosen, earlier, frames)),
        },
        names=("training", "export", "runs"),
    )


def _sizes(contenders: Sequence[Contender]) -> str:
    capsules, cnn = contenders
    return (
        f"Both networks have about {numbers.count(cnn.parameters)} parameters, without the decoder. For one digit the "
        f"capsules multiply {numbers.short(capsules.macs)} times and the CNN {numbers.short(cnn.macs)} times; routing "
        "is many small steps, one after the other."
    )


def _advice(training: bool) -> str:
    return (
        f"{'Watch' if training else 'Train both, and watch'} the accuracies, which can be compared, and the redrawn "
        "digits: blurred averages first, then the slant and the stroke of this very digit."
    )


def _context(done: Sequence[Pair]) -> list[str]:
    return [
        "Published for the whole of MNIST (Sabour et al. 2017): 0.25 % errors for capsules with 3 iterations and "
        "reconstruction, 0.39 % for their CNN."
    ]
