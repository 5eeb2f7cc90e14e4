"""Questions that set all controls of the page with one click."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.ui.state.settings import Settings

PICKED = "m_question"  # key of the widget
FREE = {"m_start", "m_x", "m_device", "m_seed"}  # settings that no question is about
SIZED = {"m_mlp_width", "m_cap_types", "m_cap_filters"}  # those that equal parameters set


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
    """Draw the questions; the one whose settings the page has is pressed."""
    st.session_state[PICKED] = current(settings)
    st.pills(
        "Ready questions",
        range(len(QUESTIONS)),
        key=PICKED,
        format_func=lambda number: QUESTIONS[number].label,
        on_change=_set,
        args=(settings,),
        label_visibility="collapsed",
        help="\n".join(f"- {question.label} {question.help}." for question in QUESTIONS),
    )


def current(settings: Settings) -> int | None:
    """Return the number of the question whose settings the page has; None if they are others.

    The start of the accuracy axis and the x-axis are the viewer's, and the device is the machine's.
    """
    asked = [key for key in settings.defaults if key not in FREE]
    now = {key: st.session_state.get(key, settings.defaults[key]) for key in asked}
    for number, question in enumerate(QUESTIONS):
        wanted = {key: question.settings.get(key, settings.defaults[key]) for key in asked}
        if all(now[key] == wanted[key] for key in asked if not _follows(key, now)):
            return number
    return None


def _follows(key: str, now: dict[str, Any]) -> bool:
    """Return whether a control has no say now, since the budget sets it."""
    return now["m_budget"] == "parameters" and key in SIZED


def _set(settings: Settings) -> None:
    """Set the page to the question that was pressed; one that is pressed again stays."""
    if (number := st.session_state[PICKED]) is not None:
        known = {key: value for key, value in QUESTIONS[number].settings.items() if key in settings.defaults}
        settings.set(known)
