"""One picture that is moved by hand, and what every network answers: now, and over the range of one number."""

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.transforms import AffineTransform
from core.layers.logits import ends_in_lengths
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client, measurements
from core.ui.components import transform_stage
from core.ui.components.transform_stage import Answers, Network, Subject
from core.ui.display import output_names, run_accuracies
from core.ui.layout import page_frame
from core.ui.views.invariance import queries
from core.ui.views.invariance.networks import ComparedNetwork
from core.ui.views.invariance.picture import InputPicture


@st.fragment
def show(compared: Sequence[ComparedNetwork], source: InputPicture) -> None:
    """Draw the picture, the numbers of its transform and the answers, as a fragment: a move reruns nothing else."""
    answers = None
    # The networks' process takes seconds to start: the picture does not wait for it.
    waits = bool(compared) and not client.inference().is_ready and not transform_stage.has_asked()
    try:
        answers = _answers(compared, source) if compared and not waits else None
    except InferenceError as error:
        messages.error(error)
    networks = [
        Network(net.name, net.role.meaning, net.role.color, ends_in_lengths(net.experiment.layers)) for net in compared
    ]
    with page_frame.room("transform", 429):
        transform_stage.transform_stage(
            Subject(source.pixels, source.title, source.noun, source.classes, source.truth),
            networks,
            answers,
            waits=waits,
        )
    notes = {output_names.lengths_note(net.experiment.layers for net in compared)}
    notes |= {run_accuracies.one_view_note(net.experiment.test_time) for net in compared}
    if notes := notes - {""}:
        st.caption(" ".join(sorted(notes)))
    if not compared:
        messages.info(
            "CIFAR-10 is not on this machine, and the generated pictures that replace it show other classes than those "
            "of the pretrained network. Train a network on the CIFAR-10 page and choose it above, or upload a picture."
        )


def _answers(compared: Sequence[ComparedNetwork], source: InputPicture) -> Answers:
    """Return the answers to the transform that the browser reported last. Raises InferenceError."""
    state = transform_stage.current()
    along = state.strip_transforms
    strip = _outputs(compared, source, along)

    def outputs_at(transform: AffineTransform) -> list[NDArray[np.float32]]:
        """Return the outputs for one transform, cached apart: along the strip nothing new is asked."""
        if transform in along:
            return [block[along.index(transform)] for block in strip]
        return [block[0] for block in _outputs(compared, source, [transform])]

    about = hashlib.sha256(source.pixels.tobytes()).hexdigest()[:16]
    names = " ".join(f"{net.file}@{net.stamp}" for net in compared)
    return Answers(f"{about} {names}", outputs_at(AffineTransform()), outputs_at(state.transform), strip)


def _outputs(
    compared: Sequence[ComparedNetwork], source: InputPicture, moves: Sequence[AffineTransform]
) -> list[NDArray[np.float32]]:
    files, stamps = tuple(net.file for net in compared), tuple(net.stamp for net in compared)
    return queries.single_picture(
        files, stamps, source.pixels.tobytes(), source.shape, measurements.to_array(list(moves))
    )
