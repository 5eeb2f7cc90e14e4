"""The base of all augmentation steps: a frozen spec whose fields know their limits. No torch.

Limits and units are in the fields' `Range` and `Choice`, which the checks, the pages' sliders and the exported code
share. The steps themselves are in core.training.augmentation.specs.
"""

from dataclasses import dataclass, field, fields
from typing import Any


class PipelineError(ValueError):
    """Raised for an augmentation that is not possible; the message is a sentence for the person who set it."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number's minimum, maximum and slider step, its unit ("" for a factor or a probability) and its help text."""

    low: float
    high: float
    step: float
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The options of a field, names or off and on, and its help text."""

    options: tuple[Any, ...]
    help: str


def number(default: float, low: float, high: float, step: float, unit: str, help: str) -> Any:
    """Return a dataclass field that is a number within limits, with its `Range`."""
    return field(default=default, metadata={"setting": Range(low, high, step, unit, help)})


def choice(default: Any, options: tuple[Any, ...], help: str) -> Any:
    """Return a dataclass field that is one of some options."""
    return field(default=default, metadata={"setting": Choice(options, help)})


def chance(default: float = 0.5) -> Any:
    """Return a dataclass field that is a probability."""
    return number(default, 0, 1, 0.05, "", "probability: 0 is never, 1 is every picture")


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Raises:
        PipelineError: A setting is outside its limits.
    """

    def __post_init__(self) -> None:
        """Check every field against its limits; 1 and 1.0 are one setting."""
        for item in fields(self):
            value, setting = getattr(self, item.name), item.metadata["setting"]
            if isinstance(setting, Choice):
                if not any(
                    value is option or (isinstance(value, str) and value == option) for option in setting.options
                ):
                    allowed = ", ".join(str(option).lower() for option in setting.options)
                    raise PipelineError(f"{item.name} of {self.name} is one of {allowed}; got {value!r:.40}.")
                continue
            whole = isinstance(item.default, int)
            number = isinstance(value, int) or (isinstance(value, float) and (not whole or value.is_integer()))
            if isinstance(value, bool) or not number or not setting.low <= value <= setting.high:
                kind = "a whole number" if whole else "a number"
                limits = f"{setting.low:g} to {setting.high:g}{f' {setting.unit}' if setting.unit else ''}"
                raise PipelineError(f"{item.name} of {self.name} must be {kind} from {limits}; got {value!r:.40}.")
            object.__setattr__(self, item.name, int(value) if whole else float(value))

    @property
    def name(self) -> str:
        """The step's name in JSON: its class's."""
        return type(self).__name__

    @property
    def idle(self) -> bool:
        """True if the step changes nothing, at strength 0."""
        return False


def settings(step: Step | type[Step]) -> dict[str, Range | Choice]:
    """Return a step's settings, by the fields' names, in their order."""
    return {item.name: item.metadata["setting"] for item in fields(step)}
