"""An uploaded picture has sides that a page can show: one that is a strip is refused."""

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest


def one_picture() -> None:
    import streamlit as st

    from core.images.pictures import PictureError
    from core.ui.state import page_state
    from core.ui.widgets import picture_picker

    page_state.begin("kernels", st.empty())
    try:
        chosen = picture_picker.uploaded("k_upload", "upload")
        st.text(f"{chosen.picture.shape[:2]}" if chosen else "nothing")
    except PictureError as refusal:
        st.text(f"refused: {refusal}")
    page_state.end()


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (160, 40, "(40, 160)"),  # 4 : 1 is the most
        (40, 160, "(160, 40)"),
        (161, 40, "refused: This picture is more than 4 times as wide as it is high"),
        (40, 161, "refused: This picture is more than 4 times as high as it is wide"),
        (20, 5000, "refused: This picture is more than 4 times as high"),
    ],
)
def test_an_upload_beyond_4_to_1_is_refused(width: int, height: int, shown: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    app = AppTest.from_function(one_picture).run()
    app.file_uploader[0].set_value(("strip.png", file.getvalue(), "image/png")).run()
    assert app.text[0].value.startswith(shown)
