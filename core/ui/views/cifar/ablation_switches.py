"""The switches of an ablation: parts of the training that can be switched off, one at a time."""

from typing import Any

import streamlit as st

from core.layers.specs import BatchNorm, Network, Residual
from core.training.experiment import OPTIMIZERS, TEST_TIMES, Experiment
from core.ui.run_panels.setting_labels import OPTIMIZER_NAMES
from core.ui.state import link_to_cifar
from core.ui.state.settings import Settings
from core.ui.views.cifar import ablation

RATE_OF = {"adamw": 0.003, "adam": 0.003, "sgd": 0.1, "nesterov": 0.1, "adadelta": 1.0, "muon": 0.06}
TEST_TIME_NAMES = {"none": "Off", "mirror": "Flip", "mirror+shift": "Flip and shift"}
AVERAGE_NAMES = {"none": "None", "ema": "EMA", "lookahead": "Lookahead"}


def pick(settings: Settings, base: Experiment, layers: Network) -> dict[str, Any]:
    """Draw the switches and return the fields of the experiment that they set."""
    st.caption(f"Ablation study: switch one part off, train again, and compare on the chart. {ablation.heading()}")
    switches = {
        "optimizer": ablation.beside(
            settings.choice(
                "ci_opt",
                "Optimizer",
                OPTIMIZERS,
                format=OPTIMIZER_NAMES.__getitem__,
                on_change=_set_suitable_rate,
                help="The rule that computes weight updates from gradients. Each sets a suitable learning rate.",
            ),
            "ci_opt",
        ),
        "whitening": ablation.beside(
            settings.switch(
                "ci_white",
                "Whitening first layer",
                help="The first convolution is computed from the pictures, not trained: its filters are the principal "
                "components of small patches, scaled to equal variance.",
            ),
            "ci_white",
        ),
        "dirac_init": ablation.beside(
            settings.switch(
                "ci_dirac",
                "Dirac (identity) initialization",
                help="Convolutions start as the identity, which copies the input, instead of random weights.",
            ),
            "ci_dirac",
        ),
        "label_smoothing": ablation.beside(
            settings.slider(
                "ci_smooth",
                "Label smoothing",
                0,
                0.4,
                step=0.05,
                help="Share of the target probability spread over all classes: predictions stay less confident.",
            ),
            "ci_smooth",
        ),
        "averaging": ablation.beside(
            settings.segments(
                "ci_average",
                "Weight averaging",
                list(AVERAGE_NAMES),
                format=AVERAGE_NAMES.__getitem__,
                help="EMA evaluates a moving average of the weights; Lookahead updates slow weights every few steps.",
            ),
            "ci_average",
        ),
        "test_time": ablation.beside(
            settings.segments(
                "ci_views",
                "Test-time augmentation",
                TEST_TIMES,
                format=TEST_TIME_NAMES.__getitem__,
                help="Averages the predictions for several views of each test picture.",
            ),
            "ci_views",
        ),
        "low_res_fraction": ablation.beside(
            settings.slider(
                "ci_small",
                "Low-resolution phase (share of steps)",
                0,
                0.9,
                step=0.05,
                help="The first part of the training uses pictures of 24 × 24 pixels, which is faster.",
            ),
            "ci_small",
        ),
    }
    if has_norm(base.layers) or has_norm(layers):
        settings.switch(
            link_to_cifar.NORM,
            "Batch norm",
            help="Normalizes each plane to mean 0 and variance 1 over the batch, then scales it.",
        )
    return switches


def has_norm(layers: Network) -> bool:
    """Return True if the network contains batch norm, also inside a block."""
    return any(
        isinstance(layer, BatchNorm)
        or (isinstance(layer, Residual) and (has_norm(layer.body) or has_norm(layer.shortcut)))
        for layer in layers
    )


def _set_suitable_rate() -> None:
    st.session_state["ci_rate"] = RATE_OF[st.session_state["ci_opt"]]
