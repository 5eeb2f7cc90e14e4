"""Export a network as a program, a table or a link."""

import csv
import io

import streamlit as st

from core.layers.calculator import LayerError, Row, totals
from core.layers.codegen.keras import keras_program
from core.layers.codegen.pytorch import pytorch_program
from core.layers.specs import Residual
from core.size_text import format_shape
from core.ui import messages
from core.ui.components.layer_table import cells, format_field
from core.ui.display import layer_groups, numbers
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from core.ui.widgets.download_button import download_button

CODE_LINES, CODE_HEIGHT = 24, 560  # a longer program scrolls, in px
COLUMNS = (
    "layer",
    "kind",
    "settings",
    "output",
    "parameters",
    "weights",
    "biases",
    "macs",
    "bias_additions",
    "activation_bytes",
    "receptive_field",
    "receptive_field_is",  # "exact", or "at most"
    "unused_right",
    "unused_bottom",
)


def show(written: Stack, rows: list[Row], linked: bool) -> None:
    """Draw the downloads, the note on the link and the PyTorch program. `rows` are those of the whole stack."""
    program = pytorch_program(written.layers, written.input_shape)
    with st.container(horizontal=True):
        _button("PyTorch", program, "network.py", "text/x-python", "A Python script that builds the network")
        try:
            code = keras_program(written.layers, written.input_shape)
            _button("Keras", code, "network_keras.py", "text/x-python", "The same network in Keras, channels last")
        except LayerError as error:
            messages.caption(f"Not available for Keras: {error}")
        _button(
            "JSON",
            network_link.to_file(written),
            "network.json",
            "application/json",
            "For the Paste button above the table",
        )
        _button("CSV", as_csv(rows), "network.csv", "text/csv", "The table, one row per layer")
        _button("Markdown", as_markdown(rows), "network.md", "text/markdown", "The table as Markdown, for a report")
    if linked:
        st.markdown("**Link:** the address of this page in your browser opens this network with all settings.")
    else:
        st.markdown(
            "**Link:** this network is too large for a link "
            f"({numbers.count(network_link.MAX_LINK_LENGTH)} characters). "
            "Download the JSON instead; Paste, above the table, reads it."
        )
    st.code(program, language="python", height=CODE_HEIGHT if program.count("\n") > CODE_LINES else "content")


def as_csv(rows: list[Row]) -> str:
    """Return the table as CSV with a header and unformatted numbers."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place, row in enumerate(rows, 1):
        writer.writerow(
            (
                place,
                type(row.layer).__name__,
                settings(row),
                format_shape(row.output_shape, thousands=""),
                row.parameters,
                row.weights,
                row.biases,
                row.macs,
                row.bias_additions,
                row.activation_bytes,
                row.receptive_field
                if isinstance(row.receptive_field, int)
                else format_shape(row.receptive_field, thousands=""),
                "exact" if row.is_exact else "at most",
                *row.unused,
            )
        )
    return file.getvalue()


def as_markdown(rows: list[Row]) -> str:
    """Return the table as Markdown, with its totals."""
    sums = totals(rows)
    lines = ["| | Layer | Settings | Output | Parameters | MACs | Sees (px) |", "|--:|:--|:--|:--|--:|--:|--:|"]
    lines += [
        f"| {place} | {layer_groups.NAMES[type(row.layer).__name__]} | {settings(row)} "
        f"| {format_shape(row.output_shape)} | {row.parameters:,} | {row.macs:,} | {format_field(row)} |"
        for place, row in enumerate(rows, 1)
    ]
    lines.append(f"| | **Total** | | | **{sums.parameters:,}** | **{sums.macs:,}** | |")
    return "\n".join(lines) + "\n"


def settings(row: Row) -> str:
    """Return a layer's non-default settings in words: "filters 8, kernel 3, padding 1"."""
    if isinstance(row.layer, Residual):
        return " ".join(cells.describe_block(row.layer))
    defaults = {field.name: field.default for field in row.layer.__dataclass_fields__.values()}
    written = cells.texts(row.layer)
    return ", ".join(f"{name} {text}" for name, text in written.items() if getattr(row.layer, name) != defaults[name])


def _button(label: str, content: str | bytes, file: str, kind: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"c_download_{label}", help=help)
