"""How a contender stands: its accuracy so far, how far it is, and what it does just now."""

from dataclasses import replace
from html import escape

from core.runs.run import FINISHED, PAUSING, STOPPING, Run
from core.ui import findings, hosting, numbers, wishes
from core.ui.colors import Role


def html(role: Role, run: Run | None, *, of: str) -> str:
    """Name, test accuracy `of` what, progress bar and what is going on, as HTML; the bar has the role's color."""
    state, detail = standing(run)
    if run and (whose := provenance(run)):
        state = whose if run.state == FINISHED else f"{state}, {whose}"
    accuracy = run.summary.get("test_accuracy") if run else None
    figure = f"{numbers.percent(accuracy)}<small>{escape(of)}</small>" if accuracy is not None else "—"
    name, done = escape(role.name), 100 * progress(run)
    return (
        f'<div class="score" style="--role: {role.color}">'
        f'<div class="who"><i></i><b>{escape(role.short)}</b></div>'
        f'<div class="figure">{figure}</div>'
        f'<div class="bar" role="progressbar" aria-label="Training of {name}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{done:.0f}"><div style="width: {done:.1f}%"></div></div>'
        f'<div class="detail"><b>{escape(state)}.</b> {escape(detail)}</div></div>'
    )


def progress(run: Run | None) -> float:
    """How much of a run is done, from 0 to 1."""
    if run is None:
        return 0.0
    return run.done


def standing(run: Run | None) -> tuple[str, str]:
    """What a run does just now, in a word or two, and what there is to say about it."""
    if run is None:
        return "Not trained yet", ""
    summary, reason = run.summary, hosting.without_paths(run.reason or "")
    where = f"epoch {summary.get('epoch') or 0.0:.1f} of {run.experiment.epochs}"
    match run.state:
        case "queued":
            waiting = f"Waiting, place {run.place} in the queue." if run.place else "Waiting."
            return "Queued", f"{reason} {waiting}" if reason else waiting
        case "running" if not summary.get("step"):
            return "Starting", "Reading the data and building the network."
        case "running" if run.experiment.stop_at and run.done == 1:
            return standing(replace(run, state=STOPPING))
        case "running":
            left = seconds_left(run)
            figures = [f"{where[0].upper()}{where[1:]}", *([f"{numbers.duration(left)} left"] if left else [])]
            return "Training", ", ".join([*figures, *_speed(run)])
        case "pausing":
            return "Pausing", "It writes down what it has learned; then it can be resumed."
        case "stopping":
            return "Stopping", "It ends here: what it has learned is tested and kept."
        case "stopped":
            return "Stopped", f"At {where}; what it learned is kept."
        case "failed":
            return "Failed", reason or "It failed without saying why."
        case _:
            seconds = summary.get("train_seconds")
            trained = ", ".join([*([f"Trained {numbers.duration(seconds)}"] if seconds else []), *_speed(run)])
            interval = findings.interval(run)
            return "Finished", f"95 % interval {numbers.percent_range(*interval)}. {trained}" if interval else trained


def seconds_left(run: Run) -> float | None:
    """How long it will go on by its pace so far; None where it has none yet, as after a restart."""
    seconds = run.summary.get("seconds")
    return float(seconds * (1 / run.done - 1)) if seconds and run.done else None


def _speed(run: Run) -> list[str]:
    """Images per second, where they are known."""
    return [numbers.rate(speed)] if (speed := run.images_per_second) else []


def provenance(run: Run) -> str:
    """Whose run is shown, where nobody asked for it from this tab; else nothing."""
    if wishes.asked_here(run) or run.state == PAUSING:  # then nobody asks for it any more
        return ""
    who = "you" if wishes.asks_for(run) else "someone"
    return f"Already trained by {who}" if run.state == FINISHED else f"asked for by {who}" if run.active else ""
