"""Networks to begin with: the famous ones, and what a person pastes, which is parsed and never executed."""

from html import escape

import streamlit as st

from core.layers.calculator import LayerError, Totals, analyse, flatten_blocks, totals
from core.layers.parse import ParseError, parse
from core.layers.reference_networks import REFERENCE_NETWORKS, ReferenceNetwork
from core.shapes import format_shape
from core.ui import messages
from core.ui.display import numbers
from core.ui.state import network_link
from core.ui.state.network_link import Stack, StackError

_PASTED, _REFUSED = "c_pasted", "c_refused"
EXAMPLE = """nn.Sequential(
    nn.Conv2d(1, 8, 5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(1568, 10),
)"""


def buttons() -> None:
    """A button for each famous network, one for an empty table, and one to paste."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for name, known in REFERENCE_NETWORKS.items():
            st.button(
                known.title,
                key=f"question_{name}",
                help=known.source,
                on_click=network_link.keep,
                args=(Stack(known.input_shape, known.layers),),
            )
        st.button(
            "Empty",
            key="question_empty",
            icon=":material/delete_sweep:",
            help="No layers, the same picture",
            on_click=_clear,
        )
        with st.popover("Paste", icon=":material/content_paste:", help="PyTorch's nn.Sequential, or this page's JSON"):
            _paste()


def comparison(written: Stack) -> str | None:
    """For a famous network: who published it, and its published totals beside the ones counted here."""
    name = network_link.famous(written)
    if name is None:
        return None
    known = REFERENCE_NETWORKS[name]
    if known.published is None:
        return f"**{known.title}.** {known.source}."
    counted, _ = _counted(name)
    parts = [
        f"{numbers.count(published)} {what} published, {_sum(own, left_out)} counted here"
        for what, published, own, left_out in zip(
            ("parameters", "MACs"), known.published, (counted.parameters, counted.macs), known.shortcuts, strict=True
        )
    ]
    return f"**{known.title}.** {known.source}. {'; '.join(parts)}."


def table() -> None:
    """All of them: published totals below the ones counted here."""
    lines = "".join(_line(name, known) for name, known in REFERENCE_NETWORKS.items())
    st.html(
        '<table class="famous"><thead><tr><th scope="col">Network</th>'
        '<th scope="col">Parameters<small>published</small></th>'
        f'<th scope="col">MACs<small>published</small></th></tr></thead><tbody>{lines}</tbody></table>'
    )
    st.caption(
        "A plain trunk is the longest way through a network with shortcuts; what the shortcuts add to the published "
        "figure stands beside ours with a plus."
    )


def _line(name: str, known: ReferenceNetwork) -> str:
    counted, layers = _counted(name)
    published = [numbers.count(number) for number in known.published or ()] or ["not published"] * 2
    own = [
        _sum(number, left_out)
        for number, left_out in zip((counted.parameters, counted.macs), known.shortcuts, strict=True)
    ]
    figures = "".join(f"<td>{here}<small>{there}</small></td>" for here, there in zip(own, published, strict=True))
    return f'<tr><th scope="row">{escape(known.title)}<small>{layers} layers</small></th>{figures}</tr>'


def _sum(own: int, left_out: int) -> str:
    return f"{numbers.count(own)} + {numbers.count(left_out)}" if left_out else numbers.count(own)


@st.cache_data(show_spinner=False)
def _counted(name: str) -> tuple[Totals, int]:
    """Its sums, and how many layers it has, those in blocks too."""
    rows = analyse(REFERENCE_NETWORKS[name].layers, REFERENCE_NETWORKS[name].input_shape)
    return totals(rows), len(flatten_blocks(rows))


def _clear() -> None:
    network_link.keep(Stack(network_link.current().input_shape, ()))


def _paste() -> None:
    shape = network_link.current().input_shape
    st.markdown(
        "An `nn.Sequential(...)` for pictures of the shape in the table, "
        f"{format_shape(shape)}, or JSON that this page wrote. It is read, never executed."
    )
    st.text_area(
        "Text",
        key=_PASTED,
        height=220,
        max_chars=network_link.MAX_FILE_LENGTH,
        placeholder=EXAMPLE,
        help="Layers with plain numbers; import lines and comments are passed over.",
    )
    st.button("Read it", key="c_read", on_click=_read, type="primary", help="Puts it in the table")
    if _REFUSED in st.session_state:
        messages.error(st.session_state[_REFUSED])


def _read() -> None:
    """Put the pasted text in the table; what cannot be read leaves the table as it is and says why."""
    text = st.session_state[_PASTED] or ""
    st.session_state.pop(_REFUSED, None)
    try:
        if text.lstrip().startswith("{"):
            network_link.keep(network_link.from_file(text))
        else:
            shape = network_link.current().input_shape
            network_link.keep(Stack(shape, parse(text, shape)))
    except (ParseError, LayerError, StackError) as error:
        message = str(error)
        st.session_state[_REFUSED] = message[0].upper() + message[1:]
