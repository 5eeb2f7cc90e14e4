"""The card of the capsule network: its sizes, or those of the same parameters as the CNN."""

from typing import Any

import streamlit as st

from core.layers import specs
from core.layers.equal_parameters import capsules_for_parameters
from core.ui.run_panels import capsule_controls
from core.ui.run_panels.capsule_controls import CapsuleControls
from core.ui.state.link_to_mnist import CAPSULES
from core.ui.state.settings import Settings

SLOT = CAPSULES
DEFAULTS: dict[str, Any] = CapsuleControls.defaults(SLOT)


def layers(settings: Settings, equal_to: int | None) -> specs.Network:
    """Draw the controls and return the network.

    Args:
        settings: The page's.
        equal_to: Parameters that the network should have, which then set two of the controls; None to leave them.
    """
    controls = CapsuleControls(settings, SLOT)
    iterations = controls.iterations()
    pose, dimensions = controls.pose(), controls.dimensions()
    if equal_to is not None:
        sizes = capsules_for_parameters(equal_to, pose, dimensions)
        st.session_state[f"{SLOT}_types"], st.session_state[f"{SLOT}_filters"] = sizes
    types = controls.types(disabled=equal_to is not None)
    filters = controls.filters(disabled=equal_to is not None)
    decoder = controls.decoder()
    return capsule_controls.network(types, pose, dimensions, iterations, filters, decoder)
