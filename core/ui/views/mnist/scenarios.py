"""Questions that set all controls of the page with one click."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.ui.state.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its settings; all other settings have their defaults."""

    label: str
    help: str
    settings: dict[str, Any]


QUESTIONS = (
    Question("Which learns faster?", "Both networks with their defaults, on 20,000 digits", {}),
    Question("With few digits?", "Only 500 training digits, more epochs", {"m_images": 500, "m_epochs": 20}),
    Question("With equal parameters?", "The MLP gets as many parameters as the CNN has", {"m_budget": "parameters"}),
    Question("With shuffled pixels?", "One fixed permutation of all pixels", {"m_shuffle": True}),
    Question(
        "With moved digits?",
        "A third network trains on shifted, rotated and scaled digits",
        {"m_third": True, "m_epochs": 6},
    ),
    Question(
        "Capsules?",
        "A capsule network with as many parameters as the CNN, which also sets the MLP's width",
        {"m_capsules": True, "m_budget": "parameters"},
    ),
    Question(
        "How far can they get?",
        "All training digits, and the best settings found for each network",
        {"m_mlp": "mnist-mlp", "m_cnn": "mnist-cnn-995", "m_images": 60_000, "m_start": 95},
    ),
)


def pick(settings: Settings) -> None:
    """Draw a button for each question."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for number, question in enumerate(QUESTIONS):
            known = {key: value for key, value in question.settings.items() if key in settings.defaults}
            st.button(
                question.label,
                key=f"question_{number}",
                help=question.help,
                on_click=settings.set,
                args=(known,),
            )
