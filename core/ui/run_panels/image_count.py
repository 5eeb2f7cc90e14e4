"""The control for the number of digits to train on."""

from core.data import DatasetInfo
from core.ui.display import numbers
from core.ui.state.settings import Settings, Width

COUNTS = (500, 1_000, 2_000, 4_000, 10_000, 20_000, 40_000, 60_000)


def choices(info: DatasetInfo) -> list[int]:
    """Return the numbers to choose from; the last one is all that there are."""
    return [*(count for count in COUNTS if count < info.train_images), info.train_images]


def pick(settings: Settings, key: str, info: DatasetInfo, *, width: Width = "stretch") -> int:
    """Draw the control. `width` in px, or of its container."""
    return int(
        settings.steps(
            key,
            "Training images",
            choices(info),
            format=numbers.count,
            help=f"Number of digits to train on; this machine has {numbers.count(info.train_images)}. "
            "Accuracy is measured on other digits.",
            width=width,
        )
    )
