"""Export: the filtered picture, the kernel as a Python script, and a link to this page with its settings."""

import numpy as np
import streamlit as st

from core.images.filter_chain import Filter
from core.images.kernel_analysis import to_python
from core.images.rendering import to_png
from core.ui.display import image_colors
from core.ui.state import page_url
from core.ui.views.kernels import before_after, kernel_picker
from core.ui.widgets.download_button import download_button
from core.ui.widgets.picture_picker import PickedPicture


def show(chosen: PickedPicture, current: Filter) -> None:
    """Draw the download buttons, the script and the link."""
    response = before_after.respond(chosen, current)
    text = program(current)
    with st.container(horizontal=True):
        if response is not None:
            levels = image_colors.colored(response, kernel_picker.total(current), signed=current.is_signed).levels
            _button("Picture", to_png(levels), "filtered.png", "image/png", "The filtered picture as shown (PNG)")
        _button(
            "Kernel as Python",
            text,
            "kernel.py",
            "text/x-python",
            "A Python script that applies this kernel to a picture",
        )
    with st.expander("Python script", icon=":material/code:"):
        st.code(text, language="python")
    st.markdown("**Link to this page with its settings**")
    st.code(page_url.address(), language=None, wrap_lines=True)
    if chosen.key.startswith("own"):
        st.caption("The link does not contain a picture that you uploaded: it stays in this session.")


def program(current: Filter) -> str:
    """Return a Python script with a function `apply`; for a color filter, one function per channel and their sum."""
    texts = [
        to_python(np.array(grid), stride=current.stride, padding=current.padding, dilation=current.dilation)
        for grid in current.grids
    ]
    if len(texts) == 1:
        return texts[0]
    imports = texts[0][: texts[0].index("kernel = ")]
    parts = [
        text.removeprefix(imports).replace("kernel", f"{color}_kernel").replace("def apply(", f"def apply_{color}(")
        for color, text in zip(kernel_picker.PLANES, texts, strict=True)
    ]
    total = " + ".join(f"apply_{color}(image[:, :, {number}])" for number, color in enumerate(kernel_picker.PLANES))
    return f'''{imports}{"".join(f"{part}{chr(10) * 2}" for part in parts)}def apply(image):
    """Filter a color picture of floats (H, W, 3) with one 3-channel filter: (H', W')."""
    return {total}
'''


def _button(label: str, content: str | bytes, file: str, kind: str, help: str) -> None:
    download_button(label, content, file, kind, key=f"k_download_{label}", help=help)
