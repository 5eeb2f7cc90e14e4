"""Parameters of a link to the CIFAR-10 page (network and goal), and a check of the networks it can train."""

from functools import lru_cache

from core.layers.calculator import LayerError, Row, analyze
from core.layers.limits import check_size
from core.layers.specs import Network
from core.size_text import format_shape
from core.training.experiment_checks import check_trainable
from core.training.presets import PRESETS

AIM = "ci_aim"
START, PLAIN = "cifar-70", "cifar-exercise"


def aims() -> dict[str, str]:
    """Return the titles of this page's presets, by preset name."""
    return {name: preset.title for name, preset in PRESETS.items() if name.startswith("cifar-")}


NET, STACK, NORM = "ci_net", "ci_stack", "ci_norm"
OWN, OWN_TITLE = "own", "Your own"
SHAPE = (3, 32, 32)
CLASSES = 10


@lru_cache(maxsize=256)
def rows_of(layers: Network) -> tuple[Row, ...]:
    """Return the network's rows on CIFAR-10's pictures. Raises LayerError."""
    return tuple(analyze(layers, SHAPE))


@lru_cache(maxsize=256)
def read(layers: Network) -> tuple[Row, ...]:
    """Return the network's rows, if it can learn CIFAR-10. Raises LayerError, also if its output is not ten numbers."""
    rows = tuple(check_size(layers, SHAPE))
    if not rows or rows[-1].output_shape != (CLASSES,):
        given = format_shape(rows[-1].output_shape) if rows else "nothing"
        flat = " Add a Flatten at its end." if rows and rows[-1].output_shape == (CLASSES, 1, 1) else ""
        raise LayerError(None, f"The network must end in {CLASSES} numbers, one per class; it ends in {given}.{flat}")
    check_trainable(layers, SHAPE)
    return rows
