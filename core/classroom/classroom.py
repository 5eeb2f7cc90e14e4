"""The class of one home: its state, polls and results, read once for all sessions."""

import time
from collections.abc import Sequence

from core.classroom import task_results
from core.classroom.class_state import ANNOUNCEMENT, LESSON, MAX_ANNOUNCEMENT, REVEALED, SINCE, ClassState
from core.classroom.lessons import Lesson, Task
from core.classroom.poll_answers import Polls
from core.classroom.shared_value import Shared
from core.classroom.task_results import Result
from core.runs.database import Database
from core.runs.instructor_actions import DRAINING, FROZEN, Instruction
from core.runs.one_line import one_line
from core.runs.person import Person
from core.runs.run import NotNow
from core.runs.service import check_instructs

STATE_SECONDS = 0.2  # how old the class's state may be on a page
RESULT_SECONDS = 2.0  # the same, of answers and results


class Classroom:
    """The class of one home. Any number of threads may use it.

    Every method raises StoreUnavailable if the home cannot be used; those that change something for everybody raise
    NotAllowed for a person who does not instruct.
    """

    def __init__(self, database: Database) -> None:
        """Do not open the database; the first query does."""
        self._database = database
        self._instruction, self._polls = Instruction(database), Polls(database)
        self._state: Shared[ClassState] = Shared(STATE_SECONDS)
        self._answers: Shared[dict[str, int]] = Shared(RESULT_SECONDS)
        self._results: Shared[list[Result]] = Shared(RESULT_SECONDS)

    def state(self) -> ClassState:
        """Return the class's state, a fifth of a second old at most."""
        return self._state.get("", lambda: ClassState.read(self._instruction.state()))

    def announce(self, person: Person, sentence: str) -> None:
        """Show a sentence at the top of everybody's page; an empty one takes it back."""
        self._set(person, **{ANNOUNCEMENT: one_line(sentence, MAX_ANNOUNCEMENT) or None})

    def freeze(self, person: Person, frozen: bool) -> None:
        """Let no student submit runs, or let them again."""
        self._set(person, **{FROZEN: frozen or None})

    def drain(self, person: Person, draining: bool) -> None:
        """Let no queued run begin, or let them again."""
        self._set(person, **{DRAINING: draining or None})

    def teach(self, person: Person, lesson: str) -> None:
        """Choose the class's lesson, with its first step revealed; an empty name ends it."""
        begin = {LESSON: lesson, REVEALED: 1, SINCE: time.time()}
        self._set(person, **(begin if lesson else dict.fromkeys(begin)))

    def reveal(self, person: Person, lesson: Lesson, steps: int) -> None:
        """Open the first `steps` steps of the class's lesson to everybody."""
        self._set(person, **{REVEALED: min(max(steps, 1), len(lesson.steps))})

    def answer(self, lesson: Lesson, step: int, person: Person, answer: int) -> None:
        """Keep a person's answer to the poll of a step, from 1, until the class's next step is revealed.

        Raises:
            NotNow: The poll is closed, or there is no such choice.
        """
        poll = lesson.steps[step - 1].poll if 1 <= step <= len(lesson.steps) else None
        state = ClassState.read(self._instruction.state())
        if poll is None or not 0 <= answer < len(poll.choices):
            raise NotNow("This poll has no such choice.")
        if state.lesson == lesson.name and state.revealed > step:
            raise NotNow("This poll is closed: its answer is shown.")
        self._polls.answer(lesson.name, step, person, answer)
        self._answers.forget()

    def answers(self, lesson: Lesson, step: int) -> dict[str, int]:
        """Return everybody's answers to the poll of a step by person, at most two seconds old."""
        since = self.since(lesson)
        key = lesson.name, step, since
        return self._answers.get(key, lambda: self._polls.answers(lesson.name, step, since))

    def results(self, lesson: Lesson, task: Task) -> Sequence[Result]:
        """Return what the class has reached in a task, the best first, at most two seconds old."""
        since = self.since(lesson)
        key = lesson.name, task, since
        return self._results.get(key, lambda: task_results.of_class(self._database, task, since))

    def since(self, lesson: Lesson) -> float:
        """Return when the class began this lesson; 0 if it is not the class's."""
        state = self.state()
        return state.since if state.lesson == lesson.name else 0.0

    def _set(self, person: Person, **values: object) -> None:
        check_instructs(person)
        self._instruction.set_state(values)
        self._state.forget()
