"""Finished runs whose files are gone, while the store stands: PostgreSQL is on another disk than the app's folder.

Nothing is written about them until somebody asks for one again: the folder may only not be mounted now.
"""

import time
from dataclasses import replace

from core.runs.run import FINISHED, LOST_REASON, STOPPED, Run
from core.runs.run_files import has_weights

SETTLED_SECONDS = 120.0  # after its end; a shared folder may show another machine's files only after a minute


def is_lost(run: Run) -> bool:
    """Return whether a run is finished as the store has it, and its weights are gone."""
    settled = run.finished is not None and run.finished < time.time() - SETTLED_SECONDS
    return run.state == FINISHED and settled and not has_weights(run.folder)


def as_seen(run: Run) -> Run:
    """Return a run as its viewers see it: a lost one is a stopped one, which can be trained again."""
    return replace(run, state=STOPPED, reason=LOST_REASON) if is_lost(run) else run
