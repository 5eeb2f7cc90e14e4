"""Invariance: transform one picture or a whole test set, and see which networks keep their prediction."""

from core.data import DataError
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.views.invariance import (
    STYLE,
    affnist,
    augmentation_experiment,
    equivariance,
    networks,
    picture,
    robustness,
    single_picture,
)
from core.ui.widgets import tabs

page_frame.page("invariance", STYLE)

settings = Settings(
    {
        **picture.DEFAULTS,
        **networks.DEFAULTS,
        **robustness.DEFAULTS,
        **equivariance.DEFAULTS,
        **augmentation_experiment.DEFAULTS,
        **affnist.DEFAULTS,
    }
)
try:
    client.inference().warm_up()
    with page_frame.controls():
        source = picture.pick(settings)
        compared = networks.pick(settings, source)
    with page_frame.stage(484):
        single_picture.show(compared, source)
    machine_status.data_line("mnist" if source.kind == picture.DIGIT else "cifar10")

    tabs.show(
        "i_tab",
        {
            "All test pictures": lambda: robustness.show(settings, compared, source),
            "One pixel": lambda: robustness.show_consistency(settings, compared, source),
            "Equivariance and invariance": lambda: equivariance.show(settings, compared, source),
            "Train it yourself": lambda: augmentation_experiment.show(settings),
            "affNIST": lambda: affnist.show(settings),
        },
        names=("robustness", "consistency", "equivariance", "training", "affnist"),
    )
except (DataError, InferenceError) as error:
    messages.error(error)

page_frame.onward("invariance")
