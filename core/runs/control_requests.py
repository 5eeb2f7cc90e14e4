"""Asking for something of a run that trains. No torch: the run's worker sees to it, in core.runs.control."""

import sqlalchemy as sa

from core.runs.database import Database, control_requests, run_owners, runs
from core.runs.run import RUNNING, NotNow
from core.runs.store import OWNER_LETTERS
from core.training.experiment import Experiment
from core.training.run_changes import with_rate


def request_change(database: Database, run: str, owner: str, learning_rate: float | None) -> None:
    """Ask for a new learning rate from now on, or with None for the end. Raises NotNow, ExperimentError.

    The run's worker is asked to let go, and then sees to it.
    """
    owner = owner[:OWNER_LETTERS]
    with database.writing() as connection:
        row = connection.execute(sa.select(runs.c.state, runs.c.experiment).where(runs.c.id == run)).first()
        if row is None or row.state != RUNNING:
            raise NotNow("This run does not train just now, so nothing can be changed about it.")
        here = sa.and_(run_owners.c.run == run, run_owners.c.owner == owner)
        if connection.execute(sa.select(run_owners.c.run).where(here)).first() is None:
            raise NotNow("Somebody else asked for this run: ask for it yourself, and then change it.")
        if learning_rate is not None:
            with_rate(Experiment.from_json(row.experiment), 0, learning_rate)  # a rate out of bounds is refused here
        connection.execute(sa.delete(control_requests).where(control_requests.c.run == run))
        connection.execute(sa.insert(control_requests).values(run=run, owner=owner, learning_rate=learning_rate))
        connection.execute(sa.update(runs).where(runs.c.id == run).values(interrupt=True))
