"""Sentences on the runs of a comparison, with their numbers, for the block "What to notice"."""

from collections.abc import Callable, Sequence

from core.runs.run import FINISHED, Run
from core.ui.display import numbers, run_accuracies, run_times
from core.ui.display.run_accuracies import is_guessing
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.trained_run import accuracy_interval

GUESSING_EPOCHS = 0.5

Pair = tuple[Contender, Run]


def sentences(
    contenders: Sequence[Contender],
    runs: Sequence[Run | None],
    *,
    sizes: Callable[[Sequence[Contender]], str],
    advice: Callable[[bool], str],
    context: Callable[[Sequence[Pair]], list[str]],
) -> list[str]:
    """Return two or three sentences on the current runs.

    Args:
        contenders: What is trained.
        runs: Their runs, in the same order.
        sizes: Returns a sentence on the networks, before anything is trained.
        advice: Returns what to do and to watch for; it is told whether something trains.
        context: Returns more on finished runs.
    """
    started = [(c, run) for c, run in zip(contenders, runs, strict=True) if run and run.summary.get("step")]
    done = [(c, run) for c, run in started if run.state == FINISHED and accuracy_interval(run)]
    if len(done) > 1:
        return [_result(done), _cost(done), *([guess] if (guess := _guessing(done)) else context(done))]
    if not started:
        return [advice(any(run is not None and run.active for run in runs)), sizes(contenders)]
    return [_present(started), _guessing(started) or advice(True)]


def _digits(run: Run) -> str:
    """Return the number of test digits of a run's latest accuracy, as text."""
    tested = run_accuracies.sample_size(run.summary)
    return numbers.count(tested) if tested else "the"


def _present(started: Sequence[Pair]) -> str:
    parts = [
        f"the {c.role.name} classifies {numbers.percent(run.summary['test_accuracy'], 1)} of "
        f"{_digits(run)} test digits correctly after {numbers.count(run.summary['images'])} images"
        for c, run in started
        if run.summary.get("test_accuracy") is not None and run.summary.get("images")
    ]
    sentence = ", ".join(parts) or "the first results appear in a moment"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _guessing(started: Sequence[Pair]) -> str | None:
    """Return a sentence if a network is no better than chance after enough training."""
    for contender, run in started:
        summary = run.summary
        if is_guessing(summary, GUESSING_EPOCHS):
            rate = run.experiment.peak_rate(summary["step"])
            return (
                f"The {contender.role.name} is still guessing: chance gives 10 %. A learning rate of {rate:g} may be "
                "far too large or too small: try a tenth, then ten times."
            )
    return None


def _ranked(done: Sequence[Pair]) -> list[Pair]:
    return sorted(done, key=lambda pair: float(pair[1].summary["test_accuracy"]), reverse=True)


def _result(done: Sequence[Pair]) -> str:
    """Return the numbers of misclassified digits, and whether the difference is significant."""
    (best, won), (last, lost) = _ranked(done)[0], _ranked(done)[-1]
    total, last_total = (run_accuracies.sample_size(run.summary) or 0 for run in (won, lost))
    wrong = [round((1 - won.summary["test_accuracy"]) * total), round((1 - lost.summary["test_accuracy"]) * last_total)]
    best_interval, last_interval = accuracy_interval(won), accuracy_interval(lost)
    assert best_interval is not None  # finished runs were tested
    assert last_interval is not None
    gap = f"{100 * (won.summary['test_accuracy'] - lost.summary['test_accuracy']):.2f} points"
    significant = best_interval[0] > last_interval[1]
    verdict = "more than chance explains" if significant else "which can be chance"
    return (
        f"The {best.role.name} misclassifies {numbers.count(wrong[0])} of {numbers.count(total)} test digits, the "
        f"{last.role.name} {numbers.count(wrong[1])}. They are {gap} apart, {verdict}: their 95 % intervals "
        f"{'do not overlap' if significant else 'overlap'}."
    )


def _cost(done: Sequence[Pair]) -> str:
    (best, won), (last, lost) = _ranked(done)[0], _ranked(done)[-1]
    return (
        f"This took the {best.role.name} {numbers.count(best.parameters)} parameters{_took(won)}; the "
        f"{last.role.name} {numbers.count(last.parameters)}{_took(lost)}."
    )


def _took(run: Run) -> str:
    took = run_times.describe_duration(run.summary)
    return f" and {took}" if took else ""
