"""The answers to the polls of lessons: one a person and poll."""

import time

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.person import OWNER_LETTERS, Person
from core.runs.tables import poll_answers, upsert

MAX_PEOPLE = 2_000  # whose answers to one poll are counted


class Polls:
    """The answers in one home."""

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database

    def answer(self, lesson: str, step: int, person: Person, answer: int) -> None:
        """Keep a person's answer, in place of an earlier one. Whether the poll is open is checked by the caller."""
        row = {"lesson": lesson, "step": step, "person": person.id[:OWNER_LETTERS], "answer": answer, "at": time.time()}
        with self._database.writing() as connection:
            upsert(connection, poll_answers, [row])

    def answers(self, lesson: str, step: int, since: float = 0.0) -> dict[str, int]:
        """Return the answers given after `since` by person."""
        query = sa.select(poll_answers.c.person, poll_answers.c.answer).where(
            poll_answers.c.lesson == lesson, poll_answers.c.step == step, poll_answers.c.at >= since
        )
        with self._database.reading() as connection:
            return {row.person: row.answer for row in connection.execute(query.limit(MAX_PEOPLE))}


def counts(answers: dict[str, int], choices: int) -> list[int]:
    """Return how many gave each answer; answers that are no choice are left out.

    >>> counts({"a": 1, "b": 1, "c": 7}, 3)
    [0, 2, 0]
    """
    given = list(answers.values())
    return [given.count(choice) for choice in range(choices)]
