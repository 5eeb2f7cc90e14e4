"""The network that a run was queued from, where its owner is known by a cookie alone: limits hold for it, too.

A new cookie is a new person, so that a limit of persons alone limits nobody. What is stored is a digest of the network
(`core.ui.backend.identity`), for as long as the run: its files count.
"""

import sqlalchemy as sa

from core.runs.tables import run_addresses


def note(connection: sa.Connection, run: str, address: str) -> None:
    """Note where a run is queued from, in place of where it was before; "" for a network that is not known."""
    connection.execute(sa.delete(run_addresses).where(run_addresses.c.run == run))
    if address:
        connection.execute(sa.insert(run_addresses).values(run=run, address=address))


def inherit(connection: sa.Connection, run: str, successor: str) -> None:
    """Note that a run comes from where the run came from that it continues."""
    address = connection.execute(sa.select(run_addresses.c.address).where(run_addresses.c.run == run)).scalar()
    note(connection, successor, address or "")


def queued_from(address: str) -> sa.Select[tuple[str]]:
    """Return the query for the runs that were queued from a network."""
    return sa.select(run_addresses.c.run).where(run_addresses.c.address == address)
