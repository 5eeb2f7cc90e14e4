"""What the class has reached in a task: of each person the best finished run that fulfills its conditions."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.classroom import task_conditions
from core.classroom.lessons import Task
from core.runs.database import Database
from core.runs.run import FINISHED, Run
from core.runs.run_rows import read_runs
from core.runs.tables import run_owners, runs

MAX_RUNS = 2_000  # finished runs that are looked at, the latest first


@dataclass(frozen=True, slots=True)
class Result:
    """A run that fulfills a task, and whose it is."""

    owner: str  # a person's id
    run: Run
    figures: task_conditions.Figures


def of_class(database: Database, task: Task, since: float = 0.0) -> list[Result]:
    """Return each person's best run for a task among those they submitted after `since`, the best first."""
    query = sa.select(runs).where(runs.c.state == FINISHED).order_by(runs.c.finished.desc()).limit(MAX_RUNS)
    asked = sa.select(run_owners.c.run, run_owners.c.owner).where(run_owners.c.asked >= since)
    with database.reading() as connection:
        wanted = {(row.run, row.owner) for row in connection.execute(asked)}
    query = query.where(runs.c.id.in_(sa.select(run_owners.c.run).where(run_owners.c.asked >= since)))
    found = [(owner, run) for run in read_runs(database, query) for owner in run.owners if (run.id, owner) in wanted]
    return best(task, found)


def best(task: Task, found: Iterable[tuple[str, Run]]) -> list[Result]:
    """Return each person's best run that fulfills a task, the best first."""
    larger = task.best in task_conditions.LARGER_IS_BETTER
    fulfilled: dict[str, Result] = {}

    def rank(result: Result) -> float:
        figure = result.figures.get(task.best, float("-inf") if larger else float("inf"))
        return -figure if larger else figure

    for owner, run in found:
        data = run.experiment.data
        if data != task.data and not data.startswith(f"{task.data}-"):  # "mnist-5k" is MNIST, too
            continue
        result = Result(owner, run, task_conditions.of_run(run))
        if all(condition.holds(result.figures) for condition in task.conditions):
            known = fulfilled.get(owner)
            if known is None or rank(result) < rank(known):
                fulfilled[owner] = result
    return sorted(fulfilled.values(), key=lambda result: (rank(result), result.run.finished or 0.0))
