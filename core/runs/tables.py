"""The store's tables, and what their statements share on SQLite and PostgreSQL: the clock, and rows set or inserted."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),  # the experiment's key: one row is one training
    sa.Column("experiment", sa.Text, nullable=False),  # its canonical JSON
    sa.Column("device", sa.String(20), nullable=False),
    sa.Column("state", sa.String(10), nullable=False, index=True),
    sa.Column("reason", sa.Text),
    sa.Column(
        "deaths", sa.Integer, nullable=False, default=0
    ),  # workers that died while training it, since it was submitted
    sa.Column("front", sa.Boolean, nullable=False, default=False),  # had begun already: goes on before others begin
    sa.Column(
        "interrupt", sa.Boolean, nullable=False, default=False
    ),  # the worker should write a checkpoint and release it
    sa.Column("claim", sa.String(32)),  # names the one attempt that may write; a late worker finds another name here
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("queued", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("heartbeat", sa.Float),
    sa.Column("seq", sa.Integer, nullable=False, default=0),  # of the last event ever written: numbers never return
    sa.Column("summary", sa.JSON, nullable=False, default=dict),
)
run_owners = sa.Table(
    "run_owners",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("owner", sa.String(200), primary_key=True, index=True),
    sa.Column("asked", sa.Float, nullable=False),
)
former_owners = sa.Table(  # who left a run last: what it left on the disk is theirs while nobody owns it
    "former_owners",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("owner", sa.String(200), primary_key=True, index=True),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer),  # None: not of any step, and kept when a run goes back to its checkpoint
    sa.Column("payload", sa.JSON, nullable=False),
)
control_requests = sa.Table(  # a change to a running run, which its worker carries out
    "control_requests",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),  # who requested it
    sa.Column("learning_rate", sa.Float),  # the new peak rate; None: stop now and keep the weights
)
watched = sa.Table(  # when a run was last viewed: the run unseen for the longest is removed first
    "watched",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("seen", sa.Float, nullable=False),
)
dispatchers = sa.Table(  # one a machine; the claims of its runs begin with its name
    "dispatchers",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("machine", sa.String(100), nullable=False),  # Database.machine
    sa.Column("seen", sa.Float, nullable=False),  # when it last said that it lives, where machines share a store
)
worker_processes = sa.Table(  # alive, or left behind by a leader that was killed
    "worker_processes",
    metadata,
    sa.Column("machine", sa.String(100), primary_key=True),
    sa.Column("pid", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("started", sa.Float, nullable=False),  # by the operating system: a pid alone may be reused
)
class_state = sa.Table(  # what the instructor says to the whole class; core.classroom.class_state has the names
    "class_state",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
poll_answers = sa.Table(  # one answer a person
    "poll_answers",
    metadata,
    sa.Column("lesson", sa.String(40), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("answer", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
run_priorities = sa.Table(  # of queued runs that the instructor moved: above 0 before all others, below 0 after them
    "run_priorities",
    metadata,
    sa.Column("run", sa.String(32), primary_key=True),
    sa.Column("priority", sa.Integer, nullable=False),
)
people = sa.Table(  # who signed in, with the name that others see
    "people",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("shown", sa.String(60), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("first_seen", sa.Float, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False, default=False),  # others see a number in place of the name
)
signed_out = sa.Table(  # by class code: whoever has a copy of their token is not them any more
    "signed_out",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
run_addresses = sa.Table(  # a digest of the network that a run came from, if its owner is known by a cookie alone
    "run_addresses",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("address", sa.String(50), nullable=False, index=True),
)
run_labels = sa.Table(  # what people call a run on the board of all runs
    "run_labels",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False, default=""),
    sa.Column("note", sa.String(300), nullable=False, default=""),
    sa.Column("pinned", sa.Boolean, nullable=False, default=False),  # stands first, for everybody
    sa.Column("hidden", sa.Boolean, nullable=False, default=False),  # only who instructs sees it there
)
run_classes = sa.Table(  # where a run was asked for: in a class, in a lesson, or in both; "" for neither
    "run_classes",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("class_name", sa.String(40), primary_key=True),
    sa.Column("lesson", sa.String(40), primary_key=True),
    sa.Column("asked", sa.Float, nullable=False),
)
# The names up to November 2026, with what their rows get in new columns.
FORMER_TABLES: dict[str, tuple[sa.Table, dict[str, str]]] = {
    "askers": (run_owners, {}),
    "wishes": (control_requests, {}),
    "workers": (worker_processes, {"machine": ""}),
}


class clock(FunctionElement[float]):
    """Seconds since 1970 by the database's clock, in a statement: those of several machines differ."""

    type = sa.Float()
    inherit_cache = True


@compiles(clock)
def _sqlite_clock(_element: clock, _compiler: Any, **_: Any) -> str:
    return "clock()"  # time.time: `_as_we_use_sqlite`


@compiles(clock, "postgresql")
def _postgresql_clock(_element: clock, _compiler: Any, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of a table, or set their columns where there is one of their key already.

    Rows are taken in the order of their keys, so that two that write the same ones wait for, and not on, each other.
    """
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key.columns]
    for row in sorted(rows, key=lambda row: [row[key] for key in keys]):
        others = {name: value for name, value in row.items() if name not in keys}
        connection.execute(insert.values(row).on_conflict_do_update(index_elements=keys, set_=others))
