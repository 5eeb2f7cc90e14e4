"""Request a change to a running run. No torch: the run's worker carries it out, in `core.runs.fork`."""

import sqlalchemy as sa

from core.runs.database import Database
from core.runs.person import OWNER_LETTERS, Person
from core.runs.run import RUNNING, NotAllowed, NotNow
from core.runs.tables import control_requests, run_owners, runs
from core.training.experiment import Experiment
from core.training.run_changes import with_rate


def request_change(database: Database, run: str, who: str | Person, learning_rate: float | None) -> None:
    """Request a new learning rate from now on, or an early stop. The run's worker is interrupted to carry it out.

    Args:
        database: The store.
        run: The run's id.
        who: One of its owners, or an instructor, who acts in the name of its first owner.
        learning_rate: The new peak rate; None to stop and keep the weights.

    Raises:
        NotNow: The run is not training.
        NotAllowed: `who` neither owns it nor instructs.
        ExperimentError: The rate is outside its limits.
    """
    person = who if isinstance(who, Person) else Person(who, "", "student", "browser")
    with database.writing() as connection:
        query = sa.select(runs.c.state, runs.c.experiment).where(runs.c.id == run)
        row = connection.execute(query.with_for_update()).first()
        if row is None or row.state != RUNNING:
            raise NotNow("This run is not training now, so it cannot be changed.")
        theirs = sa.select(run_owners.c.owner).where(run_owners.c.run == run).order_by(run_owners.c.asked)
        owners = connection.execute(theirs).scalars().all()
        if not owners or not person.may_change(owners):
            raise NotAllowed("This run belongs to someone else: start the same run yourself to change it.")
        owner = person.id[:OWNER_LETTERS] if person.id[:OWNER_LETTERS] in owners else owners[0]
        if learning_rate is not None:
            with_rate(Experiment.from_json(row.experiment), 0, learning_rate)  # a rate out of bounds is refused here
        connection.execute(sa.delete(control_requests).where(control_requests.c.run == run))
        connection.execute(sa.insert(control_requests).values(run=run, owner=owner, learning_rate=learning_rate))
        connection.execute(sa.update(runs).where(runs.c.id == run).values(interrupt=True))
