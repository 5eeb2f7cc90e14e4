"""The board to take away: what is shown as CSV or Parquet, curves as TensorBoard event files."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from core.runs import tensorboard
from core.runs.board import Board, BoardRun
from core.runs.history_cache import joined
from core.runs.run import images_per_second
from core.runs.run_groups import finished
from core.runs.service import RunService
from core.runs.tensorboard import RunHistory
from core.ui.backend import client, person_names
from core.ui.display import numbers, run_accuracies, run_times
from core.ui.run_panels.comparison_table import describe_settings
from core.ui.views.runs import picked_runs
from core.ui.views.runs.controls import Choices
from core.ui.views.runs.grouped_runs import view
from core.ui.views.runs.people import shown_names
from core.ui.views.runs.run_settings import ASKED_IN, values
from core.ui.widgets.download_button import download_button

COMPUTED = tuple("=+-@\t＝＋－＠")  # how a text begins that a spreadsheet computes; some know the wide signs, too


def show(choices: Choices, board: Board) -> None:
    """Draw the downloads; each file is made when its button is pressed."""
    found = view(board, choices.query)
    chosen = {pick.run for pick in picked_runs.picked(run.id for run in found.runs)}
    curves = [run for run in found.runs if run.id in chosen] or finished(found.runs)[: tensorboard.MAX_RUNS]
    count = numbers.count(len(found.runs))
    with st.container(horizontal=True):
        download_button(
            "CSV",
            partial(as_csv, found.runs),
            "runs.csv",
            "text/csv",
            key="download_csv",
            help=f"The {count} runs that the filters leave, one a line, with all settings and figures",
        )
        download_button(
            "Parquet",
            partial(as_parquet, found.runs),
            "runs.parquet",
            "application/vnd.apache.parquet",
            key="download_parquet",
            help=f"The same {count} runs for pandas, Polars or DuckDB",
        )
        download_button(
            "TensorBoard",
            partial(as_event_files, client.runs(), curves),
            "runs.zip",
            "application/zip",
            key="download_events",
            help="The curves as event files, one folder a run: unpack the ZIP, then tensorboard --logdir FOLDER",
        )
    which = "the picked ones" if chosen else f"the latest {numbers.count(len(curves))} that finished"
    st.caption(
        f"CSV and Parquet hold the {count} runs that the filters leave. TensorBoard gets the curves of {which}; at "
        f"most {tensorboard.MAX_RUNS} at once."
    )


def table(runs: Sequence[BoardRun]) -> pd.DataFrame:
    """Return one line for each run: what it is called, its settings in words, and its figures.

    People have the names that everybody sees: a file is passed on.
    """
    lines = [
        {
            "Run": run.id,
            "Name": run.label.name,
            "Note": run.label.note,
            "By": name,
            "Submitted": datetime.fromtimestamp(run.queued, UTC),
            "State": run.state,
            **{setting.title: values(run)[setting.key].words for setting in ASKED_IN},
            **describe_settings(run.experiment),
            "Parameters": run.number("parameters"),
            "Test accuracy": run.number("test_accuracy"),
            "Test accuracy with one view": run_accuracies.one_view(run.figures),
            "Test pictures": run_accuracies.sample_size(run.figures),
            "Seconds": run_times.whole(run.figures),
            "Seconds of training": run_times.training(run.figures),
            "Images/s": images_per_second(run.figures),
        }
        for run, name in zip(runs, shown_names([run.owners for run in runs], person_names.EVERYBODY), strict=True)
    ]
    return pd.DataFrame(lines)


def as_csv(runs: Sequence[BoardRun]) -> bytes:
    """Return `table` as CSV; a text that a spreadsheet would compute is quoted by an apostrophe."""
    rows = table(runs)
    for column in ("Name", "Note", "By", "Class"):
        if column in rows:
            rows[column] = [f"'{text}" if text.startswith(COMPUTED) else text for text in rows[column]]
    return rows.to_csv(index=False).encode("utf-8-sig")


def as_parquet(runs: Sequence[BoardRun]) -> bytes:
    """Return `table` as Parquet."""
    buffer = io.BytesIO()
    table(runs).to_parquet(buffer, index=False)
    return buffer.getvalue()


def as_event_files(service: RunService, runs: Sequence[BoardRun]) -> bytes:
    """Return the ZIP of the runs' event files.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    return tensorboard.archive(
        RunHistory(run.id, run.label.name, run.experiment.to_json(), run.queued, joined((), service.history(run.id)))
        for run in runs
    )
