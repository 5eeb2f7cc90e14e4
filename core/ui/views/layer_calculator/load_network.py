"""Load a network: reference networks, or pasted text, which is parsed and never executed."""

import streamlit as st
from markupsafe import Markup

from core.layers.calculator import LayerError, Totals, analyze, flatten_blocks, totals
from core.layers.parse import ParseError, read
from core.layers.parse.files import KINDS, read_file
from core.layers.reference_networks import REFERENCE_NETWORKS, ReferenceNetwork
from core.layers.setting_checks import check_input
from core.size_text import format_shape
from core.ui import messages
from core.ui.display import numbers
from core.ui.state import network_link
from core.ui.state.network_link import Stack, StackError
from core.ui.widgets import pasted_text

_PASTED, _PASTE_ERROR, _BOX, _WAS_READ = "c_pasted", "c_refused", "c_paste_box", "c_was_read"
_FILE = "c_network_file"
_FAMOUS = "c_famous"
MOST_FAULTS = 10  # listed of one text
EXAMPLE = """nn.Sequential(
    nn.Conv2d(1, 8, 5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(1568, 10),
)"""


def picker(written: Stack) -> None:
    """Draw a list of reference networks, and the button to paste a network."""
    st.session_state[_FAMOUS] = network_link.famous(written)
    st.selectbox(
        "Famous networks",
        list(REFERENCE_NETWORKS),
        index=None,
        key=_FAMOUS,
        format_func=lambda name: REFERENCE_NETWORKS[name].title,
        placeholder="Your own network",
        label_visibility="collapsed",
        help="Load a famous network into the table",
        on_change=_load,
        width=280,
    )
    box = st.popover(
        "Paste",
        key=_BOX,
        on_change="rerun",  # so that it can be closed once the text is read
        icon=":material/content_paste:",
        help="A network in PyTorch or Keras, a printed model, a file, or this page's JSON",
    )
    with box:
        _paste()


def _load() -> None:
    if (name := st.session_state[_FAMOUS]) is not None:
        network = REFERENCE_NETWORKS[name]
        network_link.keep(Stack(network.input_shape, network.layers))


def was_read(written: Stack) -> None:
    """Say what the pasted text was read as, while the table still holds it."""
    pasted, notes = st.session_state.get(_WAS_READ, (None, ()))
    if pasted != written:
        return
    found = network_link.read(written)
    if found.error is None:
        layers, parameters = len(flatten_blocks(found.rows)), totals(found.rows).parameters
        messages.line(f"Read {numbers.count(layers)} layers, {numbers.count(parameters)} parameters.")
    for note in notes:
        messages.caption(note)


def comparison(written: Stack) -> str | None:
    """Return a reference network's source with its published and counted totals; None for other networks."""
    name = network_link.famous(written)
    if name is None:
        return None
    network = REFERENCE_NETWORKS[name]
    if network.published is None:
        return f"**{network.title}.** {network.source}."
    counted, _ = _counted(name)
    parts = [
        f"{numbers.count(published)} {what} published, {_sum(own, left_out)} counted here"
        for what, published, own, left_out in zip(
            ("parameters", "MACs"),
            network.published,
            (counted.parameters, counted.macs),
            network.shortcuts,
            strict=True,
        )
    ]
    return f"**{network.title}.** {network.source}. {'; '.join(parts)}."


def reference_table() -> None:
    """Draw a table of the reference networks: counted totals, with the published ones below."""
    lines = Markup().join(_line(name, network) for name, network in REFERENCE_NETWORKS.items())
    table = Markup(
        '<table class="famous"><thead><tr><th scope="col">Network</th>'
        '<th scope="col">Parameters<small>published</small></th>'
        '<th scope="col">MACs<small>published</small></th></tr></thead><tbody>{}</tbody></table>'
    )
    st.html(table.format(lines))
    st.caption(
        "A plain trunk is the longest path through a network with shortcuts. "
        "What stands after a plus are the parameters and MACs of shortcuts."
    )


def _line(name: str, network: ReferenceNetwork) -> Markup:
    counted, layers = _counted(name)
    published = [numbers.count(number) for number in network.published or ()] or ["not published"] * 2
    counts = [
        _sum(number, left_out)
        for number, left_out in zip((counted.parameters, counted.macs), network.shortcuts, strict=True)
    ]
    cell = Markup("<td>{}<small>{}</small></td>")
    cells = Markup().join(cell.format(*pair) for pair in zip(counts, published, strict=True))
    row = Markup('<tr><th scope="row">{}<small>{} layers</small></th>{}</tr>')
    return row.format(network.title, layers, cells)


def _sum(own: int, left_out: int) -> str:
    return f"{numbers.count(own)} + {numbers.count(left_out)}" if left_out else numbers.count(own)


@st.cache_data(show_spinner=False)
def _counted(name: str) -> tuple[Totals, int]:
    """Return a reference network's totals and its number of layers, including those in blocks."""
    rows = analyze(REFERENCE_NETWORKS[name].layers, REFERENCE_NETWORKS[name].input_shape)
    return totals(rows), len(flatten_blocks(rows))


def _paste() -> None:
    shape = network_link.current().input_shape
    st.markdown(
        "PyTorch (`nn.Sequential`, or a class with its `forward`), Keras, what `print(model)` writes, or JSON exported "
        f"from this page. A text that doesn't say its picture's size is read for {format_shape(shape)}, as in the "
        "table. It is parsed, never executed."
    )
    faults = st.session_state.get(_PASTE_ERROR, ())
    for fault in faults[:MOST_FAULTS]:
        messages.error(fault[0].upper() + fault[1:])
    if len(faults) > MOST_FAULTS:
        messages.caption(f"And {len(faults) - MOST_FAULTS} more.")
    pasted_text.draw(
        _PASTED,
        "Text",
        most=network_link.MAX_FILE_LENGTH,
        help="The whole file will do: imports, comments and training code are passed over.",
        height=220,
        placeholder=EXAMPLE,
    )
    st.file_uploader(
        "Or a file",
        type=[kind.removeprefix(".") for kind in KINDS],
        key=_FILE,
        on_change=pasted_text.empty,
        args=(_PASTED,),
        help="ONNX, safetensors (its layers are guessed from the shapes), or a text; up to 20 MB. A larger file is "
        "read on the command line, by cnnlab read.",
    )
    st.button("Load", key="c_read", on_click=_read, type="primary", help="Load the network into the table")


def _read() -> None:
    """Load the pasted text into the table and close the box; on an error keep the table and store the faults."""
    text = st.session_state[_PASTED] or ""
    st.session_state.pop(_PASTE_ERROR, None)
    try:
        if not text.strip() and (file := st.session_state.get(_FILE)) is not None:
            shape = network_link.current().input_shape
            found = read_file(file.getvalue(), file.name, shape if _is_shape(shape) else None)
            stack, notes = Stack(found.input_shape, found.layers), found.notes
        elif text.lstrip().startswith("{"):
            stack, notes = network_link.from_file(text), tuple[str, ...]()
        else:
            shape = network_link.current().input_shape
            found = read(text, shape if _is_shape(shape) else None)
            stack, notes = Stack(found.input_shape, found.layers), found.notes
    except (ParseError, LayerError) as error:
        st.session_state[_PASTE_ERROR] = error.faults
    except StackError as error:
        st.session_state[_PASTE_ERROR] = (str(error),)
    else:
        network_link.keep(stack)
        st.session_state[_WAS_READ] = (stack, notes)
        st.session_state[_BOX] = False


def _is_shape(shape: tuple[object, ...]) -> bool:
    """Return whether the table's picture has a shape: its cells can hold anything."""
    try:
        check_input(shape)  # type: ignore[arg-type]
    except LayerError:
        return False
    return True
