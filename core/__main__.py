"""The command line, `cnnlab COMMAND` or `python -m core COMMAND`: run, presets, train, data, runs, precompute, read."""

import json
import logging
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from core import __version__, app_paths
from core import data as datasets
from core.layers.calculator import analyze, totals
from core.layers.logits import ending
from core.layers.network_json import to_json
from core.layers.parse import LayerError, ParseError
from core.layers.parse.files import read_file
from core.runs.database import Database
from core.runs.retention import LIMIT_VARIABLE, usage
from core.runs.run import NotNow, StoreUnavailable, UnknownRun
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.size_text import format_shape
from core.training import event_text
from core.training.allocator import keep_memory
from core.training.events import Started
from core.training.experiment import Experiment, ExperimentError
from core.training.local_data import match_local_data
from core.training.presets import PRESETS
from core.training.settings_text import with_settings
from core.training.threads import WAITING, idle_cores

app = typer.Typer(help="CNN Lab: its pages in a browser, or without a screen.", add_completion=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Print the version, or the help where no command was given."""
    if version:
        typer.echo(f"CNN Lab {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


@app.command("run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def start(context: typer.Context) -> None:
    """Start the app for this machine's browsers; options such as --server.port 8502 are Streamlit's."""
    sys.argv = ["streamlit", "run", str(app_paths.APP / "app.py"), *context.args]
    runpy.run_module("streamlit", run_name="__main__")


@app.command()
def presets() -> None:
    """Print every named experiment with its number of parameters, one per line."""
    for preset in PRESETS.values():
        experiment = preset.experiment
        parameters = totals(analyze(experiment.layers, datasets.info(experiment.data).shape)).parameters
        typer.echo(f"{preset.name:22}{parameters:>10,}  {preset.purpose}")


@app.command()
def train(
    preset: Annotated[str, typer.Argument(help="The name of a preset.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, such as epochs=2; may be repeated.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(help="PyTorch threads; the number of idle cores by default.", min=1, max=64)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per event, one per line.")] = False,
) -> None:
    """Train a named experiment, and print what happens."""
    try:
        if preset not in PRESETS:
            raise ExperimentError(f"There is no preset {preset!r:.40}; there are {', '.join(PRESETS)}.")
        experiment = with_settings(PRESETS[preset].experiment, set_ or [])
        is_given = any(setting.startswith("train_images=") for setting in set_ or [])
        _train_and_print(*match_local_data(experiment, is_given), device, as_json, threads)
    except (ValueError, RuntimeError, datasets.DataError) as error:  # each of ours is a sentence for a person
        if as_json:
            typer.echo(json.dumps({"event": "failed", "reason": str(error)}))
        else:
            typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def data(
    prepare: Annotated[str | None, typer.Option(help="Fetch and prepare this dataset, such as mnist.")] = None,
) -> None:
    """Print the source of each dataset on this machine, and whether it is whole."""
    if prepare:
        try:
            ready = datasets.prepare(prepare, report=_print_progress)
        except datasets.DataError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        typer.echo(" ".join([f"{ready.name}: {ready.title}. {ready.source}", *ready.notes]))
        return
    for status in datasets.statuses():
        if (info := status.info) is None:
            typer.echo(f"{status.name:10} {' '.join(status.broken)}")
            continue
        size = f"{info.train_images:,} + {info.test_images:,} pictures, {format_shape(info.shape)}"
        whole = "whole" if status.whole else f"broken: {', '.join(status.broken)}"
        sentences = " ".join([info.source, *info.notes])
        typer.echo(f"{status.name:10} {info.title} ({info.name}): {size}, {whole}. {sentences}")


@app.command()
def runs(
    remove: Annotated[
        list[str] | None, typer.Option(help="Remove this run, its files and its history; may be repeated.")
    ] = None,
) -> None:
    """Print the stored runs with their sizes, the least recently used first, or remove some."""
    home = app_paths.home().absolute()
    database = Database(home)
    store, stored = Store(database), StoredRuns(database)
    try:
        for run in remove or []:
            store.run(run)  # raises for one that there is not
            if not stored.delete(run):
                raise NotNow(f"The run {run} waits or trains: stop it first.")
            typer.echo(f"{run} is removed.")
        if remove:
            return
        now, kept = usage(home), stored.all()
    except (UnknownRun, NotNow, StoreUnavailable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for one in kept:
        seen = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.seen))
        size = f"{_megabytes(now.runs.get(one.run, 0))} + {_megabytes(one.history_bytes)} of history"
        typer.echo(f"{one.run}  {one.state:8}  {seen}  {size}")
    typer.echo(
        f"{home}: {_megabytes(now.total)} of {_megabytes(now.limit)} ({LIMIT_VARIABLE}), "
        f"{_megabytes(sum(now.runs.values()))} of them the files of {len(now.runs)} runs."
    )


@app.command()
def precompute(
    lesson: Annotated[str, typer.Argument(help="The name of a lesson, as in its link.")],
    only_list: Annotated[bool, typer.Option("--list", help="Only print what would be trained.")] = False,
) -> None:
    """Train what a lesson's grid of settings needs, so that in class the answers are there at once."""
    logging.disable(logging.WARNING)  # Streamlit warns, dozens of times, that there is no browser
    from core.ui.run_panels import precompute as before_class  # imported here: Streamlit takes a second

    try:
        before_class.run(lesson, typer.echo, only_list=only_list)
    except (before_class.PrecomputeError, StoreUnavailable, datasets.DataError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="An .onnx or .safetensors file, a program, a printed model, or JSON.")],
    shape: Annotated[
        str | None, typer.Option(help="The picture's shape, such as 3,32,32, for files that don't say it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the network as the layer calculator's JSON.")] = False,
) -> None:
    """Print a network's layers with their output, parameters and MACs. Nothing of the file is executed."""
    try:
        sizes = None if shape is None else [int(size) for size in shape.split(",")]
        found = read_file(file.read_bytes(), file.name, sizes)
        rows = analyze(found.layers, found.input_shape)
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror or error}.", err=True)
        raise typer.Exit(1) from None
    except (ParseError, LayerError) as error:
        for fault in error.faults:
            typer.echo(fault, err=True)
        raise typer.Exit(1) from None
    except ValueError:
        typer.echo("--shape needs three whole numbers: channels,height,width.", err=True)
        raise typer.Exit(2) from None
    if as_json:
        layers = [to_json(layer) for layer in found.layers]
        typer.echo(json.dumps({"input_shape": found.input_shape, "layers": layers}))
        return
    typer.echo(f"{'picture':18}{format_shape(found.input_shape):>20}")
    for row in rows:
        name, out = type(row.layer).__name__, format_shape(row.output_shape)
        typer.echo(f"{name:18}{out:>20}{row.parameters:>14,} parameters{row.macs:>18,} MACs")
    sums = totals(rows)
    typer.echo(f"{'total':18}{'':20}{sums.parameters:>14,} parameters{sums.macs:>18,} MACs")
    for note in found.notes:
        typer.echo(note)


def _megabytes(count: int) -> str:
    """Return a number of bytes in MB."""
    return f"{count / 1e6:,.1f} MB"


def _print_progress(progress: datasets.Progress) -> None:
    """Print one line for each step of a preparation."""
    share = f" {progress.fraction:.0%}" if progress.total else ""
    typer.echo(f"{progress.text}{share}", err=True)


def _train_and_print(experiment: Experiment, notes: list[str], device: str, as_json: bool, threads: int | None) -> None:
    """Train an experiment and print its events.

    Args:
        experiment: What to train.
        notes: Sentences to print first.
        device: "auto", "cpu", "cuda" or "mps".
        as_json: Print one JSON object per event.
        threads: Threads of PyTorch; None for the number of idle cores.
    """
    os.environ |= {name: value for name, value in WAITING.items() if name not in os.environ}
    keep_memory()
    from core.training.loop import train as run  # imported here, so that `presets` and `data` start quickly

    if note := ending(analyze(experiment.layers, datasets.info(experiment.data).shape)).note:
        typer.echo(note, err=True)
    for event in run(experiment, device, threads=threads or idle_cores()):
        is_start = isinstance(event, Started)
        if as_json:
            typer.echo(json.dumps(event.to_dict() | ({"notes": notes} if is_start and notes else {})))
            sys.stdout.flush()
            continue
        for note in notes if is_start else ():
            typer.echo(note, err=True)
        for line in event_text.lines(event):
            typer.echo(line)


if __name__ == "__main__":
    app()
