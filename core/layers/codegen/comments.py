"""What the programs of both libraries have in common: a first line, a comment on each layer, and settings."""

from collections.abc import Sequence

from core.layers.calculator import Row, totals
from core.size_text import format_shape


def describe_network(rows: Sequence[Row], input_shape: Sequence[int]) -> str:
    """Return one line about a network: its size and its input.

    Args:
        rows: The network's rows, from `analyze`.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        A sentence.
    """
    sums = totals(rows)
    return (
        f"A network of {len(rows)} layers, {sums.parameters:,} parameters and {sums.macs:,} MACs "
        f"for input of {format_shape(input_shape)} (C × H × W)."
    )


def layer_comment(row: Row) -> str:
    """Return the comment after a layer: its output shape, and its parameters if it has any."""
    parameters = f"; {row.parameters:,} parameters" if row.parameters else ""
    return format_shape(row.output_shape) + parameters


def call_settings(**settings: tuple[object, object]) -> str:
    """Return `, name=value` for each setting (value, default) that is not its default, to follow a first argument."""
    given = {name: value for name, (value, default) in settings.items() if value != default}
    return "".join(f', {name}="{value}"' if value == "same" else f", {name}={value}" for name, value in given.items())
