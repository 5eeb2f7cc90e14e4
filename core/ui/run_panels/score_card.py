"""HTML status card of a run: accuracy, progress, state."""

from markupsafe import Markup

from core.runs.run import FINISHED, PAUSING, Run
from core.ui.backend import run_requests
from core.ui.display import numbers, run_accuracies, run_times
from core.ui.display.colors import Role
from core.ui.messages import hosting

STOPPING = "Stopping", "The network is evaluated on the test set, and its weights are saved."


def html(role: Role, run: Run | None, *, of: str, wait: float | None = None) -> Markup:
    """Return name, test accuracy, progress bar and state as HTML.

    Args:
        role: The network's, which sets the bar's color.
        run: Its run, if there is one.
        of: What the network is tested on: "test digits".
        wait: The seconds until it begins, if it waits and that is known.
    """
    state, detail = describe_state(run, wait)
    if run and (owner := provenance(run)):
        state = owner if run.state == FINISHED else f"{state}, {owner}"
    done = 100 * progress(run)
    return Markup(
        '<div class="score" style="--role: {}">'
        '<div class="who"><i></i><b>{}</b></div>'
        '<div class="figure">{}</div>'
        '<div class="bar" role="progressbar" aria-label="Training of {}" aria-valuemin="0" aria-valuemax="100" '
        'aria-valuenow="{:.0f}"><div style="width: {:.1f}%"></div></div>'
        '<div class="detail" title="{}"><b>{}.</b> {}</div></div>'
    ).format(role.color, role.short, _accuracy(run, of), role.name, done, done, detail, state, detail)


def _accuracy(run: Run | None, of: str) -> Markup:
    """Return the latest test accuracy and the number of pictures it was measured on, as HTML."""
    accuracy = run.summary.get("test_accuracy") if run else None
    if run is None or accuracy is None:
        return Markup("—")
    pictures = run_accuracies.sample_size(run.summary)
    sample = f"of {numbers.count(pictures)} {of}" if pictures else f"of the {of}"
    return Markup("{}<small>{}</small>").format(numbers.percent(accuracy), sample)


def progress(run: Run | None) -> float:
    """Return the share of a run that is done, from 0 to 1: of its total time, if that is known."""
    if run is None:
        return 0.0
    return run_times.done(run)


def describe_state(run: Run | None, wait: float | None = None) -> tuple[str, str]:
    """Return a run's state in a word or two, and its details in a sentence; `wait` is as in `html`."""
    if run is None:
        return "Not trained yet", ""
    reason = hosting.without_paths(run.reason or "")
    match run.state:
        case "queued":
            place = f"Waiting, place {run.place} in the queue" if run.place else "Waiting"
            waiting = _sentence(place, "" if wait is None else f"begins in about {numbers.duration(wait)}")
            return "Queued", f"{reason} {waiting}" if reason else waiting
        case "running":
            return _running(run)
        case "pausing":
            return "Pausing", "Saving a checkpoint; then it can be resumed."
        case "stopping":
            return STOPPING
        case "stopped":
            return "Stopped", reason if run.lost else f"At {_position(run)}; progress is saved."
        case "failed":
            return "Failed", reason or "No error message was recorded."
        case _:
            return "Finished", _result(run)


def _position(run: Run) -> str:
    return f"epoch {run.summary.get('epoch') or 0.0:.1f} of {run.experiment.epochs}"


def _running(run: Run) -> tuple[str, str]:
    """Return the phase of a run that a worker has (preparing, training, testing, saving) and its progress."""
    summary = run.summary
    phase, share = summary.get("phase"), summary.get("phase_done")
    done = "" if share is None else f"{numbers.percent(share, 0)} done"
    left = run_times.describe_time_left(run_times.seconds_left(run))
    position = f"{_position(run)[0].upper()}{_position(run)[1:]}"
    if phase == run_times.TESTING:
        views = run.experiment.test_time
        of_each = "" if views == "none" else f", {run_accuracies.views_name(views)} of each"
        return "Testing", _sentence(f"Final evaluation on all test pictures{of_each}", done, left)
    if phase == run_times.PREPARING or not summary.get("step"):
        return "Preparing", _sentence("Reading the data and building the network", done)
    if run_times.is_trained(run):
        return STOPPING if run.experiment.stop_step else ("Saving", "Saving the weights and the test predictions.")
    speed = run.images_per_second
    return "Training", " ".join([_sentence(position, left, numbers.rate(speed) if speed else ""), *_left_out(run)])


def _sentence(*parts: str) -> str:
    """Join the parts that are not empty with commas."""
    return f"{', '.join(part for part in parts if part)}."


def _result(run: Run) -> str:
    """Return the results of a finished run: accuracy, its interval, and the time of each phase."""
    summary, parts = run.summary, []
    accuracy, pictures = summary.get("test_accuracy"), run_accuracies.sample_size(run.summary)
    views = run_accuracies.views(run)
    if run.experiment.stop_step and (summary.get("epoch") or 0.0) < run.experiment.epochs:
        parts.append(f"ended early, at {_position(run)}")
    if accuracy is not None and views != "none":
        parts.append(run_accuracies.pair(accuracy, run_accuracies.one_view(summary), views))
    if accuracy is not None and pictures:
        parts.append(f"95 % interval {numbers.percent_range(*run_accuracies.interval(accuracy, pictures))}")
    speed = run.images_per_second
    parts.append(
        "; ".join(
            filter(None, [run_times.describe_duration(summary), f"trained at {numbers.rate(speed)}" if speed else ""])
        )
    )
    return " ".join([*(f"{sentence[0].upper()}{sentence[1:]}." for sentence in parts if sentence), *_left_out(run)])


def _left_out(run: Run) -> list[str]:
    """Return a sentence if an epoch leaves out an incomplete last batch."""
    used, given = run.summary.get("epoch_images"), run.summary.get("train_images")
    if not used or not given or used >= given:
        return []
    return [f"An epoch uses {numbers.count(used)} of {numbers.count(given)} training images, others the next time."]


def provenance(run: Run) -> str:
    """Return who requested a run that was not requested in this tab, or is no longer; else ""."""
    if run.state == PAUSING or (
        run_requests.requested_in_tab(run) and (not run.active or run_requests.requested_by_user(run))
    ):
        return ""  # nobody requests a pausing run any more
    who = "you" if run_requests.requested_by_user(run) else "someone"
    return f"Already trained by {who}" if run.state == FINISHED else f"started by {who}" if run.active else ""
