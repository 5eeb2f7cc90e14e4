"""How a contender stands: its accuracy so far, how far it is, and what it does just now."""

from html import escape

from core.runs.run import FINISHED, PAUSING, Run
from core.ui.backend import run_requests
from core.ui.display import numbers, scores, timing
from core.ui.display.colors import Role
from core.ui.messages import hosting

STOPPING = "Stopping", "It ends here: what it has learned is tested and kept."


def html(role: Role, run: Run | None, *, of: str) -> str:
    """Name, test accuracy, progress bar and what is going on, as HTML; the bar has the role's color.

    `of` names what the network is tested on: "test digits".
    """
    state, detail = standing(run)
    if run and (whose := provenance(run)):
        state = whose if run.state == FINISHED else f"{state}, {whose}"
    figure = _figure(run, of)
    name, done = escape(role.name), 100 * progress(run)
    return (
        f'<div class="score" style="--role: {role.color}">'
        f'<div class="who"><i></i><b>{escape(role.short)}</b></div>'
        f'<div class="figure">{figure}</div>'
        f'<div class="bar" role="progressbar" aria-label="Training of {name}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{done:.0f}"><div style="width: {done:.1f}%"></div></div>'
        f'<div class="detail"><b>{escape(state)}.</b> {escape(detail)}</div></div>'
    )


def _figure(run: Run | None, of: str) -> str:
    """The latest test accuracy and of how many pictures it is, as HTML."""
    accuracy = run.summary.get("test_accuracy") if run else None
    if run is None or accuracy is None:
        return "—"
    pictures = scores.sample_size(run.summary)
    words = f"of {numbers.count(pictures)} {of}" if pictures else f"of the {of}"
    return f"{numbers.percent(accuracy)}<small>{escape(words)}</small>"


def progress(run: Run | None) -> float:
    """How much of a run is done, from 0 to 1: of the time it takes in all, where that is known."""
    if run is None:
        return 0.0
    return timing.done(run)


def standing(run: Run | None) -> tuple[str, str]:
    """What a run does just now, in a word or two, and what there is to say about it."""
    if run is None:
        return "Not trained yet", ""
    reason = hosting.without_paths(run.reason or "")
    match run.state:
        case "queued":
            waiting = f"Waiting, place {run.place} in the queue." if run.place else "Waiting."
            return "Queued", f"{reason} {waiting}" if reason else waiting
        case "running":
            return _running(run)
        case "pausing":
            return "Pausing", "It writes down what it has learned; then it can be resumed."
        case "stopping":
            return STOPPING
        case "stopped":
            return "Stopped", f"At {_where(run)}; what it learned is kept."
        case "failed":
            return "Failed", reason or "It failed without saying why."
        case _:
            return "Finished", _result(run)


def _where(run: Run) -> str:
    return f"epoch {run.summary.get('epoch') or 0.0:.1f} of {run.experiment.epochs}"


def _running(run: Run) -> tuple[str, str]:
    """What a run does while a worker has it: it prepares, trains, tests or saves, and how far that is."""
    summary = run.summary
    phase, share = summary.get("phase"), summary.get("phase_done")
    done = "" if share is None else f"{numbers.percent(share, 0)} done"
    left = timing.describe_time_left(timing.seconds_left(run))
    place = f"{_where(run)[0].upper()}{_where(run)[1:]}"
    if phase == timing.TESTING:
        views = run.experiment.test_time
        asked = "" if views == "none" else f", {scores.views_name(views)} of each"
        return "Testing", _sentence(f"The last test, on all test pictures{asked}", done, left)
    if phase == timing.PREPARING or not summary.get("step"):
        return "Preparing", _sentence("Reading the data and building the network", done)
    if timing.is_trained(run):
        return STOPPING if run.experiment.stop_step else ("Saving", "The network and what it answers are being kept.")
    speed = run.images_per_second
    return "Training", " ".join([_sentence(place, left, numbers.rate(speed) if speed else ""), *_left_out(run)])


def _sentence(*parts: str) -> str:
    """The parts that say something, with commas between them."""
    return f"{', '.join(part for part in parts if part)}."


def _result(run: Run) -> str:
    """What a finished run reached, how sure that is, and where its seconds went."""
    summary, told = run.summary, []
    accuracy, pictures = summary.get("test_accuracy"), scores.sample_size(run.summary)
    views = scores.views(run)
    if accuracy is not None and views != "none":
        told.append(scores.pair(accuracy, scores.one_view(run), views))
    if accuracy is not None and pictures:
        told.append(f"95 % interval {numbers.percent_range(*scores.interval(accuracy, pictures))}")
    speed = run.images_per_second
    told.append(
        "; ".join(
            filter(None, [timing.describe_duration(summary), f"trained at {numbers.rate(speed)}" if speed else ""])
        )
    )
    return " ".join([*(f"{sentence[0].upper()}{sentence[1:]}." for sentence in told if sentence), *_left_out(run)])


def _left_out(run: Run) -> list[str]:
    """A sentence where an epoch leaves out a last batch that is too short."""
    shown, given = run.summary.get("epoch_images"), run.summary.get("train_images")
    if not shown or not given or shown >= given:
        return []
    return [f"An epoch shows {numbers.count(shown)} of {numbers.count(given)} training images, others the next time."]


def provenance(run: Run) -> str:
    """Whose run is shown, where it is not of this tab, or no longer; else nothing."""
    if run.state == PAUSING or (run_requests.asked_here(run) and (not run.active or run_requests.asks_for(run))):
        return ""  # of a pausing run, since nobody asks for it any more
    who = "you" if run_requests.asks_for(run) else "someone"
    return f"Already trained by {who}" if run.state == FINISHED else f"asked for by {who}" if run.active else ""
