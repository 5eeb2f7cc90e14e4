"""What every step of an augmentation is: a frozen spec whose fields know their limits. No torch here.

Limits and units stand in the fields' `Range` and `Choice`: the checks, the pages' sliders and the exported code read
the same. The steps themselves are in core.training.augmentation.specs.
"""

from dataclasses import dataclass, field, fields
from typing import Any


class PipelineError(ValueError):
    """An augmentation that cannot be: the message is a sentence for the person who set it."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number's least, most and slider step, its unit ("" for a factor or a probability) and what it does."""

    low: float
    high: float
    step: float
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Names, or off and on, of which one is taken, and what they mean."""

    options: tuple[Any, ...]
    help: str


def number(default: float, low: float, high: float, step: float, unit: str, help: str) -> Any:
    """A dataclass field that is a number within limits, with its `Range` for all who draw or check it."""
    return field(default=default, metadata={"setting": Range(low, high, step, unit, help)})


def choice(default: Any, options: tuple[Any, ...], help: str) -> Any:
    """A dataclass field that is one of some options."""
    return field(default=default, metadata={"setting": Choice(options, help)})


def chance(default: float = 0.5) -> Any:
    """A dataclass field that is a probability."""
    return number(default, 0, 1, 0.05, "", "how often it is done: 0 never, 1 to every picture")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Raises PipelineError for a setting outside its limits."""

    def __post_init__(self) -> None:
        """Hold every field to its limits; 1 and 1.0 are one setting."""
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
        """Whether it changes nothing, at strength 0."""
        return False


def settings(step: Step | type[Step]) -> dict[str, Range | Choice]:
    """What can be set on a step, by the fields' names, in their order."""
    return {item.name: item.metadata["setting"] for item in fields(step)}
