"""What differs between runs, in a few words: labels on the chart, the line after a change, the sentence at the end."""

from collections.abc import Callable, Sequence

from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui.display import colors, numbers
from core.ui.run_panels.comparison_table import describe_network, describe_settings

MAX_PARTS = 2  # settings in a label: more are not read at a line's end
NETWORK, IMAGES = "Network", "Training images"
WORDS: dict[str, Callable[[str], str]] = {  # of a setting's value where it stands alone
    "Epochs": lambda value: f"{value} {'epoch' if value == '1' else 'epochs'}",
    "Batch": lambda value: f"batches of {value}",
    "Learning rate": lambda value: f"rate {value}",
    "Augmentation": lambda value: "not augmented" if value == "no" else "augmented",
    "Pixels": lambda value: "shuffled pixels" if value == "shuffled" else "pixels in order",
    "Optimizer": str,
    "Precision": str,
    "Data": str,
}
Change = tuple[str, str, str]  # a setting's name, its value before and now


def changes(before: Experiment, now: Experiment) -> list[Change]:
    """Return the settings in which two experiments differ, the network's with the first layer alone that differs."""
    old, new = describe_settings(before), describe_settings(now)
    found = [(name, old[name], new[name]) for name in old if old[name] != new[name]]
    if before.layers != now.layers:
        pair = differing_layers(describe_network(before.layers), describe_network(now.layers))
        found = [(NETWORK, *pair), *(change for change in found if change[0] != NETWORK)]
    return found


def differing_layers(before: str, now: str) -> tuple[str, str]:
    """Return the first layer that differs, of two networks in words; where they have as many, others often follow it.

    Args:
        before: A network, as `describe_network` has it.
        now: Another one.
    """
    olds, news = before.split(", "), now.split(", ")
    if len(olds) == len(news):
        return next(((old, new) for old, new in zip(olds, news, strict=True) if old != new), ("other", "other"))
    old, new = (next((part for part in own if part not in other), "") for own, other in ((olds, news), (news, olds)))
    return old or f"{len(olds)} layers", new or f"{len(news)} layers"


def distinguish(experiments: Sequence[Experiment], names: Sequence[str]) -> list[str]:
    """Return a label for each experiment: its name, and what sets it apart from others of that name.

    Args:
        experiments: Those on one chart.
        names: What each is called, "CNN".
    """
    labels = []
    for experiment, name in zip(experiments, names, strict=True):
        others = [other for other, its in zip(experiments, names, strict=True) if its == name and other != experiment]
        parts: dict[str, str] = {}
        for other in others:
            parts |= {setting: words(experiment, setting, value) for setting, _, value in changes(other, experiment)}
        labels.append(", ".join([name, *list(parts.values())[:MAX_PARTS]]))
    return labels


def words(experiment: Experiment, setting: str, value: str) -> str:
    """Return a setting's value as it is said alone: "500 digits", "rate 0.01", "seed 3"."""
    if setting == IMAGES:
        return f"{value} {'digits' if experiment.data.startswith('mnist') else 'pictures'}"
    if setting == NETWORK:
        return value
    say = WORDS.get(setting)
    return say(value) if say else f"{setting.lower()} {value}"


def changed(pairs: Sequence[tuple[Experiment, Experiment]]) -> str:
    """Return what changed between experiments and those of before: "training images 20,000 → 500"; "" if nothing."""
    parts: dict[str, None] = {}
    for before, now in pairs:
        for setting, old, new in changes(before, now):
            name = f"{colors.role(now).short}" if setting == NETWORK else setting.lower()
            parts |= {f"{name} {old} → {new}": None}
    return ", ".join(parts)


def outcome(pairs: Sequence[tuple[str, Run, Run]]) -> str:
    """Return what a change did to finished runs: "500 digits instead of 20,000: CNN −3.20 points, MLP −5.10 points".

    Args:
        pairs: Of each network its name, its run before the change, and its run now.
    """
    by_change: dict[str, list[str]] = {}
    for name, before, now in pairs:
        accuracies = [run.summary.get("test_accuracy") for run in (before, now)]
        if None in accuracies or not (found := changes(before.experiment, now.experiment)):
            continue
        old, new = (float(accuracy or 0.0) for accuracy in accuracies)
        what = ", ".join(f"{words(now.experiment, setting, b)} instead of {a}" for setting, a, b in found[:MAX_PARTS])
        by_change.setdefault(what, []).append(f"{name} {numbers.points(new - old)}")
    sentences = [f"{what[0].upper()}{what[1:]}: {', '.join(gains)}." for what, gains in by_change.items()]
    return " ".join(sentences)
