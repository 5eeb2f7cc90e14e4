"""A network to take away: as a program, as a table, as a link."""

import csv
import io

import streamlit as st

from core.layers.calculator import LayerError, Row, totals
from core.layers.codegen import pytorch
from core.layers.codegen_keras import keras
from core.layers.specs import Residual
from core.shapes import format_shape
from core.ui import messages
from core.ui.components.layer_table import cells
from core.ui.display import network_stages, numbers
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from core.ui.views.layer_calculator import train_link
from core.ui.widgets.download_button import download_button

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
    "unused_right",
    "unused_bottom",
)


def show(written: Stack, rows: list[Row], linked: bool) -> None:
    """The files, the link's note, and the program in sight. `rows` are those of the whole stack."""
    program = pytorch(written.layers, written.input_shape)
    train_link.send(written)
    with st.container(horizontal=True):
        _button("PyTorch", program, "network.py", "text/x-python", "A program that builds the network")
        try:
            code = keras(written.layers, written.input_shape)
            _button("Keras", code, "network_keras.py", "text/x-python", "The same in Keras, channels last")
        except LayerError as error:
            messages.caption(f"No Keras: {error}")
        _button("JSON", network_link.to_file(written), "network.json", "application/json", "To paste here again")
        _button("CSV", as_csv(rows), "network.csv", "text/csv", "The table, one row a layer")
        _button("Markdown", as_markdown(rows), "network.md", "text/markdown", "The table, for a report")
    if linked:
        st.markdown("**Link:** the address of this page, in your browser, reopens this network and all settings.")
    else:
        st.markdown(
            f"**Link:** this network needs more than the "
            f"{numbers.count(network_link.MAX_LINK_LENGTH)} characters a link may "
            "have. Take the JSON instead: Paste, above the table, reads it."
        )
    st.code(program, language="python")


def as_csv(rows: list[Row]) -> str:
    """The table as CSV with a head, plain numbers in it."""
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
                *row.unused,
            )
        )
    return file.getvalue()


def as_markdown(rows: list[Row]) -> str:
    """The table as Markdown, with its totals."""
    sums = totals(rows)
    lines = ["| | Layer | Settings | Output | Parameters | MACs |", "|--:|:--|:--|:--|--:|--:|"]
    lines += [
        f"| {place} | {network_stages.NAMES[type(row.layer).__name__]} | {settings(row)} "
        f"| {format_shape(row.output_shape)} | {row.parameters:,} | {row.macs:,} |"
        for place, row in enumerate(rows, 1)
    ]
    lines.append(f"| | **Total** | | | **{sums.parameters:,}** | **{sums.macs:,}** |")
    return "\n".join(lines) + "\n"


def settings(row: Row) -> str:
    """A layer's settings in words: "filters 8, kernel 3, padding 1"; what is at its default is left out."""
    if isinstance(row.layer, Residual):
        return " ".join(cells.block(row.layer))
    fresh = {field.name: field.default for field in row.layer.__dataclass_fields__.values()}
    written = cells.texts(row.layer)
    return ", ".join(f"{name} {text}" for name, text in written.items() if getattr(row.layer, name) != fresh[name])


def _button(label: str, content: str | bytes, file: str, kind: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"c_download_{label}", help=help)
