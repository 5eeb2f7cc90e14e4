"""Settings of an experiment as text, `key=value`, as a command line has them."""

import json
from dataclasses import fields
from typing import Any

from core.training.augmentation.specs import Affine, to_data
from core.training.augmentation.step import settings
from core.training.experiment import FIELD_NAMES, JSON_NAMES, Experiment, ExperimentError


def with_settings(experiment: Experiment, wanted: list[str]) -> Experiment:
    """Return an experiment with `key=value` settings applied.

    Args:
        experiment: The experiment to change.
        wanted: Settings. "augmentation" takes a list of steps or a preset's name; "augmentation.shift=2" changes an
            affine step.

    Returns:
        The changed experiment.

    Raises:
        ExperimentError: A setting is unknown or invalid.
    """
    document: dict[str, Any] = json.loads(experiment.to_json())
    affine = experiment.augmentation.affine
    known = [f.name for f in fields(Experiment)]
    if affine is not None:
        known += [f"augmentation.{name}" for name in settings(Affine)]
    for setting in wanted:
        name, equals, text = setting.partition("=")
        name = FIELD_NAMES.get(name, name)
        if not equals or name not in known:
            raise ExperimentError(f"{setting!r:.60} is not key=value; the keys are {', '.join(known)}.")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text  # a bare word, such as adamw
        whole, dot, part = name.partition(".")
        if not dot:
            document[JSON_NAMES.get(whole, whole)] = value
            continue
        if not isinstance(document[whole], dict):
            assert affine is not None
            document[whole] = {key: at for key, at in to_data(affine).items() if key != "step"}
        document[whole][part] = value
    return Experiment.from_json(json.dumps(document))
