"""Train a lesson's grid of settings before class: `python -m core precompute LESSON`.

Each combination of settings opens its page without a browser, and the page itself says what it would train. So the runs
are the very ones that the page finds finished in class.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence

from streamlit.testing.v1 import AppTest

from core import app_paths
from core.classroom import task_conditions
from core.classroom.lessons import Grid, Lesson
from core.data import info
from core.runs.inference_client import InferenceClient, InferenceError
from core.runs.person import BEFORE_CLASS
from core.runs.run import FINISHED, NoRoom, QueueFull
from core.training import duration_estimate
from core.training.experiment import Experiment, ExperimentError
from core.ui.backend import client
from core.ui.backend.run_requests import PLANNED
from core.ui.display import colors, numbers
from core.ui.layout.navigation import NAVIGATED
from core.ui.run_panels import time_estimate
from core.ui.state import lesson_state

PAGE_SECONDS = 120  # for a page to open
LOOK_SECONDS = 0.5
SPEED_SECONDS = 60.0  # for a speed to be measured
Report = Callable[[str], None]


class PrecomputeError(RuntimeError):
    """Raised for a lesson that cannot be computed before class; the message is a sentence."""


def run(name: str, report: Report, *, only_list: bool = False) -> None:
    """Train what the grids of a lesson need and is not trained yet.

    Args:
        name: The lesson's name.
        report: Is told what happens, a line at a time.
        only_list: Train nothing.

    Raises:
        PrecomputeError: There is no such lesson, it has no grid, or a page does not take its settings.
        StoreUnavailable: The home cannot be used.
    """
    known, faults = lesson_state.all_lessons()
    lesson = known.get(name)
    if lesson is None:
        raise PrecomputeError(" ".join([f"There is no lesson {name!r:.40}; there are {', '.join(known)}.", *faults]))
    if not lesson.grids:
        raise PrecomputeError(f"The lesson {name} trains nothing that could be done before class: it has no grid.")
    experiments = planned(lesson)
    service = client.runs()
    done = service.get_many([experiment.key for experiment in experiments])
    todo = [one for one in experiments if one.key not in done or done[one.key].state != FINISHED]
    report(f"{lesson.title}: {len(experiments)} runs, of which {len(experiments) - len(todo)} are trained already.")
    for experiment in todo:
        report(f"  {experiment.key}  {describe(experiment)}")
    if not todo:
        return
    seconds = estimate(todo)
    report("How long it takes is not known." if seconds is None else f"About {numbers.duration(seconds)}.")
    if not only_list:
        _train(todo, lesson.name, report)


def planned(lesson: Lesson) -> list[Experiment]:
    """Return every experiment of a lesson's grids, each once. Raises PrecomputeError."""
    found = {one.key: one for grid in lesson.grids for settings in combinations(grid) for one in asked(grid, settings)}
    return list(found.values())


def combinations(grid: Grid) -> Iterator[dict[str, str]]:
    """Yield every combination of a grid's settings."""
    for values in itertools.product(*grid.settings.values()):
        yield dict(zip(grid.settings, values, strict=True))


def asked(grid: Grid, settings: dict[str, str]) -> Sequence[Experiment]:
    """Return what a page would train with these settings. Raises PrecomputeError."""
    app = AppTest.from_file(str(app_paths.APP / "app.py"), default_timeout=PAGE_SECONDS)
    app.session_state[NAVIGATED] = True
    for key, text in settings.items():
        app.query_params[key] = text
    app.switch_page(f"pages/{grid.page}.py").run()
    told = [str(element.value) for element in (*app.exception, *app.error, *app.warning)]
    if told or PLANNED not in app.session_state:
        why = told[0] if told else "It trains nothing."
        raise PrecomputeError(f"The page {grid.page} does not take these settings of the grid: {settings}. {why}")
    experiments: Sequence[Experiment] = app.session_state[PLANNED]
    return experiments


def describe(experiment: Experiment) -> str:
    """Return an experiment in a few words."""
    epochs = f"{experiment.epochs} {'epoch' if experiment.epochs == 1 else 'epochs'}"
    role, parameters = colors.role(experiment).name, task_conditions.cost(experiment).get("parameters", 0)
    pictures = f"{numbers.count(experiment.train_images)} pictures of {experiment.data}"
    shuffled = ", shuffled pixels" if experiment.shuffle_pixels else ""
    return f"{role}, {numbers.count(parameters)} parameters, {pictures}, {epochs}{shuffled}"


def estimate(experiments: Sequence[Experiment]) -> float | None:
    """Return the seconds that these runs take here, from measured speeds; None if one cannot be measured."""
    inference, whole = InferenceClient(app_paths.home()).for_owner(BEFORE_CLASS), 0.0
    end = time.monotonic() + SPEED_SECONDS
    for experiment in experiments:
        probe = time_estimate.probe_of(experiment).to_json()
        try:
            while (rate := time_estimate.speed(probe, "auto", inference)) is None:
                if time.monotonic() > end:
                    return None
                time.sleep(LOOK_SECONDS)
        except InferenceError:
            return None
        whole += duration_estimate.planned_seconds(experiment, info(experiment.data), rate).whole
    return whole / client.runs().slots()


def _train(experiments: Sequence[Experiment], lesson: str, report: Report) -> None:
    """Submit each experiment once, as the queue has room, and wait for all of them."""
    service, begun = client.runs(), time.monotonic()
    waiting, open_runs, trouble = list(experiments), dict[str, Experiment](), None
    while waiting or open_runs:
        try:
            while waiting:
                open_runs[service.submit(waiting[0], BEFORE_CLASS, lesson=lesson)] = waiting[0]
                waiting.pop(0)
        except (NoRoom, ExperimentError) as error:  # which no waiting changes
            raise PrecomputeError(str(error)) from error
        except QueueFull:
            pass  # some will have ended at the next look
        for run in service.get_many(list(open_runs)).values():
            if not run.active:
                del open_runs[run.id]
                accuracy = run.summary.get("test_accuracy")
                told = run.state if accuracy is None else f"{run.state}, {numbers.percent(accuracy)}"
                report(f"  {run.id}  {told}. {run.reason or ''}".rstrip())
        if service.trouble != trouble:
            trouble = service.trouble
            report(trouble or "The training goes on.")
        time.sleep(LOOK_SECONDS)
    report(f"All is trained, after {numbers.duration(time.monotonic() - begun)}.")
