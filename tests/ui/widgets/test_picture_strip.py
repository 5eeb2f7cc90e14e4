"""Pictures picked by looking: ten at a time, one of each class, and what a press changes."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.ui.components.picture_strip import SIDE, sprite
from core.ui.widgets.picture_strip import Tens


@pytest.mark.parametrize("classes", [1, 2, 3, 10, 12])
def test_ten_at_a_time_with_equally_many_of_each_class(classes: int) -> None:
    labels = np.random.default_rng(0).permutation(np.arange(600) % classes)
    tens = Tens(labels)
    ten = tens.around(17)
    assert 17 in ten
    counts = np.unique(labels[ten], return_counts=True)[1]
    assert len(set(counts)) == 1
    assert 9 <= sum(counts) <= 10
    seen = set(ten)
    index = 17
    for _ in range(5):
        index = tens.after(index)
        assert index in tens.around(index)
        assert not seen & set(tens.around(index))
        seen |= set(tens.around(index))


def test_another_ten_is_of_the_same_class_and_ends_where_it_began() -> None:
    labels = np.arange(40) % 10
    tens = Tens(labels)
    assert tens.around(13) == list(range(10, 20))
    assert [tens.after(index) for index in (3, 13, 23, 33)] == [13, 23, 33, 3]


def test_a_class_with_few_pictures_begins_again() -> None:
    tens = Tens(np.array([0, 0, 0, 1]))
    assert tens.around(0) == [0, 1, 2, 3]


def test_a_sprite_holds_the_squares_side_by_side() -> None:
    import io

    from PIL import Image

    gray, red = np.full((SIDE, SIDE), 90, np.uint8), np.full((SIDE, SIDE, 3), (200, 0, 0), np.uint8)
    picture = np.asarray(Image.open(io.BytesIO(sprite([gray, red]))))
    assert picture.shape == (SIDE, 2 * SIDE, 3)
    assert abs(picture[40, 40].astype(int) - 90).max() <= 3
    assert abs(picture[40, 120].astype(int) - (200, 0, 0)).max() <= 5


def page() -> None:
    import numpy as np
    import streamlit as st

    from core.data import DataError
    from core.ui.state import page_state
    from core.ui.state.settings import Settings
    from core.ui.widgets import picture_strip
    from core.ui.widgets.picture_strip import DatasetSource, Pictures

    def load() -> Pictures:
        if st.session_state.get("broken"):
            raise DataError("The pictures are gone. Bring them back.")
        st.session_state["loads"] = st.session_state.get("loads", 0) + 1
        return Pictures("fake", np.zeros((40, 1, 8, 8), np.uint8), np.arange(40) % 10, tuple("abcdefghij"))

    page_state.begin("kernels", st.empty())
    source = DatasetSource("fake", "Fakes", "k_image", load, waits=True)
    sources = {"fake": source}
    settings = Settings({"k_picture": "cat", "k_image": 0})
    st.button("thumbnail", on_click=picture_strip._pick, args=("k_picture", sources, "fake:13"))
    st.button("cat", on_click=picture_strip._pick, args=("k_picture", sources, "cat"))
    st.button("more", on_click=picture_strip._more, args=("k_picture", sources, "fake"))
    try:
        picked = picture_strip.pick(
            settings, "k_picture", stills=picture_strip.of_samples(), datasets=[source], help="Any"
        )
        st.text(f"{picked} {st.session_state.get('k_image')}")
    except DataError as error:
        st.text(str(error))
    page_state.end()


def test_a_press_changes_the_settings_and_the_link() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.text[0].value.startswith("cat")
    assert "loads" not in app.session_state  # nobody has opened that set
    app.button[0].click().run()
    assert app.text[0].value == "fake 13"
    assert {key: app.query_params[key] for key in ("k_picture", "k_image")} == {
        "k_picture": "fake",
        "k_image": "13",
    }
    app.button[2].click().run()
    assert app.text[0].value == "fake 23"
    app.button[1].click().run()
    assert app.text[0].value.startswith("cat")
    assert not app.query_params
    app.button[2].click().run()  # browsing changes nothing that is chosen
    assert app.text[0].value.startswith("cat")


@pytest.mark.parametrize(("linked", "used"), [("fake", "fake 5"), ("nothing", "cat None"), ("Cat", "cat None")])
def test_a_link_says_what_is_picked(linked: str, used: str) -> None:
    app = AppTest.from_function(page)
    app.query_params["k_picture"], app.query_params["k_image"] = linked, "5"
    assert app.run().text[0].value == used


def test_a_set_that_cannot_be_read_is_a_sentence_once_it_is_chosen() -> None:
    app = AppTest.from_function(page)
    app.session_state["broken"] = True
    app.query_params["k_picture"] = "fake"
    app.run()
    assert not app.exception
    assert app.text[0].value.startswith("The pictures are gone.")
