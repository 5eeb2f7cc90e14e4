"""Request a change to a running run. No torch: the run's worker carries it out, in `core.runs.control`."""

import sqlalchemy as sa

from core.runs.database import Database, control_requests, run_owners, runs
from core.runs.run import RUNNING, NotNow
from core.runs.store import OWNER_LETTERS
from core.training.experiment import Experiment
from core.training.run_changes import with_rate


def request_change(database: Database, run: str, owner: str, learning_rate: float | None) -> None:
    """Request a new learning rate from now on, or an early stop. The run's worker is interrupted to carry it out.

    Args:
        database: The store.
        run: The run's id.
        owner: One of its owners.
        learning_rate: The new peak rate; None to stop and keep the weights.

    Raises:
        NotNow: The run is not training, or `owner` does not own it.
        ExperimentError: The rate is outside its limits.
    """
    owner = owner[:OWNER_LETTERS]
    with database.writing() as connection:
        query = sa.select(runs.c.state, runs.c.experiment).where(runs.c.id == run)
        row = connection.execute(query.with_for_update()).first()
        if row is None or row.state != RUNNING:
            raise NotNow("This run is not training now, so it cannot be changed.")
        here = sa.and_(run_owners.c.run == run, run_owners.c.owner == owner)
        if connection.execute(sa.select(run_owners.c.run).where(here)).first() is None:
            raise NotNow("This run belongs to someone else: start the same run yourself to change it.")
        if learning_rate is not None:
            with_rate(Experiment.from_json(row.experiment), 0, learning_rate)  # a rate out of bounds is refused here
        connection.execute(sa.delete(control_requests).where(control_requests.c.run == run))
        connection.execute(sa.insert(control_requests).values(run=run, owner=owner, learning_rate=learning_rate))
        connection.execute(sa.update(runs).where(runs.c.id == run).values(interrupt=True))
